#include "verify/scan_totals.h"

namespace forebay {
namespace {

void AddCompared(const AuditScope& scope, const FileToRead& file, const FileContents& contents,
                 ComparedRows* sum) {
  for (const auto& [place, rejected] : contents.rejected) {
    if (rejected.compared != 0) sum->rejected[place] += rejected.compared;
  }
  if (contents.compared.rows == 0) return;
  const size_t topic = scope.partitions()[contents.rows_by_partition.begin()->first].topic;
  KeyedRows& landed = sum->landed[{topic, file.file->place.partition_dir}];
  landed.rows += contents.compared.rows;
  landed.key_sum += contents.compared.key_sum;
}

}  // namespace

ScanTotals SumScans(const AuditScope& scope, const std::vector<FileToRead>& files,
                    const std::vector<FileScan>& scans) {
  ScanTotals totals;
  for (size_t i = 0; i < files.size(); ++i) {
    const FileContents& contents = scans[i].contents;
    totals.bytes += contents.bytes;
    for (const auto& [partition, offsets] : contents.duplicates) {
      totals.duplicates[partition] = Union(totals.duplicates[partition], offsets);
    }
    if (std::holds_alternative<ChangedFile>(scans[i].outcome)) continue;
    totals.batches[files[i].batch->id].Add(files[i], scans[i], scope);
    AddCompared(scope, files[i], contents, &totals.compared);
  }
  return totals;
}

}  // namespace forebay
