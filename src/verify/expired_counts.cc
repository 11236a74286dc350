#include "verify/expired_counts.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

namespace forebay {
namespace {

// How many of a batch's landed offsets of one topic the receipts name.
enum class Coverage { kNone, kPart, kAll };

Coverage CoverageOf(const LedgerBatch& batch, size_t topic, const AuditScope& scope,
                    const std::vector<OffsetSet>& compared) {
  bool any = false;
  bool all = true;
  for (const BatchRange& range : batch.ranges) {
    const auto partition = scope.FindPartition(range.partition);
    if (!partition || scope.partitions()[*partition].topic != topic) continue;
    const uint64_t named = CountOffsets(Within(compared[*partition], range.offsets));
    any = any || named > 0;
    all = all && named == static_cast<uint64_t>(range.offsets.to.value() - range.offsets.from.value());
  }
  if (!any) return Coverage::kNone;
  return all ? Coverage::kAll : Coverage::kPart;
}

// Whether the batch has rows (or rejected records) of other topics of the topic's table: then the ledger's
// sums of its files are not the topic's alone.
bool SharesFiles(const LedgerBatch& batch, size_t topic, const AuditScope& scope,
                 int64_t BatchRange::*count) {
  const std::string& table = scope.topics()[topic].table;
  for (const BatchRange& range : batch.ranges) {
    const auto partition = scope.FindPartition(range.partition);
    if (!partition || range.*count == 0) continue;
    const size_t other = scope.partitions()[*partition].topic;
    if (other != topic && scope.topics()[other].table == table) return true;
  }
  return false;
}

class ExpiredCounter {
 public:
  ExpiredCounter(const AuditScope& scope, const std::vector<OffsetSet>& compared, ComparedRows* sums)
      : scope_(scope), compared_(compared), sums_(sums) {}

  // `contents` is null if the batch has no file left.
  void Add(const LedgerBatch& batch, const BatchContents* contents) {
    std::set<size_t> topics;
    for (const BatchRange& range : batch.ranges) {
      const auto partition = scope_.FindPartition(range.partition);
      if (partition) topics.insert(scope_.partitions()[*partition].topic);
    }
    for (const size_t topic : topics) AddTopic(batch, topic, contents);
  }

  void NoteNotComparable(FindingLog& log) const {
    const auto note = [&](size_t topic, const std::string& directory, std::string detail) {
      Finding finding = scope_.TopicFinding(FindingKind::kReceiptNotComparable, topic);
      finding.partition_dir = directory;
      finding.detail = std::move(detail);
      log.AddNote(std::move(finding));
    };
    for (const auto& [topic, directory] : sums_->with_expired_files)
      note(topic, directory,
           "some of its files are expired, and the receipts name only part of their rows, or these are of "
           "other topics, too");
    for (const size_t topic : sums_->with_expired_rejections)
      note(
          topic, "",
          "some quarantine files are expired, and the receipts name only part of their records, or these are "
          "of other topics, too");
  }

 private:
  void AddTopic(const LedgerBatch& batch, size_t topic, const BatchContents* contents) {
    const Coverage coverage = CoverageOf(batch, topic, scope_, compared_);
    if (coverage == Coverage::kNone) return;
    const std::string& table = scope_.topics()[topic].table;
    bool quarantine = false;
    const bool shares_files = SharesFiles(batch, topic, scope_, &BatchRange::rows);
    for (const LedgerFile& file : batch.files) {
      if (!scope_.IsExpired(batch.id, file.place)) continue;
      quarantine = quarantine || file.place.table == kQuarantineTable;
      if (file.place.table != table) continue;
      const std::pair place(topic, file.place.partition_dir);
      if (coverage == Coverage::kPart || shares_files) {
        sums_->with_expired_files.insert(place);
        continue;
      }
      KeyedRows& sum = sums_->landed[place];
      sum.rows += static_cast<uint64_t>(file.file.rows);
      sum.key_sum += file.file.key_sum;
    }
    if (quarantine) AddRejected(batch, topic, coverage, contents);
  }

  // The ledger counts rejected records by reason only for the whole batch. Records that the scans did not
  // find were in the expired files.
  void AddRejected(const LedgerBatch& batch, size_t topic, Coverage coverage, const BatchContents* contents) {
    const std::string& table = scope_.topics()[topic].table;
    const bool shares_files = SharesFiles(batch, topic, scope_, &BatchRange::quarantined);
    for (const QuarantineCount& count : batch.quarantine) {
      if (count.table != table) continue;
      if (coverage == Coverage::kPart || shares_files) {
        sums_->with_expired_rejections.insert(topic);
        return;
      }
      uint64_t found = 0;
      if (contents != nullptr) {
        const auto remaining = contents->rejected_by_reason.find({table, count.reason});
        if (remaining != contents->rejected_by_reason.end()) found = remaining->second;
      }
      sums_->rejected[{topic, count.reason}] += static_cast<uint64_t>(count.records) - found;
    }
  }

  const AuditScope& scope_;
  const std::vector<OffsetSet>& compared_;
  ComparedRows* const sums_;
};

}  // namespace

void AddExpired(const LedgerSnapshot& snapshot, const AuditScope& scope,
                const std::vector<OffsetSet>& compared, ScanTotals* totals, FindingLog& log) {
  ExpiredCounter counter(scope, compared, &totals->compared);
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state != BatchState::kPublished || !scope.HasExpiredFiles(batch.id)) continue;
    const auto contents = totals->batches.find(batch.id);
    counter.Add(batch, contents == totals->batches.end() ? nullptr : &contents->second);
  }
  counter.NoteNotComparable(log);
}

}  // namespace forebay
