// Dates, times and timestamps: see field_rules.h.
#include <fmt/format.h>

#include <string>

#include "base/quoted.h"
#include "base/time.h"
#include "decode/field_rules.h"
#include "decode/values.h"

namespace forebay {

void FieldRules::AcceptTimeText(std::string_view text, const FieldPath* path, RowBuilder& row) const {
  if (time_pattern_) {
    if (const std::optional<WrittenTime> written = time_pattern_->Read(text))
      return AcceptWritten(*written, {path, text}, row);
    if (field().timestamp_format == TimestampFormat::kPattern) return RejectTimeText(text, path, row);
  }
  if (field().type == FieldType::kDate) {
    const std::optional<int32_t> day = ParseDate(text);
    return day ? AcceptTime(*day, {path, text}, row) : RejectTimeText(text, path, row);
  }
  if (field().type == FieldType::kTime) {
    const std::optional<int64_t> time = ParseTimeOfDay(text);
    return time ? AcceptTime(*time, {path, text}, row) : RejectTimeText(text, path, row);
  }
  int64_t micros = 0;
  if (field().type == FieldType::kTimestamp && ParseRfc3339(text, &micros))
    return AcceptTime(micros, {path, text}, row);
  const TimestampReading reading = ParseTimestamp(text, &micros);
  AcceptReading(reading, micros, {path, text}, row);
}

void FieldRules::AcceptWritten(const WrittenTime& time, const ValueSource& source, RowBuilder& row) const {
  if (field().type == FieldType::kDate) return AcceptTime(time.day, source, row);
  if (field().type == FieldType::kTime) return AcceptTime(time.micros, source, row);
  const int64_t local = time.LocalMicros();
  if (!time.offset_minutes) return AcceptReading(TimestampReading::kNoOffset, local, source, row);
  AcceptTime(local - *time.offset_minutes * 60 * kMicrosPerSecond, source, row);
}

// What is written in UTC shows the same date and time as a local timestamp and as an instant.
void FieldRules::AcceptReading(TimestampReading reading, int64_t micros, const ValueSource& source,
                               RowBuilder& row) const {
  const bool is_local = field().type == FieldType::kLocalTimestamp;
  const bool any = field().timestamp_format == TimestampFormat::kAny;
  switch (reading) {
    case TimestampReading::kUtcInstant:
      if (any) return AcceptTime(micros, source, row);
      break;
    case TimestampReading::kInstant:
      if (any && !is_local) return AcceptTime(micros, source, row);
      break;
    case TimestampReading::kNoOffset:
      if (is_local) return AcceptTime(micros, source, row);
      if (default_zone_) return AcceptTime(default_zone_->FirstInstantOf(micros), source, row);
      return RejectTimestamp(source, " has no offset from UTC, so that it is not clear which instant it is",
                             row);
    case TimestampReading::kNone:
      return RejectTimeText(source.text, source.path, row);
  }
  RejectTimestamp(source,
                  is_local ? " has an offset from UTC, and the contract says that its timestamps have none"
                           : " is not in RFC 3339, which the contract's format asks for",
                  row);
}

void FieldRules::AcceptEpoch(std::string_view number, const FieldPath* path, RowBuilder& row) const {
  if (const std::optional<int64_t> micros = ParseEpoch(number))
    return AcceptTime(*micros, {path, number}, row);
  RejectTimestamp({path, number},
                  " is in the years 2000 to 2099 in no unit; 'format' in the contract, such as "
                  "epoch-millis, can state the unit",
                  row);
}

void FieldRules::RejectTimestamp(const ValueSource& source, std::string_view why, RowBuilder& row) const {
  row.RejectField(Reason::kBadTimestamp, source.path, Quoted(source.text).append(why));
}

void FieldRules::RejectTimeText(std::string_view text, const FieldPath* path, RowBuilder& row) const {
  std::string why = " is not a timestamp, or no such time: 2025-10-30T18:04:11Z was expected";
  if (time_pattern_) {
    why = fmt::format(" is not in the contract's format {}, or no such {}", field().time_pattern,
                      time_pattern_->has_date() ? "date" : "time");
  } else if (field().type == FieldType::kDate) {
    why = " is not a date (YYYY-MM-DD)";
  } else if (field().type == FieldType::kTime) {
    why = " is not a time (HH:MM:SS)";
  } else if (field().type == FieldType::kLocalTimestamp) {
    why = " is not a timestamp, or no such time: 2025-10-30T18:04:11 was expected";
  }
  RejectTimestamp({path, text}, why, row);
}

}  // namespace forebay
