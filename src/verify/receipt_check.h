// Compares the lake with receipts: the producers' records of what Kafka acknowledged.
//
// A receipt's sums cover everything that it acknowledged. The audit therefore compares the sums only if all
// of these offsets lie in the audited range. It compares them with exactly the rows whose offsets the receipt
// names, whatever else is in the lake. If a part is not landed yet (or is older than the audited range, or
// given up), the sums cannot be compared; the audit still checks that the landed offsets are present.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verify/audit.h"
#include "verify/file_scan.h"
#include "verify/finding.h"
#include "verify/offset_sets.h"
#include "verify/position_map.h"
#include "verify/scope.h"

namespace forebay {

// The missing offsets of one partition, by cause. Disjoint.
struct MissingOffsets {
  OffsetSet tombstones;
  OffsetSet aborted;
  OffsetSet no_record;
  OffsetSet expired;
  OffsetSet given_up;
  OffsetSet unexplained;
  OffsetSet absent;  // the broker has a record
};

// Sums over all scans of the rows that receipts name.
struct CountedRows {
  std::map<std::pair<size_t, std::string>, KeyedRows>
      landed;  // by topic of the scope, and partition directory
  std::map<std::pair<size_t, std::string>, uint64_t> refused;  // by topic of the scope, and reason
  // Directories, and topics whose refused records, cannot be compared: receipts name only a part of their
  // removed files.
  std::set<std::pair<size_t, std::string>> with_expired_files;
  std::set<size_t> with_expired_refusals;
};

class ReceiptCheck {
 public:
  struct Options {
    bool require_landed = false;
    std::set<size_t> compacted;  // topics of the scope whose records Kafka may drop
  };

  // Determines which receipts can be compared, and reports the others. All arguments must outlive this
  // object.
  ReceiptCheck(const std::vector<NamedReceipt>& receipts, const AuditScope& scope, const Options& options,
               FindingLog& log);

  // By partition of the scope: the offsets of the rows that scans must sum.
  const std::vector<OffsetSet>& counted() const { return counted_; }
  // By topic of the scope: acknowledged offsets beyond the landed end.
  const std::vector<uint64_t>& not_landed_yet() const { return not_landed_yet_; }

  // REQUIRES: all scans are finished. `missing_offsets` is by partition of the scope.
  void Compare(const CountedRows& found, const std::vector<MissingOffsets>& missing_offsets);
  // By topic of the scope: landed rows and refused records that some receipt names.
  std::vector<uint64_t> CountCovered(const PositionMap& positions) const;

 private:
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
  void Sort(Claim& claim);
  void SortPartition(Claim& claim, size_t partition, std::vector<std::string>* reasons);
  void NotLandedYet(const Claim& claim, PartitionId partition, const OffsetSet& offsets);
  void CheckAcknowledged(const Claim& claim, const std::vector<MissingOffsets>& missing_offsets);
  void AddMissing(const Claim& claim, size_t partition, const OffsetSet& offsets, const std::string& why);
  void CompareSums(const CountedRows& found);
  void CompareRefused(const CountedRows& found);
  Finding TopicFinding(FindingKind kind, size_t topic) const;

  const AuditScope& scope_;
  Options options_;
  FindingLog& log_;
  std::vector<Claim> claims_;
  std::vector<OffsetSet> counted_;
  std::vector<OffsetSet> covered_;  // by partition: named by any receipt
  std::vector<uint64_t> not_landed_yet_;
};

}  // namespace forebay
