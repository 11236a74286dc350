// A block: 64,000 clicks and 1,600 orders that are made together, so that orders follow from carts. A pure
// function of the options and the block's number.
//
// Sessions never leave their block. A block is the cost of random access: to read one record, a caller makes
// the whole block, and then keeps it for the next records.
#pragma once

#include <cstdint>
#include <vector>

#include "scenario/catalog.h"
#include "scenario/faults.h"
#include "scenario/timeline.h"

namespace forebay {

inline constexpr uint32_t kClicksPerBlock = 64'000;
inline constexpr uint32_t kOrdersPerBlock = 1'600;
inline constexpr uint32_t kClicksPerOrder = kClicksPerBlock / kOrdersPerBlock;

enum class ShopTable : uint8_t { kClicks, kOrders };

enum class EventType : uint8_t { kSearch, kView, kCart, kCheckout };

struct ShopSession {
  uint32_t user;
  uint8_t country;
  Device device;
};

struct Click {
  int64_t time_ms;
  uint16_t slot;      // identifies the record: sequence minus the block's first; a duplicate has another's
  uint16_t session;   // index into ShopBlock::sessions
  uint16_t product;   // kView, kCart
  SearchQuery query;  // kSearch
  EventType type;
  uint8_t category;  // of the product or the search; unused for kCheckout
  uint8_t quantity;  // kCart
};

struct OrderLine {
  uint16_t product;
  uint8_t quantity;
};

struct Order {
  int64_t time_ms;
  uint32_t first_line;  // index into ShopBlock::lines
  uint16_t slot;        // as Click::slot
  uint16_t session;
  uint8_t line_count;  // 1..4, all different products
};

// INVARIANTS: kClicksPerBlock clicks and kOrdersPerBlock orders. Each list is in the order of time, except
// for duplicates, which repeat an earlier record of the block. Every order has its checkout click, and its
// lines are that session's cart clicks.
struct ShopBlock {
  std::vector<ShopSession> sessions;
  std::vector<Click> clicks;
  std::vector<Order> orders;
  std::vector<OrderLine> lines;
};

// REQUIRES: timeline.Reaches((number + 1) * kClicksPerBlock).
ShopBlock MakeBlock(uint64_t seed, uint64_t number, const Catalog& catalog, const Timeline& timeline,
                    const FaultPicker& faults);

// The fault of the record with the identity (table, sequence).
Fault FaultOf(uint64_t seed, ShopTable table, uint64_t sequence, const FaultPicker& faults);

}  // namespace forebay
