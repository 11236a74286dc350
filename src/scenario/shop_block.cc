#include "scenario/shop_block.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace forebay {
namespace {

enum Purpose : uint64_t { kFaultPurpose = 0x666c74, kBlockPurpose = 0x626c6b, kSessionPurpose = 0x736573 };

constexpr uint32_t kLongestVisit = 18;  // clicks of a session without an order
constexpr uint32_t kLongestPurchase =
    22;  // clicks of one with an order: 4 products of at most 5 clicks, and checkout
constexpr uint32_t kMaxLines = 4;

// The slots of a block that repeat an earlier one, and their originals.
struct Repeats {
  std::vector<uint16_t> distance;  // by slot: distance to the original; 0 for an original
  uint32_t originals = 0;
};

Repeats FindRepeats(uint64_t seed, ShopTable table, uint64_t first, uint32_t count,
                    const FaultPicker& faults) {
  Repeats repeats{std::vector<uint16_t>(count), count};
  if (!faults.any_duplicates()) return repeats;
  const uint64_t farthest = table == ShopTable::kClicks ? 1000 : 25;
  // The first slot of a block is always an original: no slot precedes it.
  for (uint32_t slot = 1; slot < count; ++slot) {
    if (FaultOf(seed, table, first + slot, faults).kind != FaultKind::kDuplicate) continue;
    Random random(StreamKey(seed, kBlockPurpose + static_cast<uint64_t>(table) + 1, first + slot));
    repeats.distance[slot] = static_cast<uint16_t>(1 + random.Below(std::min<uint64_t>(farthest, slot)));
    --repeats.originals;
  }
  return repeats;
}

// The stable order of `keys`, by least-significant-digit radix sort, with as many passes as the greatest key
// needs.
std::vector<uint32_t> SortedOrder(const std::vector<uint64_t>& keys) {
  constexpr int kDigitBits = 11;
  constexpr uint64_t kDigits = uint64_t{1} << kDigitBits;
  std::vector<uint32_t> order(keys.size());
  std::vector<uint32_t> next(keys.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const uint64_t greatest = keys.empty() ? 0 : *std::max_element(keys.begin(), keys.end());
  for (int shift = 0; shift < 64 && greatest >> shift != 0; shift += kDigitBits) {
    std::array<uint32_t, kDigits + 1> begin{};
    for (const uint64_t key : keys) ++begin[((key >> shift) & (kDigits - 1)) + 1];
    for (size_t digit = 1; digit <= kDigits; ++digit) begin[digit] += begin[digit - 1];
    for (const uint32_t i : order) next[begin[(keys[i] >> shift) & (kDigits - 1)]++] = i;
    order.swap(next);
  }
  return order;
}

// Assigns originals to their slots in the order of time, and duplicates to the others.
template <typename Event>
std::vector<Event> FillSlots(const std::vector<Event>& events, int64_t first_ms, const Repeats& repeats) {
  std::vector<uint64_t> keys(events.size());
  for (size_t i = 0; i < events.size(); ++i) keys[i] = static_cast<uint64_t>(events[i].time_ms - first_ms);
  const std::vector<uint32_t> order = SortedOrder(keys);
  std::vector<Event> slots(repeats.distance.size());
  size_t next = 0;
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    if (repeats.distance[slot] != 0) {
      slots[slot] = slots[slot - repeats.distance[slot]];
    } else {
      slots[slot] = events[order[next++]];
      slots[slot].slot = static_cast<uint16_t>(slot);
    }
  }
  return slots;
}

class BlockMaker {
 public:
  BlockMaker(uint64_t seed, uint64_t number, const Catalog& catalog, const Timeline& timeline)
      : seed_(seed),
        first_click_(number * kClicksPerBlock),
        catalog_(catalog),
        timeline_(timeline),
        begin_ms_(timeline.TimeOf(first_click_)),
        end_ms_(timeline.TimeOf(first_click_ + kClicksPerBlock)) {}

  ShopBlock Make(const FaultPicker& faults, uint64_t first_order) {
    const Repeats clicks = FindRepeats(seed_, ShopTable::kClicks, first_click_, kClicksPerBlock, faults);
    const Repeats orders = FindRepeats(seed_, ShopTable::kOrders, first_order, kOrdersPerBlock, faults);
    click_count_ = clicks.originals;
    order_count_ = orders.originals;
    clicks_.reserve(click_count_);
    gaps_ms_.reserve(click_count_);
    orders_.reserve(order_count_);
    PlaceSessions();
    block_.clicks = FillSlots(clicks_, begin_ms_, clicks);
    block_.orders = FillSlots(orders_, begin_ms_, orders);
    return std::move(block_);
  }

