#include "decode/row_finisher.h"

#include <fmt/format.h>

#include <utility>

#include "base/row_hash.h"
#include "base/time.h"

namespace forebay {
namespace {

// Exact, and computed without a product that could overflow: a contract may set any limit.
bool IsLonger(int64_t micros, int64_t limit_ms) {
  return micros / 1000 > limit_ms || (micros / 1000 == limit_ms && micros % 1000 > 0);
}

}  // namespace

RowFinisher::RowFinisher(const SchemaTree& schema, PartitionIndex partitions)
    : schema_(schema), table_(*schema.table), partitions_(std::move(partitions)) {}

void RowFinisher::Finish(const RecordView& record, int64_t now_ms, RowBuilder& row, RowRun::Row* out) {
  const int64_t kafka_ms = record.timestamp_ms >= 0 ? record.timestamp_ms : now_ms;
  if (table_.event_time && !CheckEventTime(kafka_ms, row, &out->event_time_micros)) return;
  if (!FindPartition(row, &out->directory)) return;
  out->key_hash = HashKey(record, row);
}

bool RowFinisher::CheckEventTime(int64_t kafka_ms, RowBuilder& row, int64_t* event_time_micros) const {
  const Field& field = table_.fields[*table_.event_time];
  const int64_t value = SlotOf(row, *table_.event_time).as_int();
  const int64_t micros = field.type == FieldType::kDate ? value * kMicrosPerDay : value;
  *event_time_micros = micros;
  const int64_t ahead = micros - kafka_ms * 1000;
  if (!IsLonger(ahead, table_.max_ahead_ms) &&
      (!table_.max_behind_ms || !IsLonger(-ahead, *table_.max_behind_ms))) [[likely]] {
    return true;
  }
  const FieldPath path{nullptr, field.name};
  row.RejectField(Reason::kBadTimestamp, &path,
                  fmt::format("{} is too far {} the Kafka timestamp {}", FormatTimestamp(micros),
                              ahead > 0 ? "ahead of" : "behind", FormatTimestamp(kafka_ms * 1000)));
  return false;
}

bool RowFinisher::FindPartition(RowBuilder& row, uint32_t* directory) {
  partition_values_.clear();
  for (const PartitionDimension& dimension : table_.dimensions) {
    partition_values_.push_back(&SlotOf(row, dimension.source));
  }
  *directory = partitions_.Find(partition_values_);
  if (*directory != PartitionIndex::kRefused) [[likely]]
    return true;
  const size_t refused = table_.dimensions[partitions_.refused_dimension()].source;
  const FieldPath path{nullptr, table_.fields[refused].name};
  row.RejectField(Reason::kOutOfRange, &path, "the value cannot name a partition directory");
  return false;
}

uint64_t RowFinisher::HashKey(const RecordView& record, const RowBuilder& row) const {
  if (table_.primary_key.empty()) return HashPosition(record.partition, record.offset);
  RowHasher hasher;
  for (const size_t field : table_.primary_key) {
    const Slot& slot = SlotOf(row, field);
    if (slot.is_null()) {
      hasher.AddNull();
      continue;
    }
    switch (table_.fields[field].type) {
      case FieldType::kString:
      case FieldType::kJson:
        hasher.AddBytes(slot.as_string());
        break;
      case FieldType::kDecimal:
        hasher.AddInt128(slot.as_decimal());
        break;
      case FieldType::kNumber:
        hasher.AddDouble(slot.as_double());
        break;
      default:
        hasher.AddInt64(slot.as_int());
        break;
    }
  }
  return hasher.Finish();
}

}  // namespace forebay
