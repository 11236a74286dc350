// Missing offsets: landed according to the ledger, but in no table.
#pragma once

#include <vector>

#include "verify/finding.h"
#include "verify/offset_sets.h"
#include "verify/position_map.h"
#include "verify/scope.h"

namespace forebay {

// The missing offsets of one partition, by cause. Disjoint.
struct MissingOffsets {
  OffsetSet tombstones;
  OffsetSet aborted;           // records of aborted transactions
  OffsetSet no_record;         // transaction markers, and records removed by compaction
  OffsetSet expired;           // no longer at the brokers
  OffsetSet in_expired_files;  // of batches with files that an operator expired
  OffsetSet unexplained;       // the brokers were not queried, or had no answer
  OffsetSet records;           // the brokers have a record
};

// Those of `offsets`, still by cause.
MissingOffsets Intersection(const MissingOffsets& missing, const OffsetSet& offsets);

// Compares the landed offsets with the positions of all rows. Returns the missing offsets by partition of the
// scope, all of them either in_expired_files or unexplained.
std::vector<MissingOffsets> FindMissingOffsets(const AuditScope& scope, const PositionMap& positions);

// Reports missing offsets at which the brokers have a record.
void ReportMissingRecords(const AuditScope& scope, const std::vector<MissingOffsets>& missing,
                          FindingLog& log);
// Notes the number of unexplained offsets of each topic.
void NoteUnexplained(const AuditScope& scope, const std::vector<MissingOffsets>& missing, FindingLog& log);

}  // namespace forebay
