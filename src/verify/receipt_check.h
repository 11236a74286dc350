// Compares the lake with receipts: the producers' records of what Kafka acknowledged.
//
// A receipt's sums cover everything that it acknowledged. The audit therefore compares the sums only if all
// of these offsets lie in the audited range. It compares them with exactly the rows whose offsets the receipt
// names, whatever else is in the lake. If a part is not landed yet (or is older than the audited range, or an
// accepted loss), the sums cannot be compared; the audit still checks that the landed offsets are present.
//
// A receipt's sums follow the contract that its producer had. Where they differ from the lake, and the
// records were landed with another contract, the lake is compared with what that contract makes of Kafka's
// records.
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
#include "verify/receipt_differences.h"
#include "verify/redecode.h"
#include "verify/scan_totals.h"
#include "verify/scope.h"

namespace forebay {

class ReceiptCheck {
 public:
  struct Options {
    bool require_landed = false;
    std::set<size_t> compacted;  // topics of the scope whose records Kafka may drop
    ZonedLevels zoned_levels;
    std::vector<OffsetSet> expired;  // by partition of the scope: see ReportExpiredUnlanded; empty: not asked
    const LedgerSnapshot* snapshot = nullptr;  // the audited batches; null: contracts are not compared
    Redecoder redecode;                        // empty: the brokers are not to be asked
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
  Status Compare(const ComparedRows& found, const std::vector<MissingOffsets>& missing);
  // By topic of the scope: landed rows and rejected records that some receipt names.
  std::vector<uint64_t> CountCovered(const PositionMap& positions) const;

 private:
  // The part of one receipt about one topic of the scope.
  struct Claim {
    const NamedReceipt* receipt;
    const ReceiptTable* table;
    size_t topic;
    bool comparable = true;
    bool has_adopted_log = false;  // some of its offsets may be of either log
    TopicOffsets acknowledged;     // by partition of the scope
    // What the rows must be: as the receipt expects, or as the contract of their batches makes them.
    ExpectedOutcome expected;
  };

  void AddClaim(const NamedReceipt& receipt, const ReceiptTable& table);
  void AddOffsets(const std::vector<size_t>& logs, const OffsetSet& acknowledged, Claim* claim);
  Offset EndOfOneLog(size_t partition) const;
  void AddForeignTopic(const NamedReceipt& receipt, const ReceiptTable& table);
  void NoteUnfinished(const NamedReceipt& receipt);
  void FindOverlaps();
  void CheckStates(Claim& claim);
  void CheckPartition(const Claim& claim, size_t partition, std::set<std::string>* reasons);
  void ReportNotLandedYet(const Claim& claim, PartitionId partition, const OffsetSet& offsets);
  void ReportExpired(const Claim& claim, size_t partition, const OffsetSet& offsets);
  void ReportMissing(const Claim& claim, size_t partition, const OffsetSet& offsets, const std::string& why);
  void CheckAcknowledged(const Claim& claim, const std::vector<MissingOffsets>& missing);
  ReceiptDifferences FindDifferences(const ComparedRows& found) const;
  bool HasOtherContract(const Claim& claim) const;
  // Replaces the claims about a topic that follow another contract. Returns false, with a note, if one of
  // them cannot be judged.
  Result<bool> JudgeByOwnContracts(size_t topic);
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
