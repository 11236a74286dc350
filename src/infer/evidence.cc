#include "infer/evidence.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "decode/timestamp_text.h"
#include "decode/values.h"

namespace forebay::infer {
namespace {

constexpr int32_t kMaxInt64Digits = 18;  // that any integer of 64 bits can have

// Only one unit has an instant of the years 2000 to 2099 in so many digits.
EpochUnit UnitOfDigits(int32_t integer_digits) {
  if (integer_digits <= 10) return EpochUnit::kSeconds;
  if (integer_digits <= 13) return EpochUnit::kMillis;
  return integer_digits <= 16 ? EpochUnit::kMicros : EpochUnit::kNanos;
}

bool FitsInt64(std::string_view integer) {
  __int128 value = 0;
  return ParseScaled(integer, 0, &value) == ParsedAs::kExact && value >= INT64_MIN && value <= INT64_MAX;
}

}  // namespace

void FewValues::Add(std::string_view value, uint64_t count) {
  const auto known = std::find_if(values_.begin(), values_.end(),
                                  [value](const Counted& counted) { return counted.first == value; });
  if (known != values_.end()) {
    known->second += count;
    return;
  }
  if (value.size() > kMaxBytes || values_.size() == kMax) {
    many_ = true;
    values_.resize(std::min(values_.size(), kExamples));
    return;
  }
  if (!many_ || values_.size() < kExamples) values_.emplace_back(value, count);
}

void FewValues::Merge(const FewValues& other) {
  for (const auto& [value, count] : other.values_) Add(value, count);
  if (!other.many_) return;
  many_ = true;
  values_.resize(std::min(values_.size(), kExamples));
}

uint64_t FewValues::rarest() const {
  uint64_t rarest = UINT64_MAX;
  for (const auto& [value, count] : values_) rarest = std::min(rarest, count);
  return rarest;
}

void NumberEvidence::Add(const JsonNumber& number) {
  const std::string_view text = number.text;
  const size_t exponent = text.find_first_of("eE");
  const size_t point = text.find('.');
  const bool negative = text.front() == '-';
  const auto integer_digits =
      static_cast<int32_t>(std::min({point, exponent, text.size()}) - (negative ? 1 : 0));
  double value = 0;
  if (ParseDouble(text, &value) == ParsedAs::kOverflow) ++too_large;
  min = count == 0 ? value : std::min(min, value);
  max = count == 0 ? value : std::max(max, value);
  max_integer_digits = std::max(max_integer_digits, integer_digits);
  if (exponent != std::string_view::npos) {
    ++with_exponent;
  } else {
    min_fraction_digits = count == with_exponent ? number.fraction_digits
                                                 : std::min(min_fraction_digits, number.fraction_digits);
    max_fraction_digits = std::max(max_fraction_digits, number.fraction_digits);
    if (number.fraction_digits > 1 && text.back() == '0') ++with_final_zero;
    if (!negative && ParseEpoch(text)) ++epochs[static_cast<size_t>(UnitOfDigits(integer_digits))];
  }
  if (point != std::string_view::npos || exponent != std::string_view::npos) {
    ++with_point;
  } else if (integer_digits > kMaxInt64Digits && !FitsInt64(text)) {
    ++beyond_int64;
  }
  ++count;
  few.Add(text);
}

void NumberEvidence::Merge(const NumberEvidence& other) {
  if (other.count == 0) return;
  const bool plain = count > with_exponent;
  const bool other_plain = other.count > other.with_exponent;
  min = count == 0 ? other.min : std::min(min, other.min);
  max = count == 0 ? other.max : std::max(max, other.max);
  if (other_plain) {
    min_fraction_digits =
        plain ? std::min(min_fraction_digits, other.min_fraction_digits) : other.min_fraction_digits;
  }
  max_fraction_digits = std::max(max_fraction_digits, other.max_fraction_digits);
  max_integer_digits = std::max(max_integer_digits, other.max_integer_digits);
  count += other.count;
  with_point += other.with_point;
  with_exponent += other.with_exponent;
  too_large += other.too_large;
  beyond_int64 += other.beyond_int64;
  with_final_zero += other.with_final_zero;
  for (size_t unit = 0; unit < epochs.size(); ++unit) epochs[unit] += other.epochs[unit];
  few.Merge(other.few);
}

void TextEvidence::Add(std::string_view text) {
  ++count;
  ++kinds[static_cast<size_t>(KindOf(text))];
  few.Add(text);
}

void TextEvidence::Merge(const TextEvidence& other) {
  count += other.count;
  for (size_t kind = 0; kind < kinds.size(); ++kind) kinds[kind] += other.kinds[kind];
  few.Merge(other.few);
}

int Evidence::types() const {
  int types = 0;
  for (const uint64_t seen : {booleans, objects, arrays, numbers.count, texts.count})
    types += seen > 0 ? 1 : 0;
  return types;
}

void Evidence::MergeMembers() {
  if (!any_member) any_member = std::make_unique<Evidence>();
  for (Member& member : members) any_member->Merge(std::move(member.evidence));
  members.clear();
  member_index.clear();
}

void Evidence::Merge(Evidence&& other) {
  values += other.values;
  nulls += other.nulls;
  booleans += other.booleans;
  objects += other.objects;
  arrays += other.arrays;
  numbers.Merge(other.numbers);
  texts.Merge(other.texts);
  cut = cut || other.cut;
  if (other.any_member) {
    MergeMembers();
    any_member->Merge(std::move(*other.any_member));
  }
  for (Member& member : other.members) {
    const auto known = member_index.find(*member.name);
    if (any_member) {
      any_member->Merge(std::move(member.evidence));
    } else if (known != member_index.end()) {
      members[known->second].evidence.Merge(std::move(member.evidence));
    } else {
      members.push_back(std::move(member));
      member_index.emplace(*members.back().name, members.size() - 1);
      if (members.size() > Observer::kMaxMembers) MergeMembers();
    }
  }
  if (!other.element) return;
  if (!element) element = std::make_unique<Evidence>();
  element->Merge(std::move(*other.element));
}

void Observer::Observe(std::string_view json) {
  arena_.clear();
  arena_.reserve(json.size());
  reader_.Reset(json, &arena_, JsonReader::kDefaultMaxDepth);
  ObserveValue(root_, 0);
}

void Observer::ObserveValue(Evidence& place, int depth) {
  const JsonType type = reader_.Peek();
  JsonError error = JsonError::kNone;
  ++place.values;
  switch (type) {
    case JsonType::kObject:
      ++place.objects;
      return ObserveObject(place, depth);
    case JsonType::kArray:
      ++place.arrays;
      return ObserveArray(place, depth);
    case JsonType::kString: {
      std::string_view text;
      error = reader_.ReadString(&text);
      place.texts.Add(text);
      break;
    }
    case JsonType::kNumber: {
      JsonNumber number;
      error = reader_.ReadNumber(&number);
      place.numbers.Add(number);
      break;
    }
    default:
      ++(type == JsonType::kNull ? place.nulls : place.booleans);
      error = reader_.ReadLiteral(type);
      break;
  }
  FOREBAY_ASSERT(error == JsonError::kNone);
}

void Observer::ObserveObject(Evidence& object, int depth) {
  if (depth >= kMaxDepth) {
    object.cut = true;
    FOREBAY_ASSERT(reader_.Skip(depth, nullptr) == JsonError::kNone);
    return;
  }
  FOREBAY_ASSERT(reader_.Consume('{'));
  if (reader_.Consume('}')) return;
  size_t predicted = 0;
  do {
    std::string_view name;
    reader_.Peek();
    FOREBAY_ASSERT(reader_.ReadString(&name) == JsonError::kNone && reader_.Consume(':'));
    Evidence* const place = MemberPlace(object, predicted++, name, depth);
    if (place != nullptr) {
      ObserveValue(*place, depth + 1);
    } else {
      object.cut = true;
      FOREBAY_ASSERT(reader_.Skip(depth + 1, nullptr) == JsonError::kNone);
    }
  } while (reader_.Consume(','));
  FOREBAY_ASSERT(reader_.Consume('}'));
}

// Null if the record has too many places. Records mostly have their members in one order.
Evidence* Observer::MemberPlace(Evidence& object, size_t predicted, std::string_view name, int depth) {
  if (object.any_member) return object.any_member.get();
  if (predicted < object.members.size() && *object.members[predicted].name == name)
    return &object.members[predicted].evidence;
  const auto known = object.member_index.find(name);
  if (known != object.member_index.end()) return &object.members[known->second].evidence;
  if (depth > 0 && object.members.size() == kMaxMembers) {
    object.MergeMembers();
    return object.any_member.get();
  }
  if ((depth == 0 && object.members.size() == kMaxRootMembers) || places_ == kMaxPlaces) return nullptr;
  ++places_;
  object.members.push_back({std::make_unique<const std::string>(name), Evidence()});
  object.member_index.emplace(*object.members.back().name, object.members.size() - 1);
  return &object.members.back().evidence;
}

void Observer::ObserveArray(Evidence& array, int depth) {
  if (depth >= kMaxDepth || (!array.element && places_ == kMaxPlaces)) {
    array.cut = true;
    FOREBAY_ASSERT(reader_.Skip(depth, nullptr) == JsonError::kNone);
    return;
  }
  FOREBAY_ASSERT(reader_.Consume('['));
  if (!array.element) {
    array.element = std::make_unique<Evidence>();
    ++places_;
  }
  if (reader_.Consume(']')) return;
  do {
    ObserveValue(*array.element, depth + 1);
  } while (reader_.Consume(','));
  FOREBAY_ASSERT(reader_.Consume(']'));
}

}  // namespace forebay::infer
