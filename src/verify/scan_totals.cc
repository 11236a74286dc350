#include "verify/scan_totals.h"

namespace forebay {
namespace {

void AddCompared(const FileToRead& file, const FileContents& contents, ComparedRows* sum) {
  for (const auto& [place, rejected] : contents.rejected) {
    if (rejected.compared != 0) sum->rejected[place] += rejected.compared;
  }
  for (const auto& [topic, rows] : contents.compared) {
    KeyedRows& landed = sum->landed[{topic, file.file->place.partition_dir}];
    landed.rows += rows.rows;
    landed.key_sum += rows.key_sum;
  }
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
    AddCompared(files[i], contents, &totals.compared);
  }
  return totals;
}

}  // namespace forebay
