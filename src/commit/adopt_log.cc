#include "commit/adopt_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "compare/batch_contracts.h"
#include "compare/content.h"
#include "compare/fingerprint.h"
#include "compare/log_check.h"
#include "kafka/range_reader.h"

namespace forebay {
namespace {

// Fingerprints at growing distances reach the beginning of any log.
constexpr size_t kMaxRecords = 64;
constexpr int64_t kPieceOffsets = 1'000'000;

std::string Describe(const kafka::NamedPartition& partition) {
  return fmt::format("topic '{}' partition {}", partition.topic, partition.partition.value());
}

// A log to adopt, with what the ledger and the brokers know of it.
struct Candidate {
  kafka::NamedPartition partition;
  const LedgerPartition* known = nullptr;
  kafka::Watermarks marks;
  std::string table;
  std::string difference;
  bool is_adopted = false;  // already: the log is the one that was adopted
};

class LogAdopter {
 public:
  LogAdopter(const LogCheckOptions& options, kafka::Admin& admin, TableStore& store, Ledger& ledger)
      : options_(options), admin_(admin), store_(store), ledger_(ledger) {}

  Status Run(const std::vector<kafka::NamedPartition>& logs) {
    FOREBAY_ASSIGN(snapshot_, ledger_.Snapshot());
    contracts_.emplace(snapshot_);
    FOREBAY_ASSIGN(std::vector<Candidate> candidates, FindCandidates(logs));
    FOREBAY_TRY(FindDifferences(&candidates));
    std::vector<LogAdoption> adoptions;
    for (Candidate& candidate : candidates) {
      if (candidate.is_adopted) continue;
      FOREBAY_ASSIGN(const Offset beginning, FindBeginning(&candidate));
      if (candidate.is_adopted) continue;
      FOREBAY_ASSIGN(const std::optional<LandedRecord> base, FindBase(candidate, beginning));
      adoptions.push_back({candidate.known->partition, candidate.known->next, beginning, base});
    }
    std::erase_if(candidates, [](const Candidate& candidate) { return candidate.is_adopted; });
    FOREBAY_TRY(ledger_.AdoptLogs(adoptions));
    for (size_t i = 0; i < candidates.size(); ++i) Report(candidates[i], adoptions[i]);
    return Ok();
  }

 private:
  Result<std::vector<Candidate>> FindCandidates(const std::vector<kafka::NamedPartition>& logs);
  Status FindKnown(const kafka::TopicInfo& info, Candidate* candidate) const;
  Status FindDifferences(std::vector<Candidate>* candidates);
  Result<Offset> FindBeginning(Candidate* candidate);
  Result<Offset> FindProven(const Candidate& candidate);
  std::vector<ContentPart> PartsOf(const Candidate& candidate, Offset from) const;
  Result<std::optional<LandedRecord>> FindBase(const Candidate& candidate, Offset beginning);

  static void Report(const Candidate& candidate, const LogAdoption& adoption);

  const LogCheckOptions& options_;
  kafka::Admin& admin_;
  TableStore& store_;
  Ledger& ledger_;
  LedgerSnapshot snapshot_;
  std::optional<BatchContracts> contracts_;
};

Result<std::vector<Candidate>> LogAdopter::FindCandidates(const std::vector<kafka::NamedPartition>& logs) {
  std::vector<std::string> topics;
  for (const kafka::NamedPartition& partition : logs) topics.push_back(partition.topic);
  FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin_.DescribeTopics(topics));
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < logs.size(); ++i) {
    Candidate candidate;
    candidate.partition = logs[i];
    FOREBAY_TRY(FindKnown(infos[i], &candidate));
    candidates.push_back(std::move(candidate));
  }
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin_.QueryWatermarks(logs));
  for (size_t i = 0; i < candidates.size(); ++i) candidates[i].marks = marks[i];
  return candidates;
}

