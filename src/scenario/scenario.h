// The shop scenario: seeded, realistic traffic of an online shop, as records of the tables `clicks` and
// `orders`.
//
// A pure function of (options, table, sequence): the same options give the same bytes on any machine, and any
// range of sequences can be made without its predecessors. docs/scenario.md describes the shop.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "contract/contract.h"
#include "scenario/faults.h"
#include "scenario/records.h"

namespace forebay {

inline constexpr int64_t kDefaultEventStartMs = 1'740'960'000'000;  // 2025-03-03T00:00:00Z, a Monday
inline constexpr uint64_t kDefaultClicksPer1000Seconds = 2000;      // 172,800 clicks a day

struct ScenarioOptions {
  uint64_t seed = 1;

  // Start of event time: milliseconds since 1970-01-01 UTC.
  int64_t event_start_ms = kDefaultEventStartMs;
  // With a span, the first `clicks` clicks and their orders lie in [start, start + span), and later ones
  // continue with the same density. Without one (0), the average density is `clicks_per_1000_seconds`.
  int64_t event_span_ms = 0;
  uint64_t clicks = 0;
  uint64_t clicks_per_1000_seconds = kDefaultClicksPer1000Seconds;

  FaultRates faults;
};

// Immutable after Create, except for a small cache of blocks behind a mutex: all const functions are
// thread-safe. Movable. Results do not depend on instance, thread or order of calls.
class ShopScenario {
 public:
  static constexpr std::string_view kClicks = "clicks";
  static constexpr std::string_view kOrders = "orders";

  // kInvalidArgument when options contradict each other, or event times would leave the years 1971 to 9000.
  static Result<ShopScenario> Create(const ScenarioOptions& options);
  ShopScenario(ShopScenario&&) noexcept;
  ShopScenario& operator=(ShopScenario&&) noexcept;
  ~ShopScenario();

  // Appends the records [from, to) of `table` to `out`. kInvalidArgument for an unknown table, for from > to,
  // or for a range whose event times leave the year 9000. Fastest with thousands of records a call.
  Status Generate(std::string_view table, uint64_t from, uint64_t to, RecordBlock* out) const;

  // Number of records of `table` that belong to the first `clicks` clicks: all of them, or OrdersForClicks.
  // kInvalidArgument for an unknown table.
  static Result<uint64_t> CountFor(std::string_view table, uint64_t clicks);
  static uint64_t OrdersForClicks(uint64_t clicks);
  // The fewest clicks to which `orders` orders belong.
  static uint64_t ClicksForOrders(uint64_t orders);

  // Upper bound of the event times of the first `clicks` clicks and their orders (milliseconds since
  // 1970-01-01 UTC), except those of bad_timestamp faults. For callers that must not produce events from the
  // future.
  int64_t LatestEventMs(uint64_t clicks) const;

  // Checks that the scenario's records fit this table. kInvalidArgument for a name unknown to the shop, or
  // when key, primary key, event time or partition dimension differ from the shop's: expectations would be
  // wrong then.
  static Status CheckTable(const Table& table);

  const ScenarioOptions& options() const;

 private:
  class Impl;
  explicit ShopScenario(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace forebay
