#include "scenario/scenario.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

#include "base/row_hash.h"
#include "base/time.h"
#include "contract/field_place.h"
#include "partition/directory.h"
#include "scenario/corrupt.h"
#include "scenario/record_writer.h"
#include "scenario/shop_block.h"

namespace forebay {
namespace {

enum Purpose : uint64_t { kMovePurpose = 0x6d6f76, kBreakPurpose = 0x62726b };

constexpr uint64_t kMaxSequences = uint64_t{1} << 56;
constexpr int64_t kFirstStartMs = 365 * kMillisPerDay;  // 1971-01-01
constexpr int64_t kShortestSpanMs = 1000;

Result<ShopTable> FindShopTable(std::string_view table) {
  if (table == ShopScenario::kClicks) return ShopTable::kClicks;
  if (table == ShopScenario::kOrders) return ShopTable::kOrders;
  return InvalidArgumentError("the shop scenario makes clicks and orders, not '" + std::string(table) +
                              "'; use `forebay produce --table T --from FILE` for other tables");
}

Timeline MakeTimeline(const ScenarioOptions& options) {
  return options.event_span_ms == 0
             ? Timeline::AtRate(options.event_start_ms, options.clicks_per_1000_seconds)
             : Timeline::OverSpan(options.event_start_ms, options.event_span_ms, options.clicks);
}

Status Validate(const ScenarioOptions& options) {
  FOREBAY_TRY(options.faults.Validate());
  if (options.event_start_ms < kFirstStartMs || options.event_start_ms >= kLastEventMs) {
    return InvalidArgumentError("the scenario's event time must begin in the years 1971 to 8999");
  }
  if (options.event_span_ms == 0) {
    constexpr uint64_t kMaxClicksPer1000Seconds = 1'000'000'000'000;
    if (options.clicks_per_1000_seconds == 0 || options.clicks_per_1000_seconds > kMaxClicksPer1000Seconds) {
      return InvalidArgumentError(
          "the scenario's event rate must be between 0.001 and 1000000000 clicks a second");
    }
    return Ok();
  }
  if (options.event_span_ms < kShortestSpanMs)
    return InvalidArgumentError("the scenario's event span must be at least 1s");
  if (options.event_span_ms > kLastEventMs - options.event_start_ms) {
    return InvalidArgumentError(
        "the scenario's event span reaches beyond the year 8999; ask for a shorter one");
  }
  if (options.clicks == 0)
    return InvalidArgumentError("an event span needs the number of records that it is spread over");
  return Ok();
}

}  // namespace

class ShopScenario::Impl {
 public:
  explicit Impl(const ScenarioOptions& options)
      : options_(options), timeline_(MakeTimeline(options)), faults_(options.faults) {}

  const ScenarioOptions& options() const { return options_; }

  Status Generate(ShopTable table, uint64_t from, uint64_t to, RecordBlock* out) const {
    if (from > to) return InvalidArgumentError("the range of sequences ends before it begins");
    if (from == to) return Ok();
    const uint64_t per_block = table == ShopTable::kClicks ? kClicksPerBlock : kOrdersPerBlock;
    const uint64_t last_block = (to - 1) / per_block;
    if (to > kMaxSequences || !timeline_.Reaches((last_block + 1) * kClicksPerBlock)) {
      return InvalidArgumentError(
          "sequence " + std::to_string(to - 1) +
          " of the scenario lies beyond the year 8999; raise the event rate or make fewer records");
    }
    for (uint64_t number = from / per_block; number <= last_block; ++number) {
      const std::shared_ptr<const ShopBlock> block = BlockAt(number);
      const uint64_t first = number * per_block;
      WriteRange(table, *block, number, std::max(from, first) - first, std::min(to - first, per_block), out);
    }
    return Ok();
  }

  int64_t LatestEventMs(uint64_t clicks) const {
    if (options_.event_span_ms != 0 && clicks <= options_.clicks) return SpanEndMs() - 1;
    const uint64_t block_end = (clicks / kClicksPerBlock + 1) * kClicksPerBlock;
    if (clicks > kMaxSequences || !timeline_.Reaches(block_end)) return kLastEventMs;
    // Duplicates shift the events between them.
    if (faults_.any_duplicates()) return timeline_.TimeOf(block_end);
    // The last order's session may begin a few clicks later.
    return std::min(
        timeline_.TimeOf(clicks + kClicksPerOrder) + timeline_.longest_session_ms() + kLongestCheckoutMs,
        timeline_.TimeOf(block_end));
  }

