#include "receipt/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/row_hash.h"
#include "report/json_writer.h"

namespace forebay {
namespace {

constexpr size_t kSearchBack = 64;  // runs checked one by one before a binary search

void WriteRuns(const char* key, const OffsetRuns& runs, JsonWriter& json) {
  json.Key(key).OpenArray(JsonLayout::kOneLine);
  for (const OffsetRange& run : runs.runs())
    json.OpenArray().Value(run.from.value()).Value(run.to.value()).Close();
  json.Close();
}

void WritePartition(int32_t number, const ReceiptPartition& partition, JsonWriter& json) {
  json.OpenObject(JsonLayout::kOneLine)
      .Member("partition", number)
      .Member("beginning", partition.beginning.value())
      .Member("records", partition.records);
  WriteRuns("acknowledged", partition.acknowledged, json);
  json.Close();
}

const char* StateName(ReceiptState state) {
  switch (state) {
    case ReceiptState::kRunning:
      return "running";
    case ReceiptState::kPartial:
      return "partial";
    case ReceiptState::kComplete:
      break;
  }
  return "complete";
}

void WriteTable(const ReceiptTable& table, JsonWriter& json) {
  json.OpenObject()
      .Member("table", table.table)
      .Member("topic", table.topic)
      .Member("topic_id", table.topic_id.base64());
  json.Key("partitions").OpenArray();
  for (const auto& [number, partition] : table.partitions) WritePartition(number, partition, json);
  json.Close();
  WriteRuns("sequences", table.sequences, json);
  json.Key("sent_sum").Hex(table.sent_sum);
  json.Key("landed").OpenObject();
  for (const auto& [directory, rows] : table.landed) {
    json.Key(directory).OpenObject(JsonLayout::kOneLine).Member("rows", rows.rows);
    json.Key("key_sum").Hex(rows.key_sum).Close();
  }
  json.Close().Key("quarantined").OpenObject();
  for (const auto& [reason, records] : table.quarantined) json.Member(reason, records);
  json.Close()
      .Member("tombstones", table.tombstones)
      .Member("uncertain", table.uncertain)
      .Member("failed", table.failed)
      .Close();
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

uint64_t HashSent(uint64_t sequence, std::string_view value) {
  return XXH3_64bits_withSeed(value.data(), value.size(), sequence);
}

std::string ReceiptToJson(const Receipt& receipt) {
  JsonWriter json;
  json.OpenObject()
      .Member("receipt_version", 2)
      .Member("run", receipt.run)
      .Member("contract", receipt.contract_hash)
      .Member("producer", receipt.producer)
      .Member("seed", receipt.seed)
      .Member("source", receipt.source)
      .Member("started_ms", receipt.started_ms)
      .Member("updated_ms", receipt.updated_ms)
      .Member("state", StateName(receipt.state));
  json.Key("tables").OpenArray();
  for (const ReceiptTable& table : receipt.tables) WriteTable(table, json);
  json.Close().Close();
  return json.text() + "\n";
}

}  // namespace forebay
