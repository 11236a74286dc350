// Time zones of the IANA database, as the machine has it: /usr/share/zoneinfo, or the directory that TZDIR
// names. Abseil reads it, and continues the rules beyond the database's last year.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"

namespace forebay {

// Whether this has the form of a zone's name: "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5". Says
// nothing about whether there is such a zone.
bool IsTimeZoneName(std::string_view name);

// Thread-safe, and cheap to copy.
class TimeZone {
 public:
  TimeZone() : zone_(absl::UTCTimeZone()) {}
  // UTC for an empty name. Returns kFailedPrecondition if the machine's database has no such zone, or if the
  // machine has no database.
  static Result<TimeZone> Load(const std::string& name);

  // An interval of time with one offset: local time = UTC + offset.
  struct Span {
    int64_t from_us;
    int64_t to_us;  // the first instant after it
    int64_t offset_us;
  };
  // The interval that contains this instant. It may be a part of the whole one.
  Span SpanAt(int64_t micros) const;

  // The instant of a local time. Of a time that the clock shows twice, the first one; a time that it skips is
  // as much later as the clock is set forward. (As java.time takes them, and Python with fold=0.)
  int64_t FirstInstantOf(int64_t local_us) const;

  // The first instant from which on all local times are `local_us` or later. REQUIRES: whole seconds. (Clocks
  // that are set back show some local times twice: the instant is after the last of the earlier ones.)
  int64_t InstantOf(int64_t local_us) const;

 private:
  explicit TimeZone(absl::TimeZone zone) : zone_(zone) {}

  absl::TimeZone zone_;
};

// Converts instants to local time. Remembers the interval of the last one, for records are mostly near each
// other. Not thread-safe.
class LocalTime {
 public:
  explicit LocalTime(TimeZone zone) : zone_(zone) {}

  // Microseconds since 1970-01-01T00:00 of the local calendar and clock. Inline: called for each row.
  int64_t Of(int64_t micros) {
    if (micros < span_.from_us || micros >= span_.to_us) [[unlikely]]
      span_ = zone_.SpanAt(micros);
    return micros + span_.offset_us;
  }

 private:
  TimeZone zone_;
  TimeZone::Span span_{0, 0, 0};
};

}  // namespace forebay
