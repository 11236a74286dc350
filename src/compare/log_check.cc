#include "compare/log_check.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/time.h"
#include "compare/fingerprint.h"
#include "kafka/consumer.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

using kafka::NamedPartition;
using kafka::Position;
using kafka::Watermarks;
using Kind = LogVerdict::Kind;

constexpr int kPollMs = 20;
constexpr double kSilenceSeconds = 30;
constexpr int64_t kQueueBytes = 8'000'000;
constexpr int kRetries = 3;

// Looks for the records of one log in the messages that are read of it.
class Search {
 public:
  Search(const LandedLog& log, const Watermarks& marks) : log_(log) {
    if (marks.stable < log.next) {
      Differ(fmt::format("ends at offset {}, and was landed up to offset {}", marks.stable.value(),
                         log.next.value()));
    }
    while (at_ < log.records.size() && log.records[at_].offset < marks.earliest) ++at_;
    start_ = at_ < log.records.size() ? log.records[at_].offset : marks.earliest;
    if (at_ == log.records.size()) verdict_.kind = Kind::kUnknown;
    is_done_ = is_done_ || start_ >= log.next;
  }

  bool is_done() const { return is_done_; }
  // Where to begin to read. REQUIRES: not done.
  Offset start() const { return start_; }
  // Landed records that the log should have and has not.
  bool is_missing_records() const { return is_missing_; }
  Offset missing() const { return missing_; }
  LogVerdict& verdict() { return verdict_; }

  void Observe(const kafka::Message& message) {
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

  // `position` follows all observed messages.
  void Reach(const Position& position) {
    if (is_done_ || (position.offset < log_.next && !position.at_end)) return;
    SkipMissing(Offset(INT64_MAX));
    is_done_ = true;
  }

 private:
  void Differ(std::string difference) {
    verdict_.kind = Kind::kDifferent;
    verdict_.difference = std::move(difference);
    is_done_ = true;
  }
  void SkipMissing(Offset reached) {
    for (; at_ < log_.records.size() && log_.records[at_].offset < reached; ++at_) {
      is_missing_ = true;
      missing_ = log_.records[at_].offset;
      verdict_.kind = Kind::kUnknown;
    }
  }
  void Compare(const kafka::Message& message) {
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
    verdict_.kind = Kind::kSame;
    verdict_.leader_epoch = found.leader_epoch;
  }

  const LandedLog& log_;
  size_t at_ = 0;  // the next of the log's records
  Offset start_;
  bool is_done_ = false;
  bool is_missing_ = false;
  Offset missing_;
  LogVerdict verdict_;
};

class LogChecker {
 public:
  LogChecker(const LogCheckOptions& options, kafka::Admin& admin, const std::vector<LandedLog>& logs)
      : options_(options), admin_(admin), logs_(logs) {
    for (const LandedLog& log : logs) {
      names_.push_back(log.partition);
      const auto [entry, is_new] =
          topics_.try_emplace(log.partition.topic, static_cast<uint32_t>(consumer_options_.topics.size()));
      if (is_new) consumer_options_.topics.push_back(log.partition.topic);
    }
    consumer_options_.queue_bytes = kQueueBytes;
  }

  Result<std::vector<LogVerdict>> Run() {
    FOREBAY_ASSIGN(std::vector<Search> searches, ReadLogs());
    FOREBAY_TRY(JudgeMissing(&searches));
    std::vector<LogVerdict> verdicts;
    for (Search& search : searches) verdicts.push_back(std::move(search.verdict()));
    return verdicts;
  }

 private:
  // Records may expire between the query for the logs' beginnings and the reading.
  Result<std::vector<Search>> ReadLogs() {
    for (int attempt = 1;; ++attempt) {
      FOREBAY_ASSIGN(const std::vector<Watermarks> marks, admin_.QueryWatermarks(names_));
      std::vector<Search> searches;
      for (size_t i = 0; i < logs_.size(); ++i) searches.emplace_back(logs_[i], marks[i]);
      const Status read = Read(&searches);
      if (read.ok()) return searches;
      if (!expired_meanwhile_ || attempt == kRetries) return read.error();
    }
  }

  Status Read(std::vector<Search>* searches) {
    std::vector<Position> starts;
    std::map<std::pair<uint32_t, PartitionId>, size_t> search_of;
    std::vector<size_t> order;
    for (size_t i = 0; i < searches->size(); ++i) {
      if ((*searches)[i].is_done()) continue;
      const Position start{topics_.at(names_[i].topic), names_[i].partition, (*searches)[i].start()};
      search_of[{start.topic, start.partition}] = i;
      order.push_back(i);
      starts.push_back(start);
    }
    if (starts.empty()) return Ok();
    FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(*options_.brokers, consumer_options_));
    FOREBAY_TRY(consumer->Assign(starts));
    const auto observe = [&](const kafka::MessageBatch& batch) {
      for (const kafka::Message& message : batch.messages())
        (*searches)[search_of.at({message.topic, message.partition})].Observe(message);
      for (size_t i = 0; i < order.size(); ++i) (*searches)[order[i]].Reach(consumer->positions()[i]);
      return std::all_of(searches->begin(), searches->end(), [](const Search& one) { return one.is_done(); });
    };
    return PollUntil(*consumer, observe);
  }

