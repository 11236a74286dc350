// Compares the lake with receipts: the producers' records of what Kafka acknowledged.
//
// A receipt's sums cover everything that it acknowledged. The audit therefore compares the sums only if all
// of these offsets lie in the audited range. It compares them with exactly the rows whose offsets the receipt
// names, whatever else is in the lake. If a part is not landed yet (or is older than the audited range, or an
// accepted loss), the sums cannot be compared; the audit still checks that the landed offsets are present.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "receipt/receipt_files.h"
#include "verify/finding.h"
#include "verify/missing_offsets.h"
#include "verify/offset_sets.h"
#include "verify/position_map.h"
#include "verify/scan_totals.h"
#include "verify/scope.h"

namespace forebay {

class ReceiptCheck {
 public:
  struct Options {
    bool require_landed = false;
    std::set<size_t> compacted;  // topics of the scope whose records Kafka may drop
    // By topic of the scope: the levels of its table's directories that are in a time zone other than UTC.
    std::map<size_t, std::set<std::string>> zoned_levels;
  };

  // Determines which receipts can be compared, and reports the others. All arguments must outlive this
  // object.
  ReceiptCheck(const std::vector<NamedReceipt>& receipts, const AuditScope& scope, Options options,
               FindingLog& log);

  // By partition of the scope: the offsets of the rows that scans must sum.
  const std::vector<OffsetSet>& compared() const { return compared_; }
  // By topic of the scope: acknowledged offsets beyond the landed end.
  const std::vector<uint64_t>& not_landed_yet() const { return not_landed_yet_; }

  // REQUIRES: all scans are finished. `missing` is by partition of the scope.
  void Compare(const ComparedRows& found, const std::vector<MissingOffsets>& missing);
  // By topic of the scope: landed rows and rejected records that some receipt names.
  std::vector<uint64_t> CountCovered(const PositionMap& positions) const;

 private:
  // A directory whose rows differ from those that the receipts expect.
  struct SumDifference {
    size_t topic;
    std::string directory;
    ExpectedRows expected;
    KeyedRows found;
  };
  // The part of one receipt about one topic of the scope.
  struct Claim {
    const NamedReceipt* receipt;
    const ReceiptTable* table;
    size_t topic;
    bool comparable = true;
    std::map<size_t, OffsetSet> acknowledged;  // by partition of the scope
  };

  void AddClaim(const NamedReceipt& receipt, const ReceiptTable& table);
  void AddForeignTopic(const NamedReceipt& receipt, const ReceiptTable& table);
  void NoteUnfinished(const NamedReceipt& receipt);
  void FindOverlaps();
  void CheckStates(Claim& claim);
  void CheckPartition(const Claim& claim, size_t partition, std::set<std::string>* reasons);
  void ReportNotLandedYet(const Claim& claim, PartitionId partition, const OffsetSet& offsets);
  void ReportMissing(const Claim& claim, size_t partition, const OffsetSet& offsets, const std::string& why);
  void CheckAcknowledged(const Claim& claim, const std::vector<MissingOffsets>& missing);
  void CompareSums(const ComparedRows& found);
  std::vector<SumDifference> DropZoned(std::vector<SumDifference> differences);
  std::string WithoutZonedLevels(size_t topic, const std::string& directory) const;
  void ReportDifference(const SumDifference& difference);
  void CompareRejected(const ComparedRows& found);
  Severity NotLandedSeverity() const {
    return options_.require_landed ? Severity::kProblem : Severity::kNote;
  }

  const AuditScope& scope_;
  const Options options_;
  FindingLog& log_;
  std::vector<Claim> claims_;
  std::vector<OffsetSet> compared_;
  std::vector<OffsetSet> covered_;  // by partition: named by any receipt
  std::vector<uint64_t> not_landed_yet_;
};

}  // namespace forebay
