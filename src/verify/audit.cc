#include "verify/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/parallel.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "store/lake.h"
#include "verify/batch_check.h"
#include "verify/duplicate_keys.h"
#include "verify/duplicate_positions.h"
#include "verify/expired_counts.h"
#include "verify/file_scan.h"
#include "verify/gap_classifier.h"
#include "verify/ledger_check.h"
#include "verify/position_map.h"
#include "verify/receipt_check.h"
#include "verify/reconcile.h"
#include "verify/scope.h"
#include "verify/totals.h"

namespace forebay {
namespace {

class AuditRun {
 public:
  explicit AuditRun(const AuditOptions& options) : options_(options), began_(MonotonicSeconds()) {}

  Result<AuditReport> Run() {
    FOREBAY_ASSIGN(lake_, Lake::OpenForReading(PosixFs(), options_.lake));
    FOREBAY_ASSIGN(const bool readable, OpenLedger());
    if (!readable) return Finish();
    FOREBAY_TRY(TakeSnapshots());
    FOREBAY_TRY(ScanFiles());
    FOREBAY_TRY(ReconcileWithLedger(*ledger_, first_, options_.stop, files_, &scans_, log_));
    CollectScans();
    FOREBAY_TRY(ReportDuplicates(Context(), files_, duplicates_, options_.threads, log_));
    CheckBatchCounts(first_, *scope_, by_batch_, *positions_, log_);
    FOREBAY_TRY(Explain());
    CheckTombstones(first_, *scope_, missing_offsets_, log_);
    receipts_->Compare(counted_, missing_offsets_);
    FOREBAY_TRY(CheckKeys());
    report_.topics = SumUp(first_, *scope_, *receipts_, files_, scans_, missing_offsets_, *positions_);
    if (!options_.receipts.empty()) NoteNotCovered(report_.topics, log_);
    return Finish();
  }

 private:
  Result<bool> OpenLedger();
  Status TakeSnapshots();
  Status ScanFiles();
  void CollectScans();
  Status Explain();
  void NoteUnexplained();
  Status CheckKeys();
  void AddDamage(const std::string& detail);
  Result<AuditReport> Finish();
  std::set<size_t> CompactedTopics() const;
  ScanContext Context() {
    return {*lake_, *scope_, *contracts_, *positions_, receipts_->counted(), options_.stop};
  }

