// What the audit finds, as values: one kind for each thing that can be wrong, and where it is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace forebay {

enum class FindingKind : uint8_t {
  // The ledger against itself.
  kDamagedLedger,   // SQLite's own check fails, or it cannot be read
  kLakeIdMismatch,  // lake.json and the ledger name different lakes
  kMissingBatch,    // a batch number that the ledger skips
  kRangeGap,        // offsets below a partition's next that no batch landed
  kRangeOverlap,    // offsets that two batches landed
  kHalfPublished,   // decided, and still not published at the end of the audit
  // Files against the ledger.
  kMissingFile,
  kForeignFile,
  kWrongSize,
  kWrongChecksum,
  kUnreadableFile,
  kWrongRowCount,
  kWrongPositionSum,  // other records than those that were landed
  kWrongKeySum,       // other primary keys than those that were landed
  // Rows against the ledger.
  kRowOutsideRanges,
  kTwiceInFile,
  kTwiceAcrossFiles,
  kTwiceInQuarantine,     // as a row and in quarantine, or twice in quarantine
  kWrongRangeCount,       // a batch has other numbers of rows for a partition than the ledger says
  kWrongQuarantineCount,  // a batch has other numbers of refused records for a reason than the ledger says
  // The lake against Kafka.
  kAbsentRecord,     // the broker has the record, its offset was landed, and it is in no table
  kWrongTombstones,  // the ledger counts other tombstones than the broker has
  kBrokerBehind,     // the topic at the broker ends before what was landed
  kTopicRecreated,   // the topic at the broker, or in a receipt, is not the one that was landed
  // The lake against receipts.
  kAcknowledgedMissing,  // acknowledged to the producer, below what was landed, and in no table
  kReceiptRows,
  kReceiptKeySum,
  kReceiptQuarantine,
  kReceiptTombstones,
  kReceiptOverlap,  // two runs claim the same offset
  kNotLandedYet,    // acknowledged, beyond what was landed; a problem only when it was asked for
  // Nothing wrong, but to be known.
  kNotCovered,            // landed records that no receipt speaks of
  kReceiptNotComparable,  // a receipt's counts cannot be held against the lake, and why
  kReceiptUnfinished,     // left by a producer that was killed or still works, or with uncertain records
  kGivenUp,               // land --accept-loss
  kTopicAdopted,          // land --adopt-topic
  kExpired,               // lake expire
  kRebuilt,               // lake rebuild
  kUnexplained,           // offsets without a row that only a broker could explain
  kUnderChange,           // a file changed while the audit ran
  kStagedFiles,           // files in staging: a lander at work, or left by one that was killed
  kKeyTwice,              // --keys: a primary key that occurs twice
};
inline constexpr size_t kFindingKinds = static_cast<size_t>(FindingKind::kKeyTwice) + 1;

// A problem makes the answer "no"; a note does not.
enum class Severity : uint8_t { kProblem, kNote };

// "missing_file": stands in JSON; never changes its meaning.
std::string_view FindingName(FindingKind kind);
// "missing file": heads the group in text.
std::string_view FindingTitle(FindingKind kind);
// The next thing to do about findings of this kind; empty where there is nothing to do.
std::string_view NextStep(FindingKind kind);

// Members that do not apply are empty.
struct Finding {
  FindingKind kind = FindingKind::kDamagedLedger;
  std::string table;
  std::string topic;
  std::optional<PartitionId> partition;
  std::optional<OffsetRange> offsets;
  std::optional<BatchId> batch;
  std::string partition_dir;  // "date=2025-10-30"
  std::string file;           // relative to the lake; a receipt's name for receipt findings about one
  std::string expected;
  std::string found;
  std::string detail;
};

// "clicks/date=2025-10-30/b00000012-0.parquet, batch 12: expected 1000 rows, found 999". One line, no full
// stop.
std::string FindingText(const Finding& finding);

// Collects findings: all are counted, and the first kKept of each kind are kept, so that a ruined lake cannot
// exhaust memory. Thread-safe.
class FindingLog {
 public:
  static constexpr size_t kKept = 1000;

  void Add(Finding finding, Severity severity = Severity::kProblem);

  // In the order of kinds, and within one kind in the order in which they came.
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
