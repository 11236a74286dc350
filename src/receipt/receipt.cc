#include "receipt/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/json_quote.h"

namespace forebay {
namespace {

constexpr size_t kSearchBack = 64;  // runs checked one by one before a binary search

// Writes "[item,item,...]" or "{...}", each item on a line of its own when `indent` is not empty.
template <typename Items, typename WriteItem>
void WriteList(std::string* out, char open, char close, const std::string& indent, const Items& items,
               const WriteItem& write_item) {
  *out += open;
  bool first = true;
  for (const auto& item : items) {
    if (!first) *out += ',';
    first = false;
    *out += indent;
    write_item(item);
  }
  *out += close;
}

void WriteTable(std::string* out, const ReceiptTable& table) {
  auto append = std::back_inserter(*out);
  fmt::format_to(append, "{{\n   \"table\": {}, \"topic\": {}, \"topic_id\": {},\n   \"partitions\": ",
                 QuoteJson(table.table), QuoteJson(table.topic), QuoteJson(table.topic_id.base64()));
  WriteList(out, '[', ']', "\n    ", table.partitions, [&](const auto& entry) {
    fmt::format_to(append, "{{\"partition\": {}, \"records\": {}, \"acknowledged\": ", entry.first,
                   entry.second.records);
    WriteList(out, '[', ']', "", entry.second.acknowledged.runs(), [&](const OffsetRange& run) {
      fmt::format_to(append, "[{},{}]", run.from.value(), run.to.value());
    });
    *out += '}';
  });
  *out += ",\n   \"landed\": ";
  WriteList(out, '{', '}', "\n    ", table.landed, [&](const auto& entry) {
    fmt::format_to(append, "{}: {{\"rows\": {}, \"key_sum\": \"{:016x}\"}}", QuoteJson(entry.first),
                   entry.second.rows, entry.second.key_sum);
  });
  *out += ",\n   \"quarantined\": ";
  WriteList(out, '{', '}', "\n    ", table.quarantined, [&](const auto& entry) {
    fmt::format_to(append, "{}: {}", QuoteJson(entry.first), entry.second);
  });
  fmt::format_to(append, ",\n   \"tombstones\": {}, \"uncertain\": {}, \"failed\": {}}}", table.tombstones,
                 table.uncertain, table.failed);
}

}  // namespace

bool OffsetRuns::Add(Offset offset) {
  const Offset after(offset.value() + 1);
  if (!runs_.empty() && runs_.back().to == offset) {  // nearly always
    runs_.back().to = after;
    return true;
  }
  // The first run that ends at or after the offset; it is nearly always among the last few.
  auto it = runs_.end();
  for (size_t steps = 0; it != runs_.begin() && std::prev(it)->to >= offset; --it) {
    if (++steps > kSearchBack) {
      it = std::lower_bound(runs_.begin(), it, offset,
                            [](const OffsetRange& run, Offset o) { return run.to < o; });
      break;
    }
  }
  if (it != runs_.end() && it->to == offset) {
    it->to = after;
    const auto next = std::next(it);
    if (next != runs_.end() && next->from == after) {
      it->to = next->to;
      runs_.erase(next);
    }
    return true;
  }
  if (it != runs_.end() && it->from <= offset) return false;
  if (it != runs_.end() && it->from == after) {
    it->from = offset;
  } else {
    runs_.insert(it, {offset, after});
  }
  return true;
}

void OffsetRuns::Append(OffsetRange run) {
  FOREBAY_ASSERT(run.from < run.to && (runs_.empty() || runs_.back().to <= run.from));
  if (!runs_.empty() && runs_.back().to == run.from) {
    runs_.back().to = run.to;
  } else {
    runs_.push_back(run);
  }
}

bool OffsetRuns::Contains(Offset offset) const {
  const auto it = std::upper_bound(runs_.begin(), runs_.end(), offset,
                                   [](Offset o, const OffsetRange& run) { return o < run.to; });
  return it != runs_.end() && it->from <= offset;
}

int64_t OffsetRuns::count() const {
  int64_t count = 0;
  for (const OffsetRange& run : runs_) count += run.to.value() - run.from.value();
  return count;
}

std::string ReceiptToJson(const Receipt& receipt) {
  std::string out;
  fmt::format_to(
      std::back_inserter(out),
      "{{\n \"receipt_version\": 1,\n \"run\": {},\n \"producer\": {},\n \"seed\": {},\n \"source\": {},\n"
      " \"started_ms\": {},\n \"updated_ms\": {},\n \"state\": \"{}\",\n \"tables\": ",
      QuoteJson(receipt.run), QuoteJson(receipt.producer), receipt.seed, QuoteJson(receipt.source),
      receipt.started_ms, receipt.updated_ms,
      receipt.state == ReceiptState::kComplete ? "complete" : "running");
  WriteList(&out, '[', ']', "\n  ", receipt.tables,
            [&](const ReceiptTable& table) { WriteTable(&out, table); });
  return out + "\n}\n";
}

}  // namespace forebay