  // Polls until `observe` returns true.
  template <typename Observe>
  Status PollUntil(kafka::Consumer& consumer, const Observe& observe) {
    kafka::MessageBatch batch;
    double last_message = MonotonicSeconds();
    while (true) {
      if (options_.stop != nullptr && options_.stop->load())
        return CancelledError("stopped while the logs were compared with what was landed");
      const Status polled = consumer.Poll(&batch, kPollMs);
      expired_meanwhile_ = !polled.ok() && consumer.failed_on_record();
      FOREBAY_TRY(polled);
      if (observe(batch)) return Ok();
      for (const std::string& warning : consumer.DrainWarnings()) spdlog::warn("{}", warning);
      if (!batch.empty()) last_message = MonotonicSeconds();
      if (MonotonicSeconds() - last_message > kSilenceSeconds) {
        return UnavailableError(
            "no records from the brokers to compare with what was landed; check whether all partitions have "
            "leaders");
      }
    }
  }

  // A record that the log has not any more expired or was compacted, or the log is another one.
  Status JudgeMissing(std::vector<Search>* searches) {
    std::vector<size_t> missing;
    std::vector<NamedPartition> names;
    for (size_t i = 0; i < searches->size(); ++i) {
      Search& search = (*searches)[i];
      if (search.verdict().kind != Kind::kUnknown || !search.is_missing_records()) continue;
      missing.push_back(i);
      names.push_back(names_[i]);
    }
    if (missing.empty()) return Ok();
    FOREBAY_ASSIGN(const std::vector<Watermarks> marks, admin_.QueryWatermarks(names));
    for (size_t i = 0; i < missing.size(); ++i) {
      Search& search = (*searches)[missing[i]];
      if (search.missing() < marks[i].earliest) continue;
      FOREBAY_ASSIGN(const bool is_compacted, IsCompacted(names[i].topic));
      if (!is_compacted) {
        search.verdict() = {Kind::kDifferent,
                            fmt::format("has no record at offset {} any more", search.missing().value()),
                            std::nullopt};
      } else {
        FOREBAY_TRY(JudgeByLeaderEpoch(logs_[missing[i]], &search.verdict()));
      }
    }
    return Ok();
  }

  Result<bool> IsCompacted(const std::string& topic) {
    FOREBAY_ASSIGN(const auto settings, admin_.TopicSettings(topic));
    const auto policy = settings.find("cleanup.policy");
    return policy != settings.end() && policy->second.find("compact") != std::string::npos;
  }

  // The brokers know to which offset the log has records of a leader epoch, compacted or not.
  Status JudgeByLeaderEpoch(const LandedLog& log, LogVerdict* verdict) {
    const LandedRecord& last = log.records.back();
    if (!last.leader_epoch) return Ok();
    FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(*options_.brokers, consumer_options_));
    FOREBAY_TRY(consumer->Assign({{topics_.at(log.partition.topic), log.partition.partition,
                                   Offset(last.offset.value() + 1), false, last.leader_epoch}}));
    const Status read = PollUntil(*consumer, [&](const kafka::MessageBatch& batch) {
      return !batch.empty() || consumer->positions().front().at_end;
    });
    if (read.ok() || !consumer->failed_on_log()) return read;
    *verdict = {Kind::kDifferent, fmt::format("was cut back below offset {}", last.offset.value() + 1),
                std::nullopt};
    return Ok();
  }

  const LogCheckOptions& options_;
  kafka::Admin& admin_;
  const std::vector<LandedLog>& logs_;
  std::vector<NamedPartition> names_;
  std::map<std::string, uint32_t> topics_;
  kafka::ConsumerOptions consumer_options_;
  bool expired_meanwhile_ = false;
};

}  // namespace

Result<std::vector<LogVerdict>> CheckLogs(const LogCheckOptions& options, kafka::Admin& admin,
                                          const std::vector<LandedLog>& logs) {
  if (logs.empty()) return std::vector<LogVerdict>();
  return LogChecker(options, admin, logs).Run();
}

Error NotTheLandedLog(const NamedPartition& partition, const std::string& difference) {
  return UnavailableError(
      fmt::format("the log of topic '{0}' partition {1} is not the one that was landed: it {2}. It was cut "
                  "back (an unclean "
                  "leader election, or a restored disk), and records that Kafka has now may be hidden behind "
                  "offsets that "
                  "count as landed. Nothing was landed; to land this log from where it differs, and keep "
                  "what was landed of "
                  "the earlier one, run `forebay land --adopt-log {0}:{1}`",
                  partition.topic, partition.partition.value(), difference));
}

}  // namespace forebay
