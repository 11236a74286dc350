#include "decode/partition_index.h"

#include <utility>

#include "base/row_hash.h"
#include "base/time.h"
#include "contract/field_place.h"
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
    : table_(table), local_times_(std::move(local_times)) {
  for (const PartitionDimension& dimension : table.dimensions) {
    sources_.push_back(&FieldAt(table, dimension.source));
    optional_.push_back(IsOptionalAt(table, dimension.source));
  }
}

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
  if (sources_[dimension]->type == FieldType::kDate) return slot.as_int() * kMicrosPerDay;
  return local_times_[dimension].Of(slot.as_int());
}

// False, with the refused dimension, if a local time cannot be formatted. Years and months have a key for
// each of their days: an index of directories by name joins them.
bool PartitionIndex::MakeKey(const std::vector<const Slot*>& values) {
  key_.clear();
  for (size_t i = 0; i < values.size(); ++i) {
    const Slot& slot = *values[i];
    if (optional_[i]) [[unlikely]] {
      key_ += slot.is_null() ? '0' : '1';
      if (slot.is_null()) continue;
    }
    const PartitionTransform transform = table_.dimensions[i].transform;
    if (transform != PartitionTransform::kIdentity) {
      const int64_t micros = LocalMicros(i, slot);
      if (!InYears(micros, kMicrosPerDay)) [[unlikely]] {
        refused_dimension_ = i;
        return false;
      }
      AppendInt(transform == PartitionTransform::kHour ? HourOfMicros(micros) : DayOfMicros(micros), &key_);
    } else if (sources_[i]->type == FieldType::kString) {
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

// "date=2025-10-30"; nothing for a value that cannot be in the name of a directory.
std::optional<std::string> PartitionIndex::LevelOf(size_t dimension, const Slot& slot) {
  const std::string name = table_.dimensions[dimension].name + '=';
  if (slot.is_null()) return name + std::string(kHiveNull);
  const Field& field = *sources_[dimension];
  const PartitionValue value = field.type == FieldType::kTimestamp
                                   ? PartitionValue(local_times_[dimension].Of(slot.as_int()))
                                   : ValueOf(field, slot);
  const auto encoded =
      EncodePartitionValue(FormatPartitionValue(field, table_.dimensions[dimension].transform, value));
  if (!encoded) return std::nullopt;
  return name + *encoded;
}

uint32_t PartitionIndex::Insert(const std::vector<const Slot*>& values) {
  std::string directory;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::optional<std::string> level = LevelOf(i, *values[i]);
    if (!level) {
      refused_dimension_ = i;
      return kRefused;
    }
    if (i > 0) directory += '/';
    directory += *level;
  }
  const auto [known, added] = by_name_.emplace(directory, static_cast<uint32_t>(directories_.size()));
  if (added) directories_.push_back(std::move(directory));
  by_key_.emplace(key_, known->second);
  return known->second;
}

void PartitionIndex::Clear() {
  by_key_.clear();
  by_name_.clear();
  directories_.clear();
  last_index_ = kRefused;
}

}  // namespace forebay
