#include "infer/scalar_types.h"

#include <algorithm>
#include <numeric>

#include "decode/values.h"
#include "infer/name_words.h"

namespace forebay::infer {
namespace {

// A column of 32 bits where 16 would do: later values have room.
constexpr double kMaxInt32Value = 32'767;
constexpr int32_t kMinScale = 2;
constexpr int32_t kMaxMoneyScale = 4;
constexpr int32_t kMaxFixedScale = 9;
constexpr int32_t kShortPrecision = 18;  // that a file keeps in 64 bits
constexpr int32_t kSpareDigits = 3;      // before the point, for later values
// An address is a rule without a type of its own: only many of them without an exception make it one.
constexpr uint64_t kMinAddresses = 100;

bool AreEpochs(std::string_view name, const NumberEvidence& numbers) {
  return NamesTime(name) &&
         std::accumulate(numbers.epochs.begin(), numbers.epochs.end(), uint64_t{0}) == numbers.count;
}

bool AreInstants(std::string_view name, const TextEvidence& texts, const std::string& zone) {
  const uint64_t epochs = NamesTime(name) ? texts.of(TextKind::kEpoch) : 0;
  const uint64_t local = zone.empty() ? 0 : texts.of(TextKind::kLocalTime);
  return texts.of(TextKind::kInstant) + epochs + local == texts.count;
}

void SetTimestamp(const TextEvidence& texts, const std::string& zone, Field& field) {
  field.type = FieldType::kTimestamp;
  if (texts.of(TextKind::kLocalTime) > 0) field.default_zone = zone;
}

void SetEpoch(const NumberEvidence& numbers, Field& field) {
  constexpr TimestampFormat kFormats[] = {TimestampFormat::kEpochSeconds, TimestampFormat::kEpochMillis,
                                          TimestampFormat::kEpochMicros, TimestampFormat::kEpochNanos};
  field.type = FieldType::kTimestamp;
  for (size_t unit = 0; unit < numbers.epochs.size(); ++unit) {
    if (numbers.epochs[unit] == numbers.count) field.timestamp_format = kFormats[unit];
  }
}

void SetDecimal(int32_t integer_digits, int32_t scale, Field& field) {
  field.type = FieldType::kDecimal;
  field.scale = scale;
  field.precision =
      integer_digits + kSpareDigits + scale <= kShortPrecision ? kShortPrecision : kMaxDecimalDigits;
}

// The writer prints a fixed number of digits behind the point, or the name says that cents count.
bool AreDecimals(std::string_view name, const NumberEvidence& numbers) {
  const int32_t scale = numbers.max_fraction_digits;
  if (numbers.with_exponent > 0 || numbers.max_integer_digits + scale > kMaxDecimalDigits) return false;
  const bool fixed = numbers.with_final_zero > 0 && numbers.min_fraction_digits == scale;
  return (fixed && scale <= kMaxFixedScale) || (NamesMoney(name) && scale <= kMaxMoneyScale);
}

void SetInteger(std::string_view name, const NumberEvidence& numbers, Field& field) {
  if (numbers.beyond_int64 > 0) {
    field.type = numbers.max_integer_digits <= kMaxDecimalDigits ? FieldType::kDecimal : FieldType::kJson;
    field.precision = kMaxDecimalDigits;
    return;
  }
  field.type = FieldType::kInteger;
  const bool small = numbers.min >= -kMaxInt32Value && numbers.max <= kMaxInt32Value;
  field.bits = small && !NamesGrowing(name) ? 32 : 64;
}

bool AreTimesOfDay(std::string_view name, const TextEvidence& texts) {
  constexpr std::string_view kDurations[] = {"duration", "elapsed", "length", "runtime", "uptime", "took"};
  const std::vector<std::string> words = NameWords(name);
  const bool is_duration = std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(std::begin(kDurations), std::end(kDurations), word) != std::end(kDurations);
  });
  const uint64_t short_ones = NamesTime(name) ? texts.of(TextKind::kHourMinute) : 0;
  return !is_duration && texts.of(TextKind::kTime) + short_ones == texts.count;
}

TextFormat FormatOf(const TextEvidence& texts) {
  if (texts.of(TextKind::kUuid) == texts.count) return TextFormat::kUuid;
  if (texts.count < kMinAddresses) return TextFormat::kAny;
  if (texts.of(TextKind::kIpv4) == texts.count) return TextFormat::kIpv4;
  if (texts.of(TextKind::kIpv6) == texts.count) return TextFormat::kIpv6;
  if (texts.of(TextKind::kEmail) == texts.count) return TextFormat::kEmail;
  return texts.of(TextKind::kUri) == texts.count ? TextFormat::kUri : TextFormat::kAny;
}

}  // namespace

void SetTypeOfNumbers(std::string_view name, const NumberEvidence& numbers, Field& field) {
  if (numbers.too_large > 0) {
    field.type = FieldType::kJson;
  } else if (AreEpochs(name, numbers)) {
    SetEpoch(numbers, field);
  } else if (numbers.with_point == 0) {
    SetInteger(name, numbers, field);
  } else if (AreDecimals(name, numbers)) {
    SetDecimal(numbers.max_integer_digits, std::max(numbers.max_fraction_digits, kMinScale), field);
  } else {
    field.type = FieldType::kNumber;
  }
}

void SetTypeOfTexts(std::string_view name, const TextEvidence& texts, const std::string& zone, Field& field) {
  if (AreInstants(name, texts, zone)) {
    SetTimestamp(texts, zone, field);
  } else if (texts.of(TextKind::kLocalTime) == texts.count) {
    field.type = FieldType::kLocalTimestamp;
  } else if (texts.of(TextKind::kDate) == texts.count) {
    field.type = FieldType::kDate;
  } else if (AreTimesOfDay(name, texts)) {
    field.type = FieldType::kTime;
  } else {
    field.type = FieldType::kString;
    field.format = FormatOf(texts);
  }
}

bool SetTypeOfMixture(std::string_view name, const NumberEvidence& numbers, const TextEvidence& texts,
                      const std::string& zone, Field& field) {
  if (numbers.count == 0 || texts.count == 0) return false;
  if (!AreEpochs(name, numbers) || !AreInstants(name, texts, zone)) return false;
  SetTimestamp(texts, zone, field);
  return true;
}

}  // namespace forebay::infer