  const AuditOptions& options_;
  const double began_;
  FindingLog log_;
  AuditReport report_;
  std::unique_ptr<Lake> lake_;
  std::unique_ptr<Ledger> ledger_;
  LedgerSnapshot first_;
  std::optional<AuditScope> scope_;
  std::optional<Contracts> contracts_;
  std::optional<PositionMap> positions_;
  std::optional<ReceiptCheck> receipts_;
  std::vector<FileToRead> files_;
  std::vector<FileScan> scans_;  // by file
  std::map<size_t, OffsetSet> duplicates_;
  std::map<BatchId, BatchFound> by_batch_;
  CountedRows counted_;
  std::vector<MissingOffsets> missing_offsets_;  // by partition of the scope
};

void AuditRun::AddDamage(const std::string& detail) {
  Finding finding;
  finding.kind = FindingKind::kDamagedLedger;
  finding.detail = detail;
  log_.Add(std::move(finding));
}

// Opens the ledger and reads the `before` snapshot. Returns false, with a finding, when the ledger is too
// damaged for any comparison.
Result<bool> AuditRun::OpenLedger() {
  report_.lake = lake_->root();
  report_.lake_id = lake_->id();
  const std::string path = lake_->LedgerFile();
  FOREBAY_ASSIGN(const bool exists, lake_->HasLedgerFile());
  if (!exists) {
    AddDamage(path + " does not exist");
    return false;
  }
  Result<std::unique_ptr<Ledger>> ledger = Ledger::OpenForReading(path);
  const Status sound = ledger.ok() ? (*ledger)->CheckIntegrity() : ledger.error();
  if (!sound.ok()) {
    if (sound.error().code() != ErrorCode::kCorruption) return sound.error();
    AddDamage(sound.error().message());
    return false;
  }
  ledger_ = std::move(*ledger);
  if (ledger_->lake_id() != lake_->id()) {
    Finding finding;
    finding.kind = FindingKind::kLakeIdMismatch;
    finding.expected = "lake id " + lake_->id() + ", as lake.json says";
    finding.found = ledger_->lake_id() + " in the ledger";
    log_.Add(std::move(finding));
  }
  Result<LedgerSnapshot> first = ledger_->Snapshot(options_.since);
  if (!first.ok()) {
    if (first.error().code() != ErrorCode::kCorruption) return first.error();
    AddDamage(first.error().message());
    return false;
  }
  first_ = std::move(*first);
  return true;
}

Status AuditRun::TakeSnapshots() {
  if (options_.since > first_.last_batch) {
    return InvalidArgumentError(fmt::format("there is no batch {}: the ledger ends with batch {}",
                                            options_.since.value(), first_.last_batch.value()));
  }
  FOREBAY_ASSIGN(std::vector<FilePlace> listed, lake_->store().ListFiles());
  FOREBAY_ASSIGN(const std::vector<std::string> staged, lake_->store().ListStaged());
  FOREBAY_ASSIGN(const LedgerSnapshot second, ledger_->Snapshot(options_.since));
  CheckLedger(first_, log_);
  NoteOperatorActions(second, log_);
  FOREBAY_ASSIGN(listed, WithoutOlderBatches(std::move(listed), second, *ledger_));
  files_ = CompareFiles(first_, listed, second, log_);
  if (!staged.empty()) {
    Finding finding;
    finding.kind = FindingKind::kStagedFiles;
    finding.detail = fmt::format("{} files", staged.size());
    log_.Add(std::move(finding), Severity::kNote);
  }
  scope_.emplace(first_, second);
  contracts_.emplace(first_, log_);
  positions_.emplace(scope_->partitions().size());
  receipts_.emplace(options_.receipts, *scope_,
                    ReceiptCheck::Options{options_.require_landed, CompactedTopics()}, log_);
  return Ok();
}

std::set<size_t> AuditRun::CompactedTopics() const {
  std::set<size_t> compacted;
  for (const LedgerBatch& batch : first_.batches) {
    for (size_t i = 0; i < scope_->topics().size(); ++i) {
      const Table* const table = contracts_->FindTable(batch, scope_->topics()[i].table);
      if (table != nullptr && table->topic.cleanup_policy.find("compact") != std::string::npos)
        compacted.insert(i);
    }
  }
  return compacted;
}

Status AuditRun::ScanFiles() {
  uint64_t all = 0;
  for (const FileToRead& file : files_) all += static_cast<uint64_t>(file.file->file.rows);
  // The largest first, so that the threads end together.
  std::vector<size_t> order(files_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) {
    return files_[a].file->file.rows > files_[b].file->file.rows;
  });
  scans_.resize(files_.size());
  std::atomic<uint64_t> done{0};
  const ScanContext context = Context();
  return ParallelFor(options_.threads, files_.size(), [&](size_t i) -> Status {
    FOREBAY_ASSIGN(scans_[order[i]], ScanFile(context, files_[order[i]]));
    const auto rows = static_cast<uint64_t>(files_[order[i]].file->file.rows);
    const uint64_t so_far = done.fetch_add(rows) + rows;
    if (options_.progress) options_.progress(so_far, all);
    return Ok();
  });
}

void AuditRun::CollectScans() {
  for (const LedgerBatch& batch : first_.batches) {
    if (batch.state == BatchState::kPublished) ++report_.batches;
  }
  std::map<BatchId, size_t> files_read;
  for (size_t i = 0; i < files_.size(); ++i) {
    const FileToRead& file = files_[i];
    FileScan& scan = scans_[i];
    if (scan.under_change) scope_->NoteUnderChange(*file.batch, *file.file);
    for (Finding& finding : scan.findings) log_.Add(std::move(finding));
    ++files_read[file.batch->id];
    report_.files += 1;
    report_.bytes += scan.bytes;
    by_batch_[file.batch->id].Add(file, scan, *scope_);
    for (const auto& [partition, offsets] : scan.doubled) {
      duplicates_[partition] = Union(duplicates_[partition], offsets);
    }
    if (scan.under_change) continue;  // counted as expired, from the ledger's numbers
    for (const auto& [place, refused] : scan.refused) {
      if (refused.counted != 0) counted_.refused[place] += refused.counted;
    }
    if (scan.counted.rows == 0) continue;
    const size_t topic = scope_->partitions()[scan.rows_by_partition.begin()->first].topic;
    KeyedRows& sum = counted_.landed[{topic, file.file->place.partition_dir}];
    sum.rows += scan.counted.rows;
    sum.key_sum += scan.counted.key_sum;
  }
  for (const LedgerBatch& batch : first_.batches) {
    const auto present =
        static_cast<size_t>(std::count_if(batch.files.begin(), batch.files.end(), [](const auto& file) {
          return file.state == FileState::kPresent;
        }));
    if (files_read[batch.id] != present) by_batch_[batch.id].incomplete = true;
  }
  CountExpired(first_, *scope_, receipts_->counted(), by_batch_, &counted_, log_);
}

Status AuditRun::Explain() {
  missing_offsets_.resize(scope_->partitions().size());
  for (size_t i = 0; i < missing_offsets_.size(); ++i) {
    const PartitionScope& partition = scope_->partitions()[i];
    const OffsetSet absent = positions_->Absent(i, partition.landed);
    missing_offsets_[i].given_up = Intersection(absent, partition.with_expired_files);
    missing_offsets_[i].unexplained = Difference(absent, partition.with_expired_files);
  }
  report_.broker_asked = options_.broker.has_value();
  if (!options_.broker) {
    NoteUnexplained();
    return Ok();
  }
  FOREBAY_TRY(ClassifyGaps(*scope_, *options_.broker, options_.stop, &missing_offsets_, log_));
  for (size_t i = 0; i < missing_offsets_.size(); ++i) {
    for (const OffsetRange& run : missing_offsets_[i].absent) {
      Finding finding;
      finding.kind = FindingKind::kAbsentRecord;
      finding.table = scope_->TopicOf(i).table;
      finding.topic = scope_->TopicOf(i).topic;
      finding.partition = scope_->partitions()[i].id.partition;
      finding.offsets = run;
      finding.batch = scope_->BatchOf(i, run.from);
      log_.Add(std::move(finding));
    }
  }
  return Ok();
}

// Notes the missing offsets, beyond the ledger's tombstones.
void AuditRun::NoteUnexplained() {
  std::vector<uint64_t> by_topic(scope_->topics().size());
  for (size_t i = 0; i < missing_offsets_.size(); ++i) {
    by_topic[scope_->partitions()[i].topic] += CountOffsets(missing_offsets_[i].unexplained);
  }
  for (size_t i = 0; i < by_topic.size(); ++i) {
    if (by_topic[i] == 0) continue;
    Finding finding;
    finding.kind = FindingKind::kUnexplained;
    finding.table = scope_->topics()[i].table;
    finding.topic = scope_->topics()[i].topic;
    finding.detail =
        fmt::format("{} offsets: tombstones, transaction markers, aborted or compacted records", by_topic[i]);
    log_.Add(std::move(finding), Severity::kNote);
  }
}

Status AuditRun::CheckKeys() {
  if (!options_.keys) return Ok();
  std::map<std::string, std::vector<FileToRead>> by_table;
  for (const FileToRead& file : files_) {
    const Table* const table = contracts_->FindTable(*file.batch, file.file->place.table);
    if (table != nullptr && !table->primary_key.empty()) by_table[table->name].push_back(file);
  }
  for (const auto& [table, files] : by_table) {
    DuplicateKeysOptions keys;
    keys.threads = options_.threads;
    keys.listed = options_.keys_listed;
    FOREBAY_ASSIGN(const DuplicateKeys doubled, FindDuplicateKeys(Context(), files, keys));
    report_.keys.push_back({table, doubled.keys, doubled.surplus_rows});
    for (const DuplicateKey& key : doubled.most) {
      Finding finding;
      finding.kind = FindingKind::kKeyTwice;
      finding.table = table;
      finding.detail = fmt::format("{} in {} rows, {}", key.key, key.rows, key.places);
      log_.Add(std::move(finding), Severity::kNote);
    }
  }
  return Ok();
}

Result<AuditReport> AuditRun::Finish() {
  report_.since = options_.since;
  report_.last_batch = first_.last_batch;
  report_.receipts = options_.receipts.size();
  for (size_t i = 0; i < kFindingKinds; ++i) {
    const auto kind = static_cast<FindingKind>(i);
    if (const uint64_t count = log_.Count(kind, Severity::kProblem)) report_.problem_counts[kind] = count;
    if (const uint64_t count = log_.Count(kind, Severity::kNote)) report_.note_counts[kind] = count;
  }
  report_.problems = log_.Take(Severity::kProblem);
  report_.notes = log_.Take(Severity::kNote);
  report_.seconds = MonotonicSeconds() - began_;
  return std::move(report_);
}

}  // namespace

Result<AuditReport> Audit(const AuditOptions& options) {
  return AuditRun(options).Run();
}

}  // namespace forebay
