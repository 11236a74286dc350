#include "decode/partition_index.h"

#include <cstdio>

#include "base/row_hash.h"
#include "base/time.h"
#include "decode/values.h"
#include "partition/hive_value.h"

namespace forebay {
namespace {

constexpr int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;

int64_t MicrosOf(const Field& field, const Slot& slot) {
  return field.type == FieldType::kDate ? slot.as_int() * kMicrosPerDay : slot.as_int();
}

int64_t HourOfMicros(int64_t micros) {
  return micros / kMicrosPerHour - (micros % kMicrosPerHour < 0 ? 1 : 0);
}

void AppendInt(int64_t value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string FormatHour(int64_t hour) {
  const int32_t day = DayOfMicros(hour * kMicrosPerHour);
  char text[8];
  std::snprintf(text, sizeof text, "-%02d", static_cast<int>(hour - int64_t{day} * 24));
  return FormatDate(day) + text;
}

}  // namespace

std::string FormatPartitionValue(const Field& field, PartitionTransform transform, const Slot& slot) {
  if (transform == PartitionTransform::kDate) return FormatDate(DayOfMicros(MicrosOf(field, slot)));
  if (transform == PartitionTransform::kHour) return FormatHour(HourOfMicros(MicrosOf(field, slot)));
  switch (field.type) {
    case FieldType::kString:
      return std::string(slot.as_string());
    case FieldType::kInteger:
      return std::to_string(slot.as_int());
    case FieldType::kBoolean:
      return slot.as_int() != 0 ? "true" : "false";
    case FieldType::kDate:
      return FormatDate(static_cast<int32_t>(slot.as_int()));
    case FieldType::kTimestamp:
      return FormatTimestamp(slot.as_int());
    case FieldType::kDecimal: {
      std::string text;
      AppendDecimal(slot.as_decimal(), field.scale, &text);
      return text;
    }
    case FieldType::kNumber:
    case FieldType::kObject:
    case FieldType::kArray:
      break;
  }
  FOREBAY_ASSERT(false);  // the contract reader rejects these as partition dimensions
}

PartitionIndex::PartitionIndex(const Table& table) : table_(table) {}

size_t PartitionIndex::Hash::operator()(std::string_view text) const {
  return XXH3_64bits(text.data(), text.size());
}

void PartitionIndex::MakeKey(const std::vector<const Slot*>& values) {
  key_.clear();
  for (size_t i = 0; i < values.size(); ++i) {
    const PartitionDimension& dimension = table_.dimensions[i];
    const Field& field = table_.fields[dimension.source];
    const Slot& slot = *values[i];
    if (dimension.transform == PartitionTransform::kDate) {
      AppendInt(DayOfMicros(MicrosOf(field, slot)), &key_);
    } else if (dimension.transform == PartitionTransform::kHour) {
      AppendInt(HourOfMicros(MicrosOf(field, slot)), &key_);
    } else if (field.type == FieldType::kString) {
      AppendInt(static_cast<int64_t>(slot.as_string().size()), &key_);
      key_ += slot.as_string();
    } else if (field.type == FieldType::kDecimal) {
      const __int128 value = slot.as_decimal();
      key_.append(reinterpret_cast<const char*>(&value), sizeof value);
    } else {
      AppendInt(slot.as_int(), &key_);
    }
  }
}

uint32_t PartitionIndex::Find(const std::vector<const Slot*>& values) {
  MakeKey(values);
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
    const auto encoded = EncodePartitionValue(
        FormatPartitionValue(table_.fields[dimension.source], dimension.transform, *values[i]));
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
