#include "compare/last_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace forebay {
namespace {

constexpr int64_t kBatches = 64;  // how many of the newest are looked at

// The newest batch of the snapshot that landed rows of the log, and its range.
std::pair<const LedgerBatch*, const BatchRange*> NewestRows(const LedgerSnapshot& snapshot,
                                                            const TopicPartition& log) {
  for (auto batch = snapshot.batches.rbegin(); batch != snapshot.batches.rend(); ++batch) {
    if (batch->state != BatchState::kPublished) continue;
    for (const BatchRange& range : batch->ranges) {
      if (range.partition == log && range.rows + range.quarantined > 0) return {&*batch, &range};
    }
  }
  return {nullptr, nullptr};
}

// `kafka`: from the last row on.
LogVerdict VerdictOf(const RecordDigest& last, const std::vector<RecordDigest>& kafka, Offset next) {
  const ContentDifferences found = Compare({last}, kafka, {last.offset, next});
  LogVerdict verdict;
  if (!found.different.empty()) {
    verdict.difference = fmt::format("has another record at offset {}", last.offset.value());
  } else if (!found.only_in_kafka.empty()) {
    verdict.difference =
        fmt::format("has a record at offset {}, where none was landed", found.only_in_kafka.front().value());
  }
  if (!verdict.difference.empty()) {
    verdict.kind = LogVerdict::Kind::kDifferent;
  } else if (found.same == 0) {
    verdict.kind = LogVerdict::Kind::kUnknown;
  }
  return verdict;
}

}  // namespace

Result<std::vector<LogVerdict>> CheckLastRows(const LogCheckOptions& options, kafka::Admin& admin,
                                              TableStore& store, Ledger& ledger,
                                              const std::vector<kafka::NamedPartition>& partitions,
                                              const std::vector<TopicPartition>& logs) {
  std::vector<LogVerdict> verdicts(logs.size(), LogVerdict{LogVerdict::Kind::kUnknown, "", std::nullopt});
  FOREBAY_ASSIGN(const BatchId last_batch, ledger.LastBatch());
  if (logs.empty() || last_batch.value() == 0) return verdicts;
  FOREBAY_ASSIGN(const LedgerSnapshot snapshot,
                 ledger.Snapshot(BatchId(std::max<int64_t>(0, last_batch.value() - kBatches))));
  const BatchContracts contracts(snapshot);
  const ContentSources sources{store, snapshot, contracts, *options.brokers, 0, options.stop};
  for (size_t i = 0; i < logs.size(); ++i) {
    const auto [batch, range] = NewestRows(snapshot, logs[i]);
    if (batch == nullptr) continue;
    FOREBAY_ASSIGN(LogDigests lake, ReadLake(sources, {batch}));
    const std::vector<RecordDigest>& rows = lake[logs[i]];
    FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin.QueryWatermarks({partitions[i]}));
    if (rows.empty() || rows.back().offset < marks.front().earliest) continue;
    const Offset next = std::min(range->offsets.to, marks.front().stable);
    if (rows.back().offset >= next) continue;  // the log ends before it, which its position tells
    FOREBAY_ASSIGN(LogDigests kafka, ReadKafka(sources, {{batch, logs[i], {rows.back().offset, next}}}));
    verdicts[i] = VerdictOf(rows.back(), kafka[logs[i]], next);
  }
  return verdicts;
}

}  // namespace forebay
