// The findings of the audit as values: one kind for each possible error, and its location.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace forebay {

enum class FindingKind : uint8_t {
  // The ledger alone.
  kDamagedLedger,   // fails SQLite's own check, or cannot be read
  kLakeIdMismatch,  // lake.json and the ledger name different lakes
  kMissingBatch,    // a gap in the batch numbers
  kRangeGap,        // offsets below a partition's next offset that no batch landed
  kRangeOverlap,    // offsets that two batches landed
  kHalfPublished,   // decided, but not published by the end of the audit
  // Files compared with the ledger.
  kMissingFile,
  kForeignFile,
  kSizeMismatch,
  kChecksumMismatch,
  kUnreadableFile,
  kRowCountMismatch,
  kPositionSumMismatch,  // not the records that were landed
  kKeySumMismatch,       // not the primary keys that were landed
  // Rows compared with the ledger.
  kRowOutsideRanges,
  kDuplicateInFile,
  kDuplicateAcrossFiles,
  kDuplicateInQuarantine,    // in a table and in quarantine, or more than once in quarantine
  kRecordCountMismatch,      // of a batch and partition
  kQuarantineCountMismatch,  // of a batch and reason
  // The lake compared with Kafka.
  kMissingRecord,           // the broker has the record and its offset was landed, but it is in no table
  kTombstoneCountMismatch,  // the ledger's tombstone count differs from the broker's
  kBrokerBehind,            // the topic at the broker ends before the landed offsets
  kExpiredUnlanded,         // expired at the broker before they were landed
  kTopicRecreated,          // the topic at the broker, or in a receipt, is not the one that was landed
  kContentMismatch,         // a row or refused record differs from the broker's record
  // The lake compared with receipts.
  kMissingAcknowledgedRecord,  // acknowledged to the producer, below the landed end, and in no table
  kReceiptRowCountMismatch,
  kReceiptKeySumMismatch,
  kReceiptQuarantineMismatch,
  kReceiptTombstoneMismatch,
  kReceiptOverlap,  // two runs claim the same offset
  kNotLandedYet,    // acknowledged, beyond the landed end; a problem only with require_landed
  // Not errors, but worth knowing.
  kNotInReceipts,         // landed records that no receipt names
  kReceiptNotComparable,  // a receipt's counts cannot be compared with the lake, with the reason
  kReceiptOtherContract,  // a receipt's expectations follow another contract than its records were landed
                          // with
  kReceiptUnfinished,     // the producer was killed or is still running, or some records are uncertain
  kAcceptedLoss,          // land --accept-loss
  kTopicAdopted,          // land --adopt-topic
  kTopicGone,             // deleted, and the contract does not name it
  kLogAdopted,            // land --adopt-log
  kExpiredFiles,          // lake expire
  kRebuiltFiles,          // lake rebuild
  kUnexplainedOffsets,    // missing offsets that only a broker could explain
  kConcurrentChange,      // a file changed while the audit ran
  kStagedFiles,           // files in staging: of a running lander, or left by one that was killed
  kDuplicateKey,          // --keys
};
inline constexpr size_t kFindingKinds = static_cast<size_t>(FindingKind::kDuplicateKey) + 1;

// A problem fails the audit; a note does not.
enum class Severity : uint8_t { kProblem, kNote };

// "missing_file": the name in JSON. Its meaning never changes.
std::string_view FindingName(FindingKind kind);
// "missing file": the heading of the group in text.
std::string_view FindingTitle(FindingKind kind);
// The next step for findings of this kind; empty if there is none.
std::string_view NextStep(FindingKind kind);

// Members that do not apply are empty. Written with designated initializers.
struct Finding {
  FindingKind kind = FindingKind::kDamagedLedger;
  std::string table = {};
  std::string topic = {};
  std::optional<PartitionId> partition = {};
  Incarnation incarnation = kFirstIncarnation;  // of the partition's log
  std::optional<OffsetRange> offsets = {};
  std::optional<BatchId> batch = {};
  std::string partition_dir = {};  // "date=2025-10-30"
  std::string file = {};  // relative to the lake; the receipt's name if the finding is about a receipt
  std::string expected = {};
  std::string found = {};
  std::string detail = {};
};

// "clicks/date=2025-10-30/b00000012-0.parquet, batch 12: expected 1000 rows, found 999". One line, without a
// full stop.
std::string FindingText(const Finding& finding);

// Collects findings. Counts all, but keeps only the first kKept of each kind, so that a badly damaged lake
// cannot exhaust memory. Thread-safe.
class FindingLog {
 public:
  static constexpr size_t kKept = 1000;

  void Add(Finding finding, Severity severity = Severity::kProblem);
  void AddNote(Finding finding) { Add(std::move(finding), Severity::kNote); }

  // Moves the kept findings out, in the order of kinds; findings of one kind in the order of arrival.
  std::vector<Finding> Take(Severity severity);
  uint64_t Count(FindingKind kind, Severity severity = Severity::kProblem) const;

 private:
  struct Group {
    uint64_t count = 0;
    std::vector<Finding> kept;
  };
  mutable std::mutex mutex_;
  std::array<std::array<Group, kFindingKinds>, 2> groups_;  // by severity
};

}  // namespace forebay
