#include "verify/missing_offsets.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace forebay {

MissingOffsets Intersection(const MissingOffsets& missing, const OffsetSet& offsets) {
  return {Intersection(missing.tombstones, offsets),       Intersection(missing.aborted, offsets),
          Intersection(missing.no_record, offsets),        Intersection(missing.expired, offsets),
          Intersection(missing.in_expired_files, offsets), Intersection(missing.unexplained, offsets),
          Intersection(missing.records, offsets)};
}

std::vector<MissingOffsets> FindMissingOffsets(const AuditScope& scope, const PositionMap& positions) {
  std::vector<MissingOffsets> missing(scope.partitions().size());
  for (size_t i = 0; i < missing.size(); ++i) {
    const PartitionScope& partition = scope.partitions()[i];
    const OffsetSet absent = positions.Absent(i, partition.landed);
    missing[i].in_expired_files = Intersection(absent, partition.with_expired_files);
    missing[i].unexplained = Difference(absent, partition.with_expired_files);
  }
  return missing;
}

void ReportMissingRecords(const AuditScope& scope, const std::vector<MissingOffsets>& missing,
                          FindingLog& log) {
  for (size_t i = 0; i < missing.size(); ++i) {
    for (const OffsetRange& run : missing[i].records) {
      Finding finding = scope.PartitionFinding(FindingKind::kMissingRecord, i, run);
      finding.batch = scope.BatchOf(i, run.from);
      log.Add(std::move(finding));
    }
  }
}

void NoteUnexplained(const AuditScope& scope, const std::vector<MissingOffsets>& missing, FindingLog& log) {
  std::vector<uint64_t> by_topic(scope.topics().size());
  for (size_t i = 0; i < missing.size(); ++i) {
    by_topic[scope.partitions()[i].topic] += CountOffsets(missing[i].unexplained);
  }
  for (size_t i = 0; i < by_topic.size(); ++i) {
    if (by_topic[i] == 0) continue;
    Finding finding = scope.TopicFinding(FindingKind::kUnexplainedOffsets, i);
    finding.detail =
        fmt::format("{} offsets: tombstones, transaction markers, aborted or compacted records", by_topic[i]);
    log.AddNote(std::move(finding));
  }
}

}  // namespace forebay
