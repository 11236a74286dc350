#include "verify/finding.h"

#include <fmt/format.h>

#include <utility>

#include "base/assert.h"

namespace forebay {
namespace {

struct KindText {
  FindingKind kind;
  std::string_view name;
  std::string_view title;
  std::string_view next;
};

constexpr std::string_view kRestore =
    "`forebay lake rebuild` rebuilds the file while Kafka has its records; or restore it from a backup";
constexpr std::string_view kTampered =
    "another program changed the ledger or its files; keep the lake as it is, and restore it from a backup";
constexpr std::string_view kLandAgain =
    "land the topic into a new lake while Kafka still has the records, and report this as a bug";
constexpr std::string_view kCheckReceipt =
    "`forebay quarantine list` has the rejected records; check whether the receipt belongs to this topic, "
    "and "
    "compare these offsets in Kafka and in the lake";

constexpr std::array<KindText, kFindingKinds> kTexts = {{
    {FindingKind::kDamagedLedger, "damaged_ledger", "damaged ledger",
     "stop landing, and restore lake and ledger from one backup"},
    {FindingKind::kLakeIdMismatch, "lake_id_mismatch", "lake and ledger with different lake ids",
     "restore lake.json and ledger.db from one backup"},
    {FindingKind::kMissingBatch, "missing_batch", "batches missing from the ledger", kTampered},
    {FindingKind::kRangeGap, "range_gap", "offsets that no batch landed", kTampered},
    {FindingKind::kRangeOverlap, "range_overlap", "offsets that two batches landed", kTampered},
    {FindingKind::kHalfPublished, "half_published", "batches decided but not published",
     "run `forebay land` on the lake: it publishes them first"},
    {FindingKind::kMissingFile, "missing_file", "missing files", kRestore},
    {FindingKind::kForeignFile, "foreign_file", "foreign files",
     "move them out of the lake: readers treat the rows of any Parquet file as landed"},
    {FindingKind::kSizeMismatch, "size_mismatch", "files with a wrong size", kRestore},
    {FindingKind::kChecksumMismatch, "checksum_mismatch", "files with a wrong checksum", kRestore},
    {FindingKind::kUnreadableFile, "unreadable_file", "unreadable files", kRestore},
    {FindingKind::kRowCountMismatch, "row_count_mismatch", "files with a wrong row count", kRestore},
    {FindingKind::kPositionSumMismatch, "position_sum_mismatch", "files with other records than were landed",
     kRestore},
    {FindingKind::kKeySumMismatch, "key_sum_mismatch", "files with other primary keys than were landed",
     kRestore},
    {FindingKind::kRowOutsideRanges, "row_outside_ranges", "rows that their batch did not land", kRestore},
    {FindingKind::kDuplicateInFile, "duplicate_in_file", "duplicate records in one file", kLandAgain},
    {FindingKind::kDuplicateAcrossFiles, "duplicate_across_files", "duplicate records in several files",
     kLandAgain},
    {FindingKind::kDuplicateInQuarantine, "duplicate_in_quarantine", "duplicate records in quarantine",
     kLandAgain},
    {FindingKind::kRecordCountMismatch, "record_count_mismatch", "batches with a wrong record count",
     kRestore},
    {FindingKind::kQuarantineCountMismatch, "quarantine_count_mismatch",
     "batches with a wrong count of rejected records", kRestore},
    {FindingKind::kMissingRecord, "missing_record", "records in Kafka that are missing from the lake",
     "if a file of the batch is listed above, repair it first; otherwise land the topic into a new lake "
     "while "
     "Kafka still has the records, and report this as a bug"},
    {FindingKind::kTombstoneCountMismatch, "tombstone_count_mismatch", "batches with a wrong tombstone count",
     kLandAgain},
    {FindingKind::kBrokerBehind, "broker_behind", "topics that end before the landed offsets",
     "the brokers lost records, or are not the brokers that were landed from; find the cause, then "
     "`forebay land --adopt-log TOPIC:PARTITION` continues with the log as it is now"},
    {FindingKind::kExpiredUnlanded, "expired_before_landing",
     "offsets that expired in Kafka before they were landed",
     "`forebay land --accept-loss` continues without them, and records the loss; land more often, or raise "
     "the topic's retention. Records whose own timestamps are older than the retention expire as they "
     "arrive"},
    {FindingKind::kTopicRecreated, "topic_recreated", "deleted or recreated topics",
     "`forebay topics apply` recreates them, and `forebay land --adopt-topic TOPIC` continues with the new "
     "one"},
    {FindingKind::kContentMismatch, "content_mismatch", "records that differ from Kafka's",
     "another program changed the lake, or the log is not the one that was landed (`forebay land` tells): "
     "restore "
     "the lake from a backup, or land the topic into a new one while Kafka has the records"},
    {FindingKind::kMissingAcknowledgedRecord, "missing_acknowledged_record",
     "acknowledged records missing from the lake", kCheckReceipt},
    {FindingKind::kReceiptRowCountMismatch, "receipt_row_count_mismatch",
     "directories with another row count than produced", kCheckReceipt},
    {FindingKind::kReceiptKeySumMismatch, "receipt_key_sum_mismatch",
     "directories with other primary keys than produced", kCheckReceipt},
    {FindingKind::kReceiptQuarantineMismatch, "receipt_quarantine_mismatch",
     "another count of rejected records than produced", kCheckReceipt},
    {FindingKind::kReceiptTombstoneMismatch, "receipt_tombstone_mismatch",
     "another tombstone count than produced", kCheckReceipt},
    {FindingKind::kReceiptOverlap, "receipt_overlap", "receipts that claim the same offsets",
     "omit the receipt that does not belong to this topic"},
    {FindingKind::kNotLandedYet, "not_landed_yet", "acknowledged records not landed yet",
     "run `forebay land --once`, and verify again"},
    {FindingKind::kNotInReceipts, "not_in_receipts", "landed records that no receipt names", ""},
    {FindingKind::kReceiptNotComparable, "receipt_not_comparable",
     "receipts whose counts cannot be compared with the lake", ""},
    {FindingKind::kReceiptOtherContract, "receipt_other_contract",
     "receipts of another contract than their records were landed with", ""},
    {FindingKind::kReceiptUnfinished, "receipt_unfinished", "unfinished receipts", ""},
    {FindingKind::kAcceptedLoss, "accepted_loss", "accepted losses (land --accept-loss)", ""},
    {FindingKind::kTopicAdopted, "topic_adopted", "adopted topics (land --adopt-topic)", ""},
    {FindingKind::kTopicGone, "topic_gone", "deleted topics that the contract does not name", ""},
    {FindingKind::kLogAdopted, "log_adopted", "adopted logs (land --adopt-log)", ""},
    {FindingKind::kExpiredFiles, "expired_files", "expired files (lake expire)", ""},
    {FindingKind::kRebuiltFiles, "rebuilt_files", "rebuilt files (lake rebuild)", ""},
    {FindingKind::kUnexplainedOffsets, "unexplained_offsets", "landed offsets without a row",
     "--brokers distinguishes tombstones and transaction markers from losses"},
    {FindingKind::kConcurrentChange, "concurrent_change", "files that changed during the audit",
     "verify again"},
    {FindingKind::kStagedFiles, "staged_files", "files in staging",
     "none required: they belong to a running lander, or the next start of one removes them"},
    {FindingKind::kDuplicateKey, "duplicate_key", "duplicate primary keys, the most frequent",
     "the producer sent them more than once; deduplicate by primary key in queries"},
}};

const KindText& TextOf(FindingKind kind) {
  const KindText& text = kTexts[static_cast<size_t>(kind)];
  FOREBAY_ASSERT(text.kind == kind);
  return text;
}

std::string LocationText(const Finding& finding) {
  if (!finding.file.empty()) return finding.file;
  if (!finding.table.empty() && !finding.partition_dir.empty())
    return finding.table + "/" + finding.partition_dir;
  return finding.table;
}

std::string OffsetsText(const OffsetRange& range) {
  const int64_t count = range.to.value() - range.from.value();
  if (count == 1) return fmt::format("offset {}", range.from.value());
  return fmt::format("offsets {} to {}", range.from.value(), range.to.value() - 1);
}

}  // namespace

std::string_view FindingName(FindingKind kind) {
  return TextOf(kind).name;
}
std::string_view FindingTitle(FindingKind kind) {
  return TextOf(kind).title;
}
std::string_view NextStep(FindingKind kind) {
  return TextOf(kind).next;
}

std::string FindingText(const Finding& finding) {
  std::string text = LocationText(finding);
  const auto append = [&text](std::string_view separator, const std::string& part) {
    if (part.empty()) return;
    if (!text.empty()) text += separator;
    text += part;
  };
  append(", ", finding.topic);
  if (finding.partition)
    append(finding.topic.empty() ? ", " : " ", fmt::format("partition {}", finding.partition->value()));
  if (finding.incarnation != kFirstIncarnation)
    append(" ", fmt::format("(log {})", finding.incarnation.value()));
  if (finding.offsets) append(" ", OffsetsText(*finding.offsets));
  if (finding.batch) append(", ", fmt::format("batch {}", finding.batch->value()));
  append(": ", finding.detail);
  if (!finding.expected.empty()) append(": ", "expected " + finding.expected);
  if (!finding.found.empty()) append(finding.expected.empty() ? ": " : ", ", "found " + finding.found);
  return text;
}

void FindingLog::Add(Finding finding, Severity severity) {
  const std::lock_guard lock(mutex_);
  Group& group = groups_[static_cast<size_t>(severity)][static_cast<size_t>(finding.kind)];
  ++group.count;
  if (group.kept.size() < kKept) group.kept.push_back(std::move(finding));
}

std::vector<Finding> FindingLog::Take(Severity severity) {
  const std::lock_guard lock(mutex_);
  std::vector<Finding> all;
  for (Group& group : groups_[static_cast<size_t>(severity)]) {
    for (Finding& finding : group.kept) all.push_back(std::move(finding));
    group.kept.clear();
  }
  return all;
}

uint64_t FindingLog::Count(FindingKind kind, Severity severity) const {
  const std::lock_guard lock(mutex_);
  return groups_[static_cast<size_t>(severity)][static_cast<size_t>(kind)].count;
}

}  // namespace forebay
