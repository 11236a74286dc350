#include "decode/partition_index.h"

#include "base/row_hash.h"
#include "base/time.h"
#include "partition/hive_value.h"
#include "partition/period.h"
#include "partition/value.h"

namespace forebay {
namespace {

int64_t MicrosOf(const Field& field, const Slot& slot) {
  return field.type == FieldType::kDate ? slot.as_int() * kMicrosPerDay : slot.as_int();
}

void AppendInt(int64_t value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

// The value of a dimension's source field.
PartitionValue ValueOf(const Field& field, const Slot& slot) {
  if (field.type == FieldType::kString) return std::string(slot.as_string());
  return slot.as_int();
}

}  // namespace

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
    const Field& field = table_.fields[dimension.source];
    const auto encoded =
        EncodePartitionValue(FormatPartitionValue(field, dimension.transform, ValueOf(field, *values[i])));
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