 private:
  // Sessions begin one after the other, in the rhythm of the timeline. Buyers are spread evenly among the
  // visitors, so that any range of clicks has its share of orders.
  void PlaceSessions() {
    Random random(StreamKey(seed_, kBlockPurpose, first_click_));
    FOREBAY_ASSERT(uint64_t{order_count_} * kLongestPurchase <= click_count_);
    const uint32_t spacing = order_count_ == 0 ? 0 : click_count_ / order_count_;
    uint64_t due = order_count_ == 0 ? UINT64_MAX : random.Below(spacing);
    uint32_t bought = 0;
    while (clicks_.size() < click_count_) {
      Random own(StreamKey(seed_, kSessionPurpose, first_click_ + block_.sessions.size()));
      const uint64_t reserved = uint64_t{order_count_ - bought} * kLongestPurchase;
      const uint64_t left = click_count_ - clicks_.size();
      const size_t first = clicks_.size();
      const bool buys = bought < order_count_ && (first >= due || left <= reserved);
      if (buys) {
        Buy(own);
        ++bought;
        due = uint64_t{click_count_} * bought / std::max(order_count_, 1u) + random.Below(spacing);
      } else {
        Visit(own, static_cast<uint32_t>(std::min<uint64_t>(left - reserved, kLongestVisit)));
      }
      Schedule(first, buys, own);
    }
    FOREBAY_ASSERT(bought == order_count_);
  }

  // A visit without an order, of at most `most` clicks; some leave a cart behind.
  void Visit(Random& random, uint32_t most) {
    const uint32_t category = catalog_.PickCategory(random);
    EventType type = random.Percent(55) ? EventType::kSearch : EventType::kView;
    uint32_t product = 0;
    for (uint32_t count = 0; count < most; ++count) {
      if (type == EventType::kSearch) {
        AddSearch(category, random);
      } else if (type == EventType::kView) {
        product = AddView(category, random);
      } else {
        AddCart(product, random);
      }
      const uint64_t next = random.Below(100);
      switch (type) {
        case EventType::kSearch:
          if (next >= 90) return;
          type = next < 79 ? EventType::kView : EventType::kSearch;
          break;
        case EventType::kView:
          if (next >= 74) return;
          type = next < 49 ? EventType::kView : next < 63 ? EventType::kSearch : EventType::kCart;
          break;
        default:
          if (next >= 50) return;
          type = next < 40 ? EventType::kView : EventType::kSearch;
      }
    }
  }

  // Fills a cart and checks out: makes the clicks, and the order with its lines.
  void Buy(Random& random) {
    const uint32_t category = catalog_.PickCategory(random);
    const uint64_t size = random.Below(100);
    const uint32_t wanted = size < 58 ? 1 : size < 84 ? 2 : size < 95 ? 3 : kMaxLines;
    Order order{};
    order.first_line = static_cast<uint32_t>(block_.lines.size());
    for (uint32_t i = 0; i < wanted; ++i) {
      if (random.Percent(i == 0 ? 72 : 45)) AddSearch(category, random);
      uint32_t product = AddView(category, random);
      if (random.Percent(38)) product = AddView(category, random);
      if (random.Percent(14)) product = AddView(category, random);
      if (HasLine(order.first_line, product)) continue;  // viewed again
      const uint8_t quantity = AddCart(product, random);
      block_.lines.push_back({static_cast<uint16_t>(product), quantity});
    }
    AddClick(EventType::kCheckout, random);
    order.line_count = static_cast<uint8_t>(block_.lines.size() - order.first_line);
    orders_.push_back(order);
  }

  bool HasLine(uint32_t first_line, uint32_t product) const {
    return std::any_of(block_.lines.begin() + first_line, block_.lines.end(),
                       [product](const OrderLine& line) { return line.product == product; });
  }

  Click& AddClick(EventType type, Random& random) {
    // Seconds between most clicks; minutes when the visitor reads or is interrupted.
    const uint64_t mood = random.Below(100);
    const auto think_ms = mood < 50   ? random.Between(1'500, 12'000)
                          : mood < 88 ? random.Between(8'000, 45'000)
                                      : random.Between(40'000, 240'000);
    gaps_ms_.push_back(static_cast<uint32_t>(think_ms));
    Click& click = clicks_.emplace_back();
    click.type = type;
    return click;
  }

  void AddSearch(uint32_t category, Random& random) {
    Click& click = AddClick(EventType::kSearch, random);
    click.category = static_cast<uint8_t>(category);
    click.query = PickSearchQuery(category, random);
  }