 private:
  // Writes slots [from, to) of one block as records.
  void WriteRange(ShopTable table, const ShopBlock& block, uint64_t number, uint64_t from, uint64_t to,
                  RecordBlock* out) const;

  int64_t SpanEndMs() const { return options_.event_start_ms + options_.event_span_ms; }

  std::shared_ptr<const ShopBlock> BlockAt(uint64_t number) const {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (const auto& [cached, block] : cache_) {
        if (cached == number) return block;
      }
    }
    // Made outside the lock: two threads may make the same block, with the same result.
    auto block =
        std::make_shared<const ShopBlock>(MakeBlock(options_.seed, number, catalog_, timeline_, faults_));
    const std::lock_guard<std::mutex> lock(mutex_);
    cache_.emplace_front(number, block);
    if (cache_.size() > kCachedBlocks) cache_.pop_back();
    return block;
  }

  // Several threads read clicks and orders of a run from the same blocks, at about the same pace.
  static constexpr size_t kCachedBlocks = 4;

  const ScenarioOptions options_;
  const Timeline timeline_;
  const FaultPicker faults_;
  const Catalog catalog_;
  mutable std::mutex mutex_;
  mutable std::deque<std::pair<uint64_t, std::shared_ptr<const ShopBlock>>> cache_;  // newest first
};

namespace {

// Number of the table's records within the span; 0 without a span.
uint64_t SpreadOver(ShopTable table, const ScenarioOptions& options) {
  if (options.event_span_ms == 0) return 0;
  return table == ShopTable::kClicks ? options.clicks : ShopScenario::OrdersForClicks(options.clicks);
}

// Writes the records of one block in order.
class RangeWriter {
 public:
  RangeWriter(ShopTable table, const BlockText& text, uint64_t number, const ScenarioOptions& options,
              const FaultPicker& faults, RecordBlock* out)
      : table_(table),
        text_(text),
        first_(number * (table == ShopTable::kClicks ? kClicksPerBlock : kOrdersPerBlock)),
        in_span_(SpreadOver(table, options)),
        span_end_ms_(options.event_start_ms + options.event_span_ms),
        faults_(faults),
        out_(out) {}

  template <typename Event>
  void Write(const Event& event, uint64_t sequence) {
    const uint64_t name = first_ + event.slot;  // the sequence, unless the record is a duplicate
    const int64_t latest_ms = name < in_span_ ? span_end_ms_ - 1 : kLastEventMs;
    const Fault fault = FaultOf(text_.seed, table_, name, faults_);
    const int64_t time_ms = std::min(event.time_ms, latest_ms) - MovedBackMs(fault.kind, name);
    const uint64_t id =
        IdOf(text_.seed, table_ == ShopTable::kClicks ? IdSpace::kClicks : IdSpace::kOrders, name);
    char* const begin = buffer_;
    size_t value_size = WriteEvent(event, id, time_ms, begin);
    const bool plain = fault.kind != FaultKind::kExtra && fault.kind != FaultKind::kMalformed;
    if (plain) {
      out_->bytes().append(begin, kKeySize + value_size);
    } else {
      value_.assign(begin + kKeySize, value_size);
      const Random random(StreamKey(text_.seed, kBreakPurpose + static_cast<uint64_t>(table_), name));
      if (fault.kind == FaultKind::kExtra) {
        AddExtraMembers(random, &value_);
      } else {
        Corrupt(table_, fault.reason, random, &value_);
      }
      out_->bytes().append(begin, kKeySize).append(value_);
      value_size = value_.size();
    }
    if (fault.kind == FaultKind::kMalformed) {
      out_->Add(kKeySize, value_size, sequence, fault.reason, 0, 0);
    } else {
      out_->Add(kKeySize, value_size, sequence, std::nullopt, PartitionOf(time_ms), KeyHash(id));
    }
  }

 private:
  size_t WriteEvent(const Click& click, uint64_t id, int64_t time_ms, char* begin) {
    return WriteClick(text_, click, id, time_ms, times_, begin);
  }
  size_t WriteEvent(const Order& order, uint64_t id, int64_t time_ms, char* begin) {
    return WriteOrder(text_, order, id, time_ms, times_, begin);
  }

  int64_t MovedBackMs(FaultKind kind, uint64_t name) const {
    if (kind != FaultKind::kLate && kind != FaultKind::kOutOfOrder) return 0;
    Random random(StreamKey(text_.seed, kMovePurpose + static_cast<uint64_t>(table_), name));
    return kind == FaultKind::kLate ? random.Between(kMillisPerHour, 72 * kMillisPerHour)
                                    : random.Between(1'000, 600'000);
  }

