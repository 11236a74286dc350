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
    "`forebay lake rebuild` makes the file again while Kafka has its records; or put it back from a backup";
constexpr std::string_view kTampered =
    "the ledger or its files were changed by something else; keep the lake as it is, and put it back from a "
    "backup";
constexpr std::string_view kLandAgain =
    "land the topic into a new lake while Kafka still has the records, and report this as a bug";
constexpr std::string_view kCheckReceipt =
    "was the contract changed between producing and landing (`forebay quarantine list` has what it refused)? "
    "Is the receipt that of another topic? If neither, look at these offsets in Kafka and in the lake";

constexpr std::array<KindText, kFindingKinds> kTexts = {{
    {FindingKind::kDamagedLedger, "damaged_ledger", "damaged ledger",
     "stop landing, and put lake and ledger back from one backup"},
    {FindingKind::kLakeIdMismatch, "lake_id_mismatch", "lake and ledger do not belong together",
     "put lake.json and ledger.db back from one backup"},
    {FindingKind::kMissingBatch, "missing_batch", "batches that the ledger does not have", kTampered},
    {FindingKind::kRangeGap, "range_gap", "offsets that no batch landed", kTampered},
    {FindingKind::kRangeOverlap, "range_overlap", "offsets that two batches landed", kTampered},
    {FindingKind::kHalfPublished, "half_published", "batches that are decided and not published",
     "start `forebay land` on the lake: it finishes them before anything else"},
    {FindingKind::kMissingFile, "missing_file", "missing files", kRestore},
    {FindingKind::kForeignFile, "foreign_file", "foreign files",
     "move them out of the lake: readers take the rows of what looks like Parquet for landed ones"},
    {FindingKind::kWrongSize, "wrong_size", "files of another size", kRestore},
    {FindingKind::kWrongChecksum, "wrong_checksum", "files with another content", kRestore},
    {FindingKind::kUnreadableFile, "unreadable_file", "unreadable files", kRestore},
    {FindingKind::kWrongRowCount, "wrong_row_count", "files with another number of rows", kRestore},
    {FindingKind::kWrongPositionSum, "wrong_position_sum", "files with other records than were landed",
     kRestore},
    {FindingKind::kWrongKeySum, "wrong_key_sum", "files with other primary keys than were landed", kRestore},
    {FindingKind::kRowOutsideRanges, "row_outside_ranges", "rows that their batch did not land", kRestore},
    {FindingKind::kTwiceInFile, "twice_in_file", "records twice in one file", kLandAgain},
    {FindingKind::kTwiceAcrossFiles, "twice_across_files", "records in two files", kLandAgain},
    {FindingKind::kTwiceInQuarantine, "twice_in_quarantine", "records twice, in quarantine too", kLandAgain},
    {FindingKind::kWrongRangeCount, "wrong_range_count", "batches with another number of records", kRestore},
    {FindingKind::kWrongQuarantineCount, "wrong_quarantine_count",
     "batches with another number of refused records", kRestore},
    {FindingKind::kAbsentRecord, "absent_record", "records that Kafka has and the lake does not",
     "where a file of the batch is named above, mend that one first; otherwise land the topic into a "
     "new lake while Kafka still has the records, and report this as a bug"},
    {FindingKind::kWrongTombstones, "wrong_tombstones", "batches with another number of tombstones",
     kLandAgain},
    {FindingKind::kBrokerBehind, "broker_behind", "topics that end before what was landed",
     "the brokers have lost records, or are not those that were landed from; new records with the same "
     "offsets would "
     "never be landed, so find out before landing on"},
    {FindingKind::kTopicRecreated, "topic_recreated", "topics that were deleted, or deleted and made again",
     "`forebay topics apply` makes them again, and `forebay land --adopt-topic TOPIC` goes on with the new "
     "one"},
    {FindingKind::kAcknowledgedMissing, "acknowledged_missing",
     "acknowledged records that are not in the lake", kCheckReceipt},
    {FindingKind::kReceiptRows, "receipt_rows", "directories with another number of rows than produced",
     kCheckReceipt},
    {FindingKind::kReceiptKeySum, "receipt_key_sum", "directories with other primary keys than produced",
     kCheckReceipt},
    {FindingKind::kReceiptQuarantine, "receipt_quarantine", "other records in quarantine than produced",
     kCheckReceipt},
    {FindingKind::kReceiptTombstones, "receipt_tombstones", "other tombstones than produced", kCheckReceipt},
    {FindingKind::kReceiptOverlap, "receipt_overlap", "receipts that claim the same offsets",
     "leave out the receipt that does not belong to this topic"},
    {FindingKind::kNotLandedYet, "not_landed_yet", "acknowledged records that are not landed yet",
     "run `forebay land --once`, and verify again"},
    {FindingKind::kNotCovered, "not_covered", "landed records that no receipt speaks of", ""},
    {FindingKind::kReceiptNotComparable, "receipt_not_comparable",
     "receipts whose counts cannot be held against the lake", ""},
    {FindingKind::kReceiptUnfinished, "receipt_unfinished", "unfinished receipts", ""},
    {FindingKind::kGivenUp, "given_up", "given up on purpose (land --accept-loss)", ""},
    {FindingKind::kTopicAdopted, "topic_adopted", "recreated topics, taken on purpose (land --adopt-topic)",
     ""},
    {FindingKind::kExpired, "expired", "files removed on purpose (lake expire)", ""},
    {FindingKind::kRebuilt, "rebuilt", "files landed again (lake rebuild)", ""},
    {FindingKind::kUnexplained, "unexplained", "landed offsets without a row",
     "--brokers tells tombstones and transaction markers from losses"},
    {FindingKind::kUnderChange, "under_change", "files that changed while they were looked at",
     "verify again"},
    {FindingKind::kStagedFiles, "staged_files", "files in staging",
     "nothing: they belong to a lander at work, or the next start of one removes them"},
    {FindingKind::kKeyTwice, "key_twice", "primary keys in more than one row, the most frequent",
     "the producer sent them twice; queries deduplicate by primary key"},
}};

const KindText& TextOf(FindingKind kind) {
  const KindText& text = kTexts[static_cast<size_t>(kind)];
  FOREBAY_ASSERT(text.kind == kind);
  return text;
}

std::string Place(const Finding& finding) {
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
  std::string text = Place(finding);
  const auto append = [&text](std::string_view separator, const std::string& part) {
    if (part.empty()) return;
    if (!text.empty()) text += separator;
    text += part;
  };
  append(", ", finding.topic);
  if (finding.partition)
    append(finding.topic.empty() ? ", " : " ", fmt::format("partition {}", finding.partition->value()));
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