  // Most products viewed are from the session's category.
  uint32_t AddView(uint32_t category, Random& random) {
    const uint32_t from = random.Percent(82) ? category : catalog_.PickCategory(random);
    const uint32_t product = catalog_.PickProduct(from, random);
    Click& click = AddClick(EventType::kView, random);
    click.product = static_cast<uint16_t>(product);
    click.category = static_cast<uint8_t>(from);
    return product;
  }

  uint8_t AddCart(uint32_t product, Random& random) {
    Click& click = AddClick(EventType::kCart, random);
    const uint64_t many = random.Below(100);
    click.product = static_cast<uint16_t>(product);
    click.category = catalog_.product(product).category;
    click.quantity = static_cast<uint8_t>(many < 76   ? 1
                                          : many < 93 ? 2
                                          : many < 98 ? 3
                                                      : random.Between(4, 6));
    return click.quantity;
  }

  // Sets the times and the user of the session that begins at clicks_[first].
  void Schedule(size_t first, bool buys, Random& random) {
    int64_t start_ms = timeline_.TimeOf(first_click_ + uint64_t{first} * kClicksPerBlock / click_count_);
    int64_t length_ms = 0;
    for (size_t i = first + 1; i < clicks_.size(); ++i) length_ms += gaps_ms_[i];
    // Blocks do not overlap: a session that would reach into the next one begins earlier. In blocks of a few
    // minutes, long sessions are compressed, so that they do not all begin at once.
    const int64_t fits_ms = std::min(timeline_.longest_session_ms(), (end_ms_ - begin_ms_) / 3);
    const int64_t kept_ms = std::min(length_ms, fits_ms);
    const int64_t latest_ms = std::max(end_ms_ - 1 - kept_ms, begin_ms_);
    if (start_ms > latest_ms) {
      const int64_t play_ms = std::min(latest_ms - begin_ms_, kept_ms);
      start_ms = latest_ms - random.Between(0, play_ms);
    }
    const auto session = static_cast<uint16_t>(block_.sessions.size());
    int64_t elapsed_ms = 0;
    for (size_t i = first; i < clicks_.size(); ++i) {
      if (i > first) elapsed_ms += gaps_ms_[i];
      clicks_[i].time_ms = start_ms + (kept_ms == length_ms ? elapsed_ms : elapsed_ms * kept_ms / length_ms);
      clicks_[i].session = session;
    }
    if (buys) {
      const int64_t checkout_ms = clicks_.back().time_ms;
      orders_.back().session = session;
      orders_.back().time_ms =
          std::max(checkout_ms, std::min(checkout_ms + random.Between(150, kLongestCheckoutMs), end_ms_ - 1));
    }
    block_.sessions.push_back(Visitor(start_ms, random));
  }

  // Draws a visitor for this time: a user for whom the hour is likely, if a few draws find one.
  ShopSession Visitor(int64_t start_ms, Random& random) const {
    constexpr int kDraws = 4;
    ShopSession session{};
    UserProfile profile{};
    for (int draw = 0; draw < kDraws; ++draw) {
      session.user = catalog_.PickUser(random);
      profile = ProfileOf(seed_, session.user);
      const int64_t hour = start_ms / kMillisPerHour + kCountries[profile.country].utc_offset_hours;
      if (random.Below(kBusiestHour) < LocalHourWeight(static_cast<int>(hour % 24))) break;
    }
    session.country = profile.country;
    session.device = profile.device;
    if (random.Percent(20)) {
      session.device = profile.device == Device::kMobile ? Device::kDesktop : Device::kMobile;
    }
    return session;
  }

  const uint64_t seed_;
  const uint64_t first_click_;
  const Catalog& catalog_;
  const Timeline& timeline_;
  const int64_t begin_ms_;
  const int64_t end_ms_;
  uint32_t click_count_ = 0;  // originals
  uint32_t order_count_ = 0;
  ShopBlock block_;
  std::vector<Click> clicks_;      // by session; slots are assigned at the end
  std::vector<uint32_t> gaps_ms_;  // the pause before each click
  std::vector<Order> orders_;
};

}  // namespace

ShopBlock MakeBlock(uint64_t seed, uint64_t number, const Catalog& catalog, const Timeline& timeline,
                    const FaultPicker& faults) {
  return BlockMaker(seed, number, catalog, timeline).Make(faults, number * kOrdersPerBlock);
}

Fault FaultOf(uint64_t seed, ShopTable table, uint64_t sequence, const FaultPicker& faults) {
  if (!faults.any()) return {};
  return faults.Pick(StreamKey(seed, kFaultPurpose + static_cast<uint64_t>(table), sequence));
}

}  // namespace forebay
