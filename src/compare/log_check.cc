#include "compare/log_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "compare/leader_epochs.h"
#include "compare/log_search.h"
#include "compare/poll_until.h"
#include "kafka/consumer.h"

namespace forebay {
namespace {

using kafka::NamedPartition;
using kafka::Position;
using kafka::Watermarks;
using Kind = LogVerdict::Kind;

constexpr int64_t kQueueBytes = 8'000'000;
constexpr int kRetries = 3;
constexpr size_t kDifferencesListed = 10;

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
    FOREBAY_ASSIGN(std::vector<LogSearch> searches, ReadLogs());
    FOREBAY_TRY(JudgeMissing(&searches));
    std::vector<LogVerdict> verdicts;
    for (const LogSearch& search : searches) verdicts.push_back(search.verdict());
    return verdicts;
  }

 private:
  // Records may expire between the query for the logs' beginnings and the reading.
  Result<std::vector<LogSearch>> ReadLogs() {
    for (int attempt = 1;; ++attempt) {
      FOREBAY_ASSIGN(const std::vector<Watermarks> marks, admin_.QueryWatermarks(names_));
      std::vector<LogSearch> searches;
      for (size_t i = 0; i < logs_.size(); ++i) searches.emplace_back(logs_[i], marks[i]);
      const Status read = Read(&searches);
      if (read.ok()) return searches;
      if (!expired_meanwhile_ || attempt == kRetries) return read.error();
    }
  }

  Status Read(std::vector<LogSearch>* searches) {
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
    const auto observe = [&](const std::vector<kafka::Message>& messages) {
      for (const kafka::Message& message : messages)
        (*searches)[search_of.at({message.topic, message.partition})].Observe(message);
      for (size_t i = 0; i < order.size(); ++i) (*searches)[order[i]].Reach(consumer->positions()[i]);
      return std::all_of(searches->begin(), searches->end(),
                         [](const LogSearch& one) { return one.is_done(); });
    };
    const Status read = PollUntil(*consumer, options_.stop, observe);
    expired_meanwhile_ = !read.ok() && consumer->failed_on_record();
    return read;
  }

  // A record that the log has not any more expired or was compacted, or the log is another one.
  Status JudgeMissing(std::vector<LogSearch>* searches) {
    std::vector<LogSearch*> missing;
    std::vector<NamedPartition> names;
    for (size_t i = 0; i < searches->size(); ++i) {
      LogSearch& search = (*searches)[i];
      if (search.verdict().kind == Kind::kDifferent || search.missing().empty()) continue;
      missing.push_back(&search);
      names.push_back(names_[i]);
    }
    if (missing.empty()) return Ok();
    FOREBAY_ASSIGN(const std::vector<Watermarks> marks, admin_.QueryWatermarks(names));
    std::vector<EpochQuestion> questions;
    std::vector<LogSearch*> asked;
    for (size_t i = 0; i < missing.size(); ++i) {
      FOREBAY_TRY(JudgeBySettings(names[i], marks[i].earliest, missing[i], &questions));
      asked.resize(questions.size(), missing[i]);
    }
    FOREBAY_ASSIGN(const std::vector<bool> are_cut_back, AreCutBack(options_, admin_, questions));
    for (size_t i = 0; i < questions.size(); ++i) {
      if (are_cut_back[i])
        asked[i]->Differ(fmt::format("was cut back below offset {}", questions[i].record.offset.value() + 1));
    }
    return Ok();
  }

  // Adds what only the leader epochs tell: the records that may have been compacted.
  Status JudgeBySettings(const NamedPartition& log, Offset earliest, LogSearch* search,
                         std::vector<EpochQuestion>* questions) {
    for (const LandedRecord& record : search->missing()) {
      if (record.offset < earliest) continue;  // expired meanwhile
      FOREBAY_ASSIGN(const bool is_compacted, IsCompacted(log.topic));
      if (!is_compacted) {
        search->Differ(fmt::format("has no record at offset {} any more", record.offset.value()));
        return Ok();
      }
      if (record.leader_epoch) questions->push_back({log, record});
    }
    return Ok();
  }

  Result<bool> IsCompacted(const std::string& topic) {
    const auto known = is_compacted_.find(topic);
    if (known != is_compacted_.end()) return known->second;
    FOREBAY_ASSIGN(const bool is_compacted, MayBeCompacted(admin_, topic));
    is_compacted_[topic] = is_compacted;
    return is_compacted;
  }

  const LogCheckOptions& options_;
  kafka::Admin& admin_;
  const std::vector<LandedLog>& logs_;
  std::vector<NamedPartition> names_;
  std::map<std::string, uint32_t> topics_;
  kafka::ConsumerOptions consumer_options_;
  std::map<std::string, bool> is_compacted_;  // by topic: its settings are asked for once
  bool expired_meanwhile_ = false;
};

}  // namespace

Result<bool> MayBeCompacted(kafka::Admin& admin, const std::string& topic) {
  FOREBAY_ASSIGN(const auto settings, admin.TopicSettings(topic));
  if (!settings) return true;
  const auto policy = settings->find("cleanup.policy");
  return policy != settings->end() && policy->second.find("compact") != std::string::npos;
}

Result<std::vector<LogVerdict>> CheckLogs(const LogCheckOptions& options, kafka::Admin& admin,
                                          const std::vector<LandedLog>& logs) {
  if (logs.empty()) return std::vector<LogVerdict>();
  return LogChecker(options, admin, logs).Run();
}

std::string EndsBefore(Offset end, Offset next) {
  return fmt::format("ends at offset {}, and was landed up to offset {}", end.value(), next.value());
}

Error NotTheLandedLogs(const std::vector<DifferentLog>& logs) {
  FOREBAY_ASSERT(!logs.empty());
  std::string differences;
  std::string options;
  for (size_t i = 0; i < logs.size(); ++i) {
    const auto& [topic, partition] = logs[i].partition;
    options += fmt::format(" --adopt-log {}:{}", topic, partition.value());
    if (i >= kDifferencesListed) continue;
    differences += fmt::format("{}the log of topic '{}' partition {} {}", i == 0 ? "" : ", ", topic,
                               partition.value(), logs[i].difference);
  }
  if (logs.size() > kDifferencesListed)
    differences += fmt::format(", and {} more", logs.size() - kDifferencesListed);
  return UnavailableError(fmt::format(
      "{} not what was landed: {}. Logs are cut back by an unclean leader election or a restored "
      "disk, and records that Kafka has now may be hidden behind offsets that count as landed. "
      "Nothing was landed; to land from where they differ, and keep what was landed of the "
      "earlier logs, run `forebay land{}`",
      logs.size() == 1 ? "a log is" : fmt::format("{} logs are", logs.size()), differences, options));
}

}  // namespace forebay
