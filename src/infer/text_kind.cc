#include "infer/text_kind.h"

#include <algorithm>

#include "base/time.h"
#include "contract/text_format.h"
#include "decode/json_text.h"
#include "decode/timestamp_text.h"

namespace forebay::infer {
namespace {

constexpr size_t kMaxSize = 1024;  // of a text that is more than some text
constexpr size_t kUuidSize = 36;
constexpr size_t kHourMinuteSize = 5;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsNumber(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  JsonNumber number;
  return JsonReader::ScanNumber(&p, end, &number) && p == end;
}

TextKind KindOfDigits(std::string_view text) {
  int64_t micros = 0;
  if (ParseTimestamp(text, &micros) == TimestampReading::kUtcInstant) return TextKind::kEpoch;
  return IsNumber(text) ? TextKind::kNumber : TextKind::kOther;
}

// Of a text that begins with a digit or a sign.
TextKind KindOfNumeric(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), IsDigit)) return KindOfDigits(text);
  if (IsNumber(text)) return TextKind::kNumber;
  if (ParseDate(text)) return TextKind::kDate;
  if (ParseTimeOfDay(text)) return text.size() == kHourMinuteSize ? TextKind::kHourMinute : TextKind::kTime;
  int64_t micros = 0;
  switch (ParseTimestamp(text, &micros)) {
    case TimestampReading::kInstant:
    case TimestampReading::kUtcInstant:
      return TextKind::kInstant;
    case TimestampReading::kNoOffset:
      return TextKind::kLocalTime;
    case TimestampReading::kNone:
      break;
  }
  return HasTextFormat(text, TextFormat::kIpv4) ? TextKind::kIpv4 : TextKind::kOther;
}

}  // namespace

TextKind KindOf(std::string_view text) {
  if (text.empty()) return TextKind::kEmpty;
  if (text.size() > kMaxSize) return TextKind::kOther;
  if (text.size() == kUuidSize && HasTextFormat(text, TextFormat::kUuid)) return TextKind::kUuid;
  if (IsDigit(text.front()) || text.front() == '-') {
    const TextKind kind = KindOfNumeric(text);
    if (kind != TextKind::kOther) return kind;
  }
  if (text == "true" || text == "false") return TextKind::kBoolean;
  if (text.find("://") != std::string_view::npos && HasTextFormat(text, TextFormat::kUri))
    return TextKind::kUri;
  if (text.find(':') != std::string_view::npos && HasTextFormat(text, TextFormat::kIpv6))
    return TextKind::kIpv6;
  if (text.find('@') != std::string_view::npos && HasTextFormat(text, TextFormat::kEmail))
    return TextKind::kEmail;
  return TextKind::kOther;
}

std::string_view PluralName(TextKind kind) {
  switch (kind) {
    case TextKind::kInstant:
      return "timestamps";
    case TextKind::kLocalTime:
      return "timestamps without an offset";
    case TextKind::kEpoch:
      return "numbers in text (times since 1970)";
    case TextKind::kDate:
      return "dates";
    case TextKind::kTime:
    case TextKind::kHourMinute:
      return "times of day";
    case TextKind::kUuid:
      return "UUIDs";
    case TextKind::kIpv4:
      return "IPv4 addresses";
    case TextKind::kIpv6:
      return "IPv6 addresses";
    case TextKind::kEmail:
      return "email addresses";
    case TextKind::kUri:
      return "URIs";
    case TextKind::kNumber:
      return "numbers in text";
    case TextKind::kBoolean:
      return "booleans in text";
    case TextKind::kEmpty:
      return "empty texts";
    case TextKind::kOther:
      return "other texts";
  }
  return "";
}

}  // namespace forebay::infer
