#include "decode/row_finisher.h"

#include <fmt/format.h>

#include <utility>

#include "base/row_hash.h"
#include "base/time.h"
#include "contract/field_place.h"

namespace forebay {
namespace {

// Exact, and computed without a product that could overflow: a contract may set any limit.
bool IsLonger(int64_t micros, int64_t limit_ms) {
  return micros / 1000 > limit_ms || (micros / 1000 == limit_ms && micros % 1000 > 0);
}

}  // namespace

RowFinisher::RowFinisher(const SchemaTree& schema, PartitionIndex partitions)
    : schema_(schema), table_(*schema.table), partitions_(std::move(partitions)) {
  if (table_.event_time) event_time_ = Compile(*table_.event_time);
  for (const FieldPlace& place : table_.primary_key) primary_key_.push_back(Compile(place));
  for (const PartitionDimension& dimension : table_.dimensions)
    dimensions_.push_back(Compile(dimension.source));
}

RowFinisher::Place RowFinisher::Compile(const FieldPlace& place) const {
  Place compiled{&FieldAt(table_, place), {}, PathAt(table_, place)};
  const SchemaNode* node = schema_.root.get();
  for (const size_t index : place) {
    node = &node->children[index];
    compiled.nodes.push_back(node->index);
  }
  return compiled;
}

const Slot& RowFinisher::SlotOf(const RowBuilder& row, const Place& place) const {
  if (place.nodes.empty()) return kafka_timestamp_;
  for (size_t i = 0; i + 1 < place.nodes.size(); ++i) {
    if (row.last_slot(place.nodes[i]).is_null()) return absent_;
  }
  return row.last_slot(place.nodes.back());
}

void RowFinisher::Finish(const RecordView& record, int64_t now_ms, RowBuilder& row, RowRun::Row* out) {
  const int64_t kafka_ms = record.timestamp_ms >= 0 ? record.timestamp_ms : now_ms;
  kafka_timestamp_ = record.timestamp_ms >= 0 ? Slot::Int(record.timestamp_ms * 1000) : Slot::Null();
  if (event_time_ && !CheckEventTime(kafka_ms, row, &out->event_time_micros)) return;
  if (!FindPartition(row, &out->directory)) return;
  out->key_hash = HashKey(record, row);
}

bool RowFinisher::CheckEventTime(int64_t kafka_ms, RowBuilder& row,
                                 std::optional<int64_t>* event_time_micros) const {
  const Slot& slot = SlotOf(row, *event_time_);
  if (slot.is_null()) [[unlikely]] {
    event_time_micros->reset();
    return true;
  }
  const int64_t micros =
      event_time_->field->type == FieldType::kDate ? slot.as_int() * kMicrosPerDay : slot.as_int();
  *event_time_micros = micros;
  const int64_t ahead = micros - kafka_ms * 1000;
  if (!IsLonger(ahead, table_.max_ahead_ms) &&
      (!table_.max_behind_ms || !IsLonger(-ahead, *table_.max_behind_ms))) [[likely]] {
    return true;
  }
  const FieldPath path{nullptr, event_time_->path};
  row.RejectField(Reason::kBadTimestamp, &path,
                  fmt::format("{} is too far {} the Kafka timestamp {}", FormatTimestamp(micros),
                              ahead > 0 ? "ahead of" : "behind", FormatTimestamp(kafka_ms * 1000)));
  return false;
}

bool RowFinisher::FindPartition(RowBuilder& row, uint32_t* directory) {
  partition_values_.clear();
  for (const Place& dimension : dimensions_) partition_values_.push_back(&SlotOf(row, dimension));
  *directory = partitions_.Find(partition_values_);
  if (*directory != PartitionIndex::kRefused) [[likely]]
    return true;
  const FieldPath path{nullptr, dimensions_[partitions_.refused_dimension()].path};
  row.RejectField(Reason::kOutOfRange, &path, "the value cannot name a partition directory");
  return false;
}

uint64_t RowFinisher::HashKey(const RecordView& record, const RowBuilder& row) const {
  if (primary_key_.empty()) return HashPosition(record.topic, record.partition, record.offset);
  RowHasher hasher;
  for (const Place& place : primary_key_) {
    const Slot& slot = SlotOf(row, place);
    if (slot.is_null()) {
      hasher.AddNull();
      continue;
    }
    switch (place.field->type) {
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