Status LogAdopter::FindKnown(const kafka::TopicInfo& info, Candidate* candidate) const {
  const kafka::NamedPartition& partition = candidate->partition;
  if (!info.exists || partition.partition.value() >= info.partitions)
    return InvalidArgumentError(Describe(partition) + " does not exist at the brokers");
  for (const LedgerTopic& topic : snapshot_.topics) {
    if (!topic.current || topic.topic != partition.topic) continue;
    if (topic.id != info.id) {
      return UnavailableError(
          "topic '" + topic.topic +
          "' was deleted and recreated; to land the new one, run `forebay land --adopt-topic " + topic.topic +
          "`");
    }
    candidate->table = topic.table;
    for (const LedgerPartition& known : snapshot_.partitions) {
      if (!known.current || known.partition.topic_id != topic.id ||
          known.partition.partition != partition.partition)
        continue;
      candidate->known = &known;
      return Ok();
    }
  }
  return InvalidArgumentError("the lake has nothing of " + Describe(partition) +
                              "; there is no log to adopt");
}

Status LogAdopter::FindDifferences(std::vector<Candidate>* candidates) {
  std::vector<LandedLog> landed;
  std::vector<Candidate*> of_landed;
  for (Candidate& candidate : *candidates) {
    FOREBAY_ASSIGN(const auto last, ledger_.LastRecords({candidate.known->partition}, 1));
    if (candidate.marks.stable < candidate.known->next)
      candidate.difference = EndsBefore(candidate.marks.stable, candidate.known->next);
    if (last.front().empty()) continue;  // by an older version: the rows alone tell
    landed.push_back({candidate.partition, last.front(), candidate.known->next});
    of_landed.push_back(&candidate);
  }
  FOREBAY_ASSIGN(const std::vector<LogVerdict> verdicts, CheckLogs(options_, admin_, landed));
  for (size_t i = 0; i < verdicts.size(); ++i) {
    const bool is_same = verdicts[i].kind == LogVerdict::Kind::kSame;
    if (is_same && !of_landed[i]->known->adopted_at_ms) {
      return InvalidArgumentError("the log of " + Describe(landed[i].partition) +
                                  " is the one that was landed; there is nothing to adopt");
    }
    of_landed[i]->is_adopted = is_same;
    if (!verdicts[i].difference.empty()) of_landed[i]->difference = verdicts[i].difference;
  }
  return Ok();
}

// The offset up to which a fingerprint proves the log, as far as Kafka has the record.
Result<Offset> LogAdopter::FindProven(const Candidate& candidate) {
  FOREBAY_ASSIGN(const auto records, ledger_.LastRecords({candidate.known->partition}, kMaxRecords));
  for (const LandedRecord& record : records.front()) {
    const Offset end(record.offset.value() + 1);
    FOREBAY_ASSIGN(const std::vector<LogVerdict> verdicts,
                   CheckLogs(options_, admin_, {{candidate.partition, {record}, end}}));
    if (verdicts.front().kind == LogVerdict::Kind::kSame) return end;
  }
  return LineageOf(snapshot_.partitions, candidate.known->partition).back().offsets.from;
}

std::vector<ContentPart> LogAdopter::PartsOf(const Candidate& candidate, Offset from) const {
  std::vector<ContentPart> parts;
  for (const LogSegment& segment : LineageOf(snapshot_.partitions, candidate.known->partition)) {
    for (const LedgerBatch& batch : snapshot_.batches) {
      for (const BatchRange& range : batch.ranges) {
        if (range.partition != segment.log || contracts_->FindTable(batch, candidate.table) == nullptr)
          continue;  // a batch whose contract cannot be read proves nothing
        const OffsetRange part{std::max({range.offsets.from, segment.offsets.from, from}),
                               std::min({range.offsets.to, segment.offsets.to, candidate.marks.stable})};
        if (part.from < part.to) parts.push_back({&batch, range.partition, part});
      }
    }
  }
  std::sort(parts.begin(), parts.end(),
            [](const ContentPart& a, const ContentPart& b) { return a.offsets.from < b.offsets.from; });
  return parts;
}

