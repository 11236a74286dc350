#include "compare/log_search.h"

#include <fmt/format.h>

#include <utility>

#include "compare/fingerprint.h"
#include "testhooks/safeguard.h"

namespace forebay {

using Kind = LogVerdict::Kind;

LogSearch::LogSearch(const LandedLog& log, const kafka::Watermarks& marks) : log_(log) {
  if (marks.stable < log.next) Differ(EndsBefore(marks.stable, log.next));
  while (at_ < log.records.size() && log.records[at_].offset < marks.earliest) ++at_;
  start_ = at_ < log.records.size() ? log.records[at_].offset : marks.earliest;
  if (at_ == log.records.size() && !is_done_) verdict_.kind = Kind::kUnknown;
  is_done_ = is_done_ || start_ >= log.next;
}

void LogSearch::Observe(const kafka::Message& message) {
  if (is_done_) return;
  SkipMissing(message.offset);
  if (at_ < log_.records.size()) {
    if (message.offset == log_.records[at_].offset) Compare(message);
  } else if (message.offset >= log_.next) {
    is_done_ = true;
  } else if (FOREBAY_SAFEGUARD("same_log:nothing_follows")) {
    Differ(fmt::format("has a record at offset {}, where none was landed", message.offset.value()));
  }
}

void LogSearch::Reach(const kafka::Position& position) {
  if (is_done_ || (position.offset < log_.next && !position.at_end)) return;
  SkipMissing(Offset(INT64_MAX));
  is_done_ = true;
}

void LogSearch::Differ(std::string difference) {
  verdict_ = {Kind::kDifferent, std::move(difference), std::nullopt};
  is_done_ = true;
}

void LogSearch::SkipMissing(Offset reached) {
  for (; at_ < log_.records.size() && log_.records[at_].offset < reached; ++at_) {
    missing_.push_back(log_.records[at_]);
    verdict_.kind = Kind::kUnknown;
  }
}

void LogSearch::Compare(const kafka::Message& message) {
  const LandedRecord& landed = log_.records[at_++];
  const LandedRecord found = LandedRecordOf(message);
  if (found.fingerprint != landed.fingerprint && FOREBAY_SAFEGUARD("same_log:fingerprint"))
    return Differ(fmt::format("has another record at offset {}", landed.offset.value()));
  // The same record again proves nothing about those before it.
  if (found.leader_epoch && landed.leader_epoch && *found.leader_epoch != *landed.leader_epoch &&
      FOREBAY_SAFEGUARD("same_log:leader_epoch")) {
    return Differ(
        fmt::format("was written again: the record at offset {} is of leader epoch {}, and was of {}",
                    landed.offset.value(), found.leader_epoch->value(), landed.leader_epoch->value()));
  }
  // A record that is there tells nothing about one before it that is not.
  verdict_.kind = missing_.empty() ? Kind::kSame : Kind::kUnknown;
  verdict_.leader_epoch = found.leader_epoch;
}

}  // namespace forebay
