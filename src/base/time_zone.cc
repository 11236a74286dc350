#include "base/time_zone.h"

#include <absl/time/civil_time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/assert.h"
#include "base/time.h"

namespace forebay {
namespace {

constexpr size_t kMaxNameBytes = 64;
// Abseil knows no transitions more than 400 years after the database's last one; offsets, always.
constexpr int64_t kTransitionsKnownUntilUs = 13'569'465'600 * kMicrosPerSecond;  // the year 2400

bool IsPart(std::string_view part) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const auto other = [](char c) { return (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+'; };
  return !part.empty() && letter(part.front()) &&
         std::all_of(part.begin(), part.end(), [&](char c) { return letter(c) || other(c); });
}

int64_t FloorToSeconds(int64_t micros) {
  return micros / kMicrosPerSecond - (micros % kMicrosPerSecond < 0 ? 1 : 0);
}

int64_t Micros(absl::Time time) {
  return absl::ToUnixSeconds(time) * kMicrosPerSecond;
}

// The instant of a transition.
absl::Time InstantOfTransition(const absl::TimeZone& zone,
                               const absl::TimeZone::CivilTransition& transition) {
  // The earlier of its two local times is one that the clock skips, or shows again.
  return zone.At(std::min(transition.from, transition.to)).trans;
}

std::string DatabaseDirectory() {
  const char* const named = std::getenv("TZDIR");
  return named != nullptr && *named != '\0' ? named : "/usr/share/zoneinfo";
}

}  // namespace

bool IsTimeZoneName(std::string_view name) {
  // These directories hold the same zones anew, "right" with leap seconds.
  if (name.size() > kMaxNameBytes || name.starts_with("posix/") || name.starts_with("right/")) return false;
  while (true) {
    const size_t slash = name.find('/');
    if (!IsPart(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

Result<TimeZone> TimeZone::Load(const std::string& name) {
  if (name.empty()) return TimeZone();
  absl::TimeZone zone;
  if (IsTimeZoneName(name) && absl::LoadTimeZone(name, &zone)) return TimeZone(zone);
  const std::string directory = DatabaseDirectory();
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return FailedPreconditionError("the time zone '" + name +
                                   "' cannot be read: this machine has no time zone database at " +
                                   directory + "; install it (Debian's package tzdata)");
  }
  return FailedPreconditionError(
      "the time zone '" + name + "' is not in this machine's time zone database, " + directory +
      "; use an IANA name such as 'America/New_York', or install a newer database (Debian's package tzdata)");
}

int64_t TimeZone::FirstInstantOf(int64_t local_us) const {
  const int64_t second = FloorToSeconds(local_us);
  const absl::CivilSecond civil = absl::ToCivilSecond(absl::FromUnixSeconds(second), absl::UTCTimeZone());
  return Micros(zone_.At(civil).pre) + (local_us - second * kMicrosPerSecond);
}

TimeZone::Span TimeZone::SpanAt(int64_t micros) const {
  if (zone_ == absl::UTCTimeZone()) return {INT64_MIN, INT64_MAX, 0};
  const int64_t second = FloorToSeconds(micros);
  const absl::Time at = absl::FromUnixSeconds(second);
  Span span{INT64_MIN, kTransitionsKnownUntilUs, int64_t{zone_.At(at).offset} * kMicrosPerSecond};
  if (micros >= kTransitionsKnownUntilUs) {
    return {second * kMicrosPerSecond, (second + 1) * kMicrosPerSecond, span.offset_us};
  }
  absl::TimeZone::CivilTransition transition;
  if (zone_.NextTransition(at, &transition)) {
    span.to_us = std::min(span.to_us, Micros(InstantOfTransition(zone_, transition)));
  }
  // The transition at this very second counts as the one before it.
  if (zone_.PrevTransition(at + absl::Seconds(1), &transition)) {
    span.from_us = Micros(InstantOfTransition(zone_, transition));
  }
  FOREBAY_ASSERT(span.from_us <= micros && micros < span.to_us);
  return span;
}

int64_t TimeZone::InstantOf(int64_t local_us) const {
  FOREBAY_ASSERT(local_us % kMicrosPerSecond == 0);
  const absl::CivilSecond local = absl::CivilSecond(1970) + local_us / kMicrosPerSecond;
  const absl::TimeZone::TimeInfo found = zone_.At(local);
  if (found.kind == absl::TimeZone::TimeInfo::SKIPPED) return Micros(found.trans);
  if (found.kind == absl::TimeZone::TimeInfo::UNIQUE) return Micros(found.pre);
  // It is shown twice. In between the clock is set back, to it or to something earlier.
  return Micros(zone_.At(found.trans).cs == local ? found.pre : found.post);
}

}  // namespace forebay