// The record before the beginning, by which later landings recognize the log before they land anything of it.
Result<std::optional<LandedRecord>> LogAdopter::FindBase(const Candidate& candidate, Offset beginning) {
  std::optional<LandedRecord> base;
  const Offset before(beginning.value() - 1);
  if (before < candidate.marks.earliest || before >= candidate.marks.stable) return base;
  kafka::ConsumerOptions options;
  options.topics = {candidate.partition.topic};
  FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(*options_.brokers, options));
  FOREBAY_TRY(kafka::ReadRanges(*consumer, {{0, candidate.partition.partition, {before, beginning}}},
                                {.stop = options_.stop}, [&](const std::vector<kafka::Message>& messages) {
                                  for (const kafka::Message& message : messages) {
                                    if (message.offset == before) base = LandedRecordOf(message);
                                  }
                                  return Ok();
                                }));
  return base;
}

// Walks over the records from the last proven one on, until one differs. Of an adopted log that has no record
// yet by which it could be recognized, nothing differs.
Result<Offset> LogAdopter::FindBeginning(Candidate* candidate) {
  FOREBAY_ASSIGN(Offset proven, FindProven(*candidate));
  FOREBAY_ASSIGN(const bool is_compacted, MayBeCompacted(admin_, candidate->partition.topic));
  // What expired of the log cannot be landed, whatever it was.
  const Offset oldest = std::min(candidate->marks.earliest, candidate->known->next);
  const ContentSources sources{store_, snapshot_, *contracts_, *options_.brokers, 0, options_.stop};
  for (const ContentPart& part : PartsOf(*candidate, std::max(proven, candidate->marks.earliest))) {
    for (OffsetRange piece = part.offsets; piece.from < part.offsets.to; piece.from = piece.to) {
      piece.to = std::min(part.offsets.to, Offset(piece.from.value() + kPieceOffsets));
      FOREBAY_ASSIGN(Contents contents, ReadContents(sources, {{part.batch, part.log, piece}}));
      const MayLack may_lack{.lake_may_lack = contents.lake.incomplete.contains(part.batch->id),
                             .kafka_may_lack = is_compacted};
      const ProvenPrefix prefix =
          ProvePrefix(contents.lake.records[part.log], contents.kafka[part.log], piece, may_lack);
      proven = std::max(proven, prefix.end.value_or(proven));
      if (!prefix.difference) continue;
      if (candidate->difference.empty())
        candidate->difference = fmt::format("has another record at offset {}", prefix.difference->value());
      return std::max(proven, oldest);
    }
  }
  candidate->is_adopted = candidate->difference.empty() && candidate->known->adopted_at_ms;
  if (candidate->difference.empty() && !candidate->is_adopted) {
    return InvalidArgumentError("nothing shows that the log of " + Describe(candidate->partition) +
                                " is not the one that was landed; there is nothing to adopt");
  }
  return std::max(proven, oldest);
}

void LogAdopter::Report(const Candidate& candidate, const LogAdoption& adoption) {
  const std::string stays = adoption.beginning == adoption.next
                                ? "everything that was landed"
                                : fmt::format("what was landed of the earlier log at offsets {} to {}",
                                              adoption.beginning.value(), adoption.next.value() - 1);
  spdlog::warn("adopted the log of {}, which {}: it is landed from offset {} on; {} stays",
               Describe(candidate.partition), candidate.difference, adoption.beginning.value(), stays);
}

}  // namespace

Result<kafka::NamedPartition> ParseLog(const std::string& text) {
  const size_t colon = text.rfind(':');
  int32_t partition = -1;
  if (colon != std::string::npos && colon > 0) {
    const char* const end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data() + colon + 1, end, partition);
    if (error == std::errc() && parsed == end && partition >= 0)
      return kafka::NamedPartition{text.substr(0, colon), PartitionId(partition)};
  }
  return InvalidArgumentError("a log to adopt is named TOPIC:PARTITION, such as shop.clicks:0; '" + text +
                              "' is not");
}

Status AdoptLogs(const LogCheckOptions& options, kafka::Admin& admin, TableStore& store, Ledger& ledger,
                 std::vector<kafka::NamedPartition> logs) {
  std::sort(logs.begin(), logs.end());
  logs.erase(std::unique(logs.begin(), logs.end()), logs.end());
  return LogAdopter(options, admin, store, ledger).Run(logs);
}

}  // namespace forebay