  static uint64_t KeyHash(uint64_t id) {
    char text[kIdSize];
    TextWriter(text).Hex(id);
    RowHasher hasher;
    hasher.AddBytes({text, kIdSize});
    return hasher.Finish();
  }

  // The block's index for "date=..." of the day last written.
  uint32_t PartitionOf(int64_t time_ms) {
    const int32_t day = DayOfMillis(time_ms);
    if (day != partition_day_) {
      partition_day_ = day;
      partition_ = out_->InternPartition(DateDirectory(day));
    }
    return partition_;
  }

  const ShopTable table_;
  const BlockText& text_;
  const uint64_t first_;
  const uint64_t in_span_;
  const int64_t span_end_ms_;
  const FaultPicker& faults_;
  RecordBlock* const out_;
  TimeWriter times_;
  int32_t partition_day_ = INT32_MIN;
  uint32_t partition_ = 0;
  std::string value_;  // buffer for editing faulty records
  char buffer_[kKeySize + kMaxRecordBytes];
};

}  // namespace

void ShopScenario::Impl::WriteRange(ShopTable table, const ShopBlock& block, uint64_t number, uint64_t from,
                                    uint64_t to, RecordBlock* out) const {
  const BlockText text{options_.seed, number * kClicksPerBlock, options_.event_start_ms, &catalog_, &block};
  RangeWriter writer(table, text, number, options_, faults_, out);
  if (table == ShopTable::kClicks) {
    for (uint64_t slot = from; slot < to; ++slot)
      writer.Write(block.clicks[slot], number * kClicksPerBlock + slot);
  } else {
    for (uint64_t slot = from; slot < to; ++slot)
      writer.Write(block.orders[slot], number * kOrdersPerBlock + slot);
  }
}

Result<ShopScenario> ShopScenario::Create(const ScenarioOptions& options) {
  FOREBAY_TRY(Validate(options));
  return ShopScenario(std::make_unique<const Impl>(options));
}

ShopScenario::ShopScenario(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
ShopScenario::ShopScenario(ShopScenario&&) noexcept = default;
ShopScenario& ShopScenario::operator=(ShopScenario&&) noexcept = default;
ShopScenario::~ShopScenario() = default;

Status ShopScenario::Generate(std::string_view table, uint64_t from, uint64_t to, RecordBlock* out) const {
  FOREBAY_ASSIGN(const ShopTable shop_table, FindShopTable(table));
  return impl_->Generate(shop_table, from, to, out);
}

Result<uint64_t> ShopScenario::CountFor(std::string_view table, uint64_t clicks) {
  FOREBAY_ASSIGN(const ShopTable shop_table, FindShopTable(table));
  return shop_table == ShopTable::kClicks ? clicks : OrdersForClicks(clicks);
}

uint64_t ShopScenario::OrdersForClicks(uint64_t clicks) {
  return clicks / kClicksPerOrder;
}
uint64_t ShopScenario::ClicksForOrders(uint64_t orders) {
  return orders * kClicksPerOrder;
}

int64_t ShopScenario::LatestEventMs(uint64_t clicks) const {
  return impl_->LatestEventMs(clicks);
}

Status ShopScenario::CheckTable(const Table& table) {
  FOREBAY_ASSIGN(const ShopTable shop_table, FindShopTable(table.name));
  const bool clicks = shop_table == ShopTable::kClicks;
  const std::string id = clicks ? "event_id" : "order_id";
  const std::string time = clicks ? "event_time" : "order_time";
  const auto is = [&table](const FieldPlace& place, const std::string& name) {
    return PathAt(table, place) == name;
  };
  const bool fits = table.primary_key.size() == 1 && is(table.primary_key[0], id) && table.key &&
                    is(*table.key, "user_id") && table.event_time && is(*table.event_time, time) &&
                    table.dimensions.size() == 1 && table.dimensions[0].name == "date" &&
                    table.dimensions[0].transform == PartitionTransform::kDate &&
                    table.dimensions[0].time_zone.empty() && is(table.dimensions[0].source, time);
  if (fits) return Ok();
  return InvalidArgumentError("the contract's table '" + table.name +
                              "' is not the shop scenario's: that has the primary key " + id +
                              ", the Kafka key user_id, the event time " + time + " and the partition date(" +
                              time + "); use `forebay produce --table T --from FILE` for other tables");
}

const ScenarioOptions& ShopScenario::options() const {
  return impl_->options();
}

}  // namespace forebay
