#include "compare/last_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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

class LastRows {
 public:
  LastRows(const ContentSources& sources, kafka::Admin& admin,
           const std::vector<kafka::NamedPartition>& partitions, const std::vector<TopicPartition>& logs)
      : sources_(sources), admin_(admin), partitions_(partitions), logs_(logs) {}

  Result<std::vector<LogVerdict>> Check() {
    FOREBAY_ASSIGN(marks_, admin_.QueryWatermarks(partitions_));
    FOREBAY_TRY(FindRows());
    std::vector<Row> rows = AtBroker();
    Result<LogDigests> kafka = ReadKafka(sources_, PartsOf(rows));
    while (!kafka.ok()) {
      if (kafka.error().code() == ErrorCode::kCancelled) return kafka.error();
      FOREBAY_ASSIGN(marks_, admin_.QueryWatermarks(partitions_));
      const size_t before = rows.size();
      rows = AtBroker();
      if (rows.size() == before) return kafka.error();  // it is not that records expired meanwhile
      kafka = ReadKafka(sources_, PartsOf(rows));
    }
    std::vector<LogVerdict> verdicts(logs_.size(), {LogVerdict::Kind::kUnknown, "", std::nullopt});
    for (const Row& row : rows) verdicts[row.log] = VerdictOf(row.last, (*kafka)[logs_[row.log]], EndOf(row));
    return verdicts;
  }

 private:
  // The last row of a log, and where its range ends.
  struct Row {
    size_t log = 0;
    const LedgerBatch* batch = nullptr;
    Offset end;
    RecordDigest last;
  };

  // Reads each batch once, and one after the other: all of them may not fit into the memory.
  Status FindRows() {
    std::map<BatchId, std::vector<Row>> of_batches;
    for (size_t i = 0; i < logs_.size(); ++i) {
      const auto [batch, range] = NewestRows(sources_.snapshot, logs_[i]);
      if (batch == nullptr || range->offsets.to <= marks_[i].earliest) continue;
      of_batches[batch->id].push_back({i, batch, range->offsets.to, {}});
    }
    for (auto& [id, rows] : of_batches) {
      FOREBAY_ASSIGN(LakeContents lake, ReadLake(sources_, {rows.front().batch}));
      for (Row& row : rows) {
        const std::vector<RecordDigest>& found = lake.records[logs_[row.log]];
        if (found.empty()) continue;
        row.last = found.back();
        // Where rows of the batch are gone, a record after this one may have been landed.
        if (lake.incomplete.contains(id)) row.end = Offset(row.last.offset.value() + 1);
        rows_.push_back(row);
      }
    }
    return Ok();
  }

  Offset EndOf(const Row& row) const { return std::min(row.end, marks_[row.log].stable); }
  // The rows whose records Kafka may have. Where a log ends before its row, its position tells.
  std::vector<Row> AtBroker() const {
    std::vector<Row> there;
    for (const Row& row : rows_) {
      if (row.last.offset >= marks_[row.log].earliest && row.last.offset < EndOf(row)) there.push_back(row);
    }
    return there;
  }
  std::vector<ContentPart> PartsOf(const std::vector<Row>& rows) const {
    std::vector<ContentPart> parts;
    for (const Row& row : rows) parts.push_back({row.batch, logs_[row.log], {row.last.offset, EndOf(row)}});
    return parts;
  }

  const ContentSources& sources_;
  kafka::Admin& admin_;
  const std::vector<kafka::NamedPartition>& partitions_;
  const std::vector<TopicPartition>& logs_;
  std::vector<kafka::Watermarks> marks_;  // by log
  std::vector<Row> rows_;
};

}  // namespace

Result<std::vector<LogVerdict>> CheckLastRows(const LogCheckOptions& options, kafka::Admin& admin,
                                              TableStore& store, Ledger& ledger,
                                              const std::vector<kafka::NamedPartition>& partitions,
                                              const std::vector<TopicPartition>& logs) {
  FOREBAY_ASSIGN(const BatchId last_batch, ledger.LastBatch());
  if (logs.empty() || last_batch.value() == 0)
    return std::vector<LogVerdict>(logs.size(), {LogVerdict::Kind::kUnknown, "", std::nullopt});
  FOREBAY_ASSIGN(const LedgerSnapshot snapshot,
                 ledger.Snapshot(BatchId(std::max<int64_t>(0, last_batch.value() - kBatches))));
  const BatchContracts contracts(snapshot);
  const ContentSources sources{store, snapshot, contracts, *options.brokers, 0, options.stop};
  return LastRows(sources, admin, partitions, logs).Check();
}

}  // namespace forebay
