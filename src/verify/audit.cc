#include "verify/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "compare/batch_contracts.h"
#include "contract/topics.h"
#include "ledger/ledger.h"
#include "store/lake.h"
#include "verify/batch_check.h"
#include "verify/content_check.h"
#include "verify/duplicate_keys.h"
#include "verify/duplicate_positions.h"
#include "verify/expired_counts.h"
#include "verify/expired_unlanded.h"
#include "verify/file_scan.h"
#include "verify/gap_classifier.h"
#include "verify/ledger_check.h"
#include "verify/missing_offsets.h"
#include "verify/position_map.h"
#include "verify/receipt_check.h"
#include "verify/reconcile.h"
#include "verify/scan_totals.h"
#include "verify/scope.h"
#include "verify/totals.h"

namespace forebay {
namespace {

void AddDamage(FindingLog& log, std::string detail) {
  log.Add({.kind = FindingKind::kDamagedLedger, .detail = std::move(detail)});
}

// Returns null, with a finding, when the ledger is too damaged to be read.
Result<std::unique_ptr<Ledger>> OpenLedger(const Lake& lake, FindingLog& log) {
  const std::string path = lake.LedgerFile();
  FOREBAY_ASSIGN(const bool exists, lake.HasLedgerFile());
  if (!exists) {
    AddDamage(log, path + " does not exist");
    return std::unique_ptr<Ledger>();
  }
  Result<std::unique_ptr<Ledger>> ledger = Ledger::OpenForReading(path);
  const Status integrity = ledger.ok() ? (*ledger)->CheckIntegrity() : ledger.error();
  if (!integrity.ok()) {
    if (integrity.error().code() != ErrorCode::kCorruption) return integrity.error();
    AddDamage(log, integrity.error().message());
    return std::unique_ptr<Ledger>();
  }
  if ((*ledger)->lake_id() != lake.id()) {
    log.Add({.kind = FindingKind::kLakeIdMismatch,
             .expected = "lake id " + lake.id() + " of lake.json",
             .found = (*ledger)->lake_id() + " in the ledger"});
  }
  return ledger;
}

// The ledger before and after the files were listed. `listed` has no files of batches before the first one.
struct Snapshots {
  LedgerSnapshot before;
  std::vector<FilePlace> listed;
  std::vector<std::string> staged;
  LedgerSnapshot after;
};

// Returns nothing, with a finding, when the ledger is too damaged for any comparison.
Result<std::optional<Snapshots>> ReadSnapshots(const Lake& lake, Ledger& ledger, BatchId since,
                                               FindingLog& log) {
  Snapshots snapshots;
  Result<LedgerSnapshot> before = ledger.Snapshot(since);
  if (!before.ok()) {
    if (before.error().code() != ErrorCode::kCorruption) return before.error();
    AddDamage(log, before.error().message());
    return std::optional<Snapshots>();
  }
  if (since > before->last_batch) {
    return InvalidArgumentError(fmt::format("no batch {}: the last batch of the ledger is {}", since.value(),
                                            before->last_batch.value()));
  }
  snapshots.before = std::move(*before);
  FOREBAY_ASSIGN(snapshots.listed, lake.store().ListFiles());
  FOREBAY_ASSIGN(snapshots.staged, lake.store().ListStaged());
  FOREBAY_ASSIGN(snapshots.after, ledger.Snapshot(since));
  FOREBAY_ASSIGN(snapshots.listed, WithoutOlderBatches(std::move(snapshots.listed), snapshots.after, ledger));
  return std::optional(std::move(snapshots));
}

// Calls `each` with every topic of the scope and its table as each contract of the batches has it.
template <typename Each>
void ForEachTable(const LedgerSnapshot& snapshot, const AuditScope& scope, const BatchContracts& contracts,
                  const Each& each) {
  std::set<std::string> seen;
  for (const LedgerBatch& batch : snapshot.batches) {
    if (!seen.insert(batch.contract_hash).second) continue;
    for (size_t i = 0; i < scope.topics().size(); ++i) {
      if (const Table* const table = contracts.FindTable(batch, scope.topics()[i].table)) each(i, *table);
    }
  }
}

// The topics of the scope whose records Kafka may drop, according to the contracts of the batches.
std::set<size_t> CompactedTopics(const LedgerSnapshot& snapshot, const AuditScope& scope,
                                 const BatchContracts& contracts) {
  std::set<size_t> compacted;
  ForEachTable(snapshot, scope, contracts, [&](size_t topic, const Table& table) {
    if (table.topic.cleanup_policy.find("compact") != std::string::npos) compacted.insert(topic);
  });
  return compacted;
}

// The levels of directories that are in a time zone, by topic of the scope.
ZonedLevels FindZonedLevels(const LedgerSnapshot& snapshot, const AuditScope& scope,
                            const BatchContracts& contracts) {
  ZonedLevels zoned;
  ForEachTable(snapshot, scope, contracts,
               [&](size_t topic, const Table& table) { zoned[topic].merge(table.ZonedLevels()); });
  return zoned;
}

// The topics of the scope that the newest contract does not name: they come and go as patterns match them, or
// are not landed any more.
Result<std::set<size_t>> UnnamedTopics(Ledger& ledger, const AuditScope& scope) {
  std::set<size_t> unnamed;
  FOREBAY_ASSIGN(const std::optional<std::string> yaml, ledger.LatestContract());
  const Result<Contract> contract = ParseContract(yaml.value_or(""), "the newest contract");
  if (!contract.ok()) return unnamed;
  for (size_t i = 0; i < scope.topics().size(); ++i) {
    const LedgerTopic& topic = scope.topics()[i];
    const Table* const declared = contract->FindTable(topic.table, topic.topic);
    const std::optional<SelectedTopic> selected =
        declared == nullptr ? std::nullopt : FindTopic(*declared, topic.topic);
    if (!selected || !selected->by_name) unnamed.insert(i);
  }
  return unnamed;
}

uint64_t CountPublished(const LedgerSnapshot& snapshot) {
  return static_cast<uint64_t>(
      std::count_if(snapshot.batches.begin(), snapshot.batches.end(),
                    [](const LedgerBatch& batch) { return batch.state == BatchState::kPublished; }));
}

// Logs the findings of the scans, and counts files that changed during the audit as expired.
void AddScans(const std::vector<FileToRead>& files, const std::vector<FileScan>& scans, AuditScope* scope,
              FindingLog& log) {
  for (size_t i = 0; i < files.size(); ++i) {
    for (const Finding& finding : FindingsOf(scans[i])) log.Add(finding);
    if (std::holds_alternative<ChangedFile>(scans[i].outcome))
      scope->CountAsExpired(*files[i].batch, *files[i].file);
  }
}

// Without an answer of the brokers the audit is incomplete, and the report says so. Returns other errors.
Status NoteSilence(const Status& asked, AuditReport* report) {
  if (asked.ok() || asked.error().code() != ErrorCode::kUnavailable) return asked;
  report->broker_error = asked.error().message();
  return Ok();
}

Result<std::vector<MissingOffsets>> ExplainMissingOffsets(const AuditOptions& options,
                                                          const AuditScope& scope, Ledger& ledger,
                                                          const PositionMap& positions, FindingLog& log,
                                                          AuditReport* report) {
  std::vector<MissingOffsets> missing = FindMissingOffsets(scope, positions);
  FOREBAY_ASSIGN(const std::set<size_t> may_be_gone, UnnamedTopics(ledger, scope));
  if (options.broker && report->broker_error.empty()) {
    const kafka::RetryOptions retry{options.broker_timeout_ms, options.stop, kafka::kBrokersDownMs};
    FOREBAY_TRY(NoteSilence(ClassifyGaps(scope, *options.broker, retry, may_be_gone, &missing, log), report));
    ReportMissingRecords(scope, missing, log);
  }
  if (!options.broker || !report->broker_error.empty()) NoteUnexplained(scope, missing, log);
  return missing;
}

// Compares the lake with Kafka's records, value by value.
Status CompareContent(const AuditOptions& options, const AuditScope& scope, const LedgerSnapshot& snapshot,
                      const BatchContracts& contracts, TableStore& store, FindingLog& log,
                      AuditReport* report) {
  if (!options.content || !report->broker_error.empty()) return Ok();
  Result<AuditedContent> content = CheckContent(options, scope, snapshot, contracts,
                                                CompactedTopics(snapshot, scope, contracts), store, log);
  FOREBAY_TRY(NoteSilence(ToStatus(content), report));
  if (content.ok()) report->content = *content;
  return Ok();
}

// Audits the batches of `snapshots`; adds to `log` and `report`.
Status AuditBatches(const AuditOptions& options, const Lake& lake, Ledger& ledger, const Snapshots& snapshots,
                    FindingLog& log, AuditReport* report) {
  const LedgerSnapshot& before = snapshots.before;
  CheckLedger(before, log);
  NoteOperatorActions(snapshots.after, log);
  const std::vector<FileToRead> files = CompareFiles(before, snapshots.listed, snapshots.after, log);
  if (!snapshots.staged.empty()) {
    log.AddNote(
        {.kind = FindingKind::kStagedFiles, .detail = fmt::format("{} files", snapshots.staged.size())});
  }
  AuditScope scope(before, snapshots.after);
  const BatchContracts contracts(before);
  for (const auto& [hash, why] : contracts.unreadable()) {
    log.Add({.kind = FindingKind::kDamagedLedger,
             .detail = "cannot read contract " + hash + ", with which batches were landed: " + why});
  }
  PositionMap positions(scope.partitions().size());
  const kafka::RetryOptions retry{options.broker_timeout_ms, options.stop, kafka::kBrokersDownMs};
  ReceiptCheck::Options compare{.require_landed = options.require_landed,
                                .compacted = CompactedTopics(before, scope, contracts),
                                .zoned_levels = FindZonedLevels(before, scope, contracts),
                                .expired = {},
                                .snapshot = &before,
                                .redecode = {}};
  if (options.broker) {
    FOREBAY_TRY(NoteSilence(
        ReportExpiredUnlanded(scope, ledger, *options.broker, retry, log, &compare.expired), report));
    compare.redecode = [&](size_t topic, const TopicOffsets& offsets) -> Result<DecodedAgain> {
      const DecodedAgain impossible{"the brokers did not answer", {}};
      if (!report->broker_error.empty()) return impossible;
      Result<DecodedAgain> decoded =
          DecodeAgain(scope, before, contracts, *options.broker, retry, topic, offsets);
      FOREBAY_TRY(NoteSilence(ToStatus(decoded), report));
      return decoded.ok() ? decoded : impossible;
    };
  }
  ReceiptCheck receipts(options.receipts, scope, std::move(compare), log);
  const ScanContext context{lake, scope, contracts, positions, receipts.compared(), options.stop};

  FOREBAY_ASSIGN(std::vector<FileScan> first, ScanFiles(context, files, options.threads, options.progress));
  FOREBAY_ASSIGN(const std::vector<FileScan> scans,
                 ReconcileWithLedger(ledger, before, options.stop, files, std::move(first), log));
  AddScans(files, scans, &scope, log);
  ScanTotals totals = SumScans(scope, files, scans);
  AddExpired(before, scope, receipts.compared(), &totals, log);
  FOREBAY_TRY(ReportDuplicates(context, files, totals.duplicates, options.threads, log));
  CheckBatchCounts(before, scope, totals.batches, positions, log);

  FOREBAY_ASSIGN(const std::vector<MissingOffsets> missing,
                 ExplainMissingOffsets(options, scope, ledger, positions, log, report));
  CheckTombstones(before, scope, missing, log);
  FOREBAY_TRY(receipts.Compare(totals.compared, missing));
  FOREBAY_TRY(CompareContent(options, scope, before, contracts, lake.store(), log, report));
  if (options.keys) {
    const DuplicateKeysOptions keys{.threads = options.threads, .listed = options.keys_listed};
    FOREBAY_ASSIGN(report->keys, ReportDuplicateKeys(context, files, keys, log));
  }

  report->batches = CountPublished(before);
  report->files = files.size();
  report->bytes = totals.bytes;
  report->topics = SumTopics(before, scope, receipts, files, scans, missing, positions);
  if (!options.receipts.empty()) NoteNotInReceipts(report->topics, log);
  return Ok();
}

void AddFindings(FindingLog& log, AuditReport* report) {
  for (size_t i = 0; i < kFindingKinds; ++i) {
    const auto kind = static_cast<FindingKind>(i);
    if (const uint64_t count = log.Count(kind, Severity::kProblem)) report->problem_counts[kind] = count;
    if (const uint64_t count = log.Count(kind, Severity::kNote)) report->note_counts[kind] = count;
  }
  report->problems = log.Take(Severity::kProblem);
  report->notes = log.Take(Severity::kNote);
}

}  // namespace

uint64_t AuditedTopic::quarantined_records() const {
  uint64_t sum = 0;
  for (const auto& [reason, records] : quarantined) sum += records;
  return sum;
}

uint64_t AuditReport::rows() const {
  uint64_t sum = 0;
  for (const AuditedTopic& topic : topics) sum += topic.rows;
  return sum;
}

uint64_t AuditReport::quarantined() const {
  uint64_t sum = 0;
  for (const AuditedTopic& topic : topics) sum += topic.quarantined_records();
  return sum;
}

uint64_t AuditReport::tombstones() const {
  uint64_t sum = 0;
  for (const AuditedTopic& topic : topics) sum += topic.tombstones;
  return sum;
}

Result<AuditReport> Audit(const AuditOptions& options) {
  const double began_s = MonotonicSeconds();
  FindingLog log;
  FOREBAY_ASSIGN(const std::unique_ptr<Lake> lake, Lake::OpenForReading(PosixFs(), options.lake));
  AuditReport report;
  report.lake = lake->root();
  report.lake_id = lake->id();
  report.since = options.since;
  report.receipts = options.receipts.size();
  FOREBAY_ASSIGN(const std::unique_ptr<Ledger> ledger, OpenLedger(*lake, log));
  std::optional<Snapshots> snapshots;
  if (ledger != nullptr) {
    FOREBAY_ASSIGN(snapshots, ReadSnapshots(*lake, *ledger, options.since, log));
  }
  if (snapshots) {
    report.last_batch = snapshots->before.last_batch;
    report.brokers_queried = options.broker.has_value();
    FOREBAY_TRY(AuditBatches(options, *lake, *ledger, *snapshots, log, &report));
  }
  AddFindings(log, &report);
  report.seconds = MonotonicSeconds() - began_s;
  return report;
}

}  // namespace forebay
