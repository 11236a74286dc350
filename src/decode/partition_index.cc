#include "decode/partition_index.h"

#include <utility>

#include "base/row_hash.h"
#include "base/time.h"
#include "partition/hive_value.h"
#include "partition/period.h"
#include "partition/value.h"

namespace forebay {
namespace {

void AppendInt(int64_t value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

// The value of a dimension's source field.
PartitionValue ValueOf(const Field& field, const Slot& slot) {
  if (field.type == FieldType::kString) return std::string(slot.as_string());
  return slot.as_int();
}

}  // namespace

PartitionIndex::PartitionIndex(const Table& table, std::vector<LocalTime> local_times)
    : table_(table), local_times_(std::move(local_times)) {}

Result<PartitionIndex> PartitionIndex::Create(const Table& table) {
  std::vector<LocalTime> local_times;
  for (const PartitionDimension& dimension : table.dimensions) {
    FOREBAY_ASSIGN(const TimeZone zone, TimeZone::Load(dimension.time_zone));
    local_times.emplace_back(zone);
  }
  return PartitionIndex(table, std::move(local_times));
}

size_t PartitionIndex::Hash::operator()(std::string_view text) const {
  return XXH3_64bits(text.data(), text.size());
}

// Of a derived dimension: its source as local time.
int64_t PartitionIndex::LocalMicros(size_t dimension, const Slot& slot) {
  const Field& field = table_.fields[table_.dimensions[dimension].source];
  if (field.type == FieldType::kDate) return slot.as_int() * kMicrosPerDay;
  return local_times_[dimension].Of(slot.as_int());
}

// False, with the refused dimension, if a local time cannot be formatted.
bool PartitionIndex::MakeKey(const std::vector<const Slot*>& values) {
  key_.clear();
  for (size_t i = 0; i < values.size(); ++i) {
    const PartitionDimension& dimension = table_.dimensions[i];
    const Slot& slot = *values[i];
    if (dimension.transform != PartitionTransform::kIdentity) {
      const int64_t micros = LocalMicros(i, slot);
      if (!InYears(micros, kMicrosPerDay)) [[unlikely]] {
        refused_dimension_ = i;
        return false;
      }
      AppendInt(dimension.transform == PartitionTransform::kDate ? DayOfMicros(micros) : HourOfMicros(micros),
                &key_);
    } else if (table_.fields[dimension.source].type == FieldType::kString) {
      AppendInt(static_cast<int64_t>(slot.as_string().size()), &key_);
      key_ += slot.as_string();
    } else {
      AppendInt(slot.as_int(), &key_);
    }
  }
  return true;
}

uint32_t PartitionIndex::Find(const std::vector<const Slot*>& values) {
  if (!MakeKey(values)) [[unlikely]]
    return kRefused;
  if (last_index_ != kRefused && key_ == last_key_) return last_index_;
  const auto found = by_key_.find(std::string_view(key_));
  const uint32_t index = found != by_key_.end() ? found->second : Insert(values);
  if (index != kRefused) {
    last_key_ = key_;
    last_index_ = index;
  }
  return index;
}

uint32_t PartitionIndex::Insert(const std::vector<const Slot*>& values) {
  std::string directory;
  for (size_t i = 0; i < values.size(); ++i) {
    const PartitionDimension& dimension = table_.dimensions[i];
    const Field& field = table_.fields[dimension.source];
    const PartitionValue value = field.type == FieldType::kTimestamp
                                     ? PartitionValue(local_times_[i].Of(values[i]->as_int()))
                                     : ValueOf(field, *values[i]);
    const auto encoded = EncodePartitionValue(FormatPartitionValue(field, dimension.transform, value));
    if (!encoded) {
      refused_dimension_ = i;
      return kRefused;
    }
    if (i > 0) directory += '/';
    directory += dimension.name + '=' + *encoded;
  }
  directories_.push_back(std::move(directory));
  const auto index = static_cast<uint32_t>(directories_.size() - 1);
  by_key_.emplace(key_, index);
  return index;
}

void PartitionIndex::Clear() {
  by_key_.clear();
  directories_.clear();
  last_index_ = kRefused;
}

}  // namespace forebay
