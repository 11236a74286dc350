#include "verify/expired_counts.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

namespace forebay {
namespace {

// How much of a batch's landed offsets of one topic the receipts name.
enum class Spoken { kNothing, kPart, kAll };

Spoken SpokenOf(const LedgerBatch& batch, size_t topic, const AuditScope& scope,
                const std::vector<OffsetSet>& counted) {
  bool any = false;
  bool all = true;
  for (const BatchRange& range : batch.ranges) {
    const auto partition = scope.FindPartition(range.partition);
    if (!partition || scope.partitions()[*partition].topic != topic) continue;
    const uint64_t named = CountOffsets(Within(counted[*partition], range.offsets));
    any = any || named > 0;
    all = all && named == static_cast<uint64_t>(range.offsets.to.value() - range.offsets.from.value());
  }
  if (!any) return Spoken::kNothing;
  return all ? Spoken::kAll : Spoken::kPart;
}

class ExpiredCounter {
 public:
  ExpiredCounter(const AuditScope& scope, const std::vector<OffsetSet>& counted, CountedRows* sums)
      : scope_(scope), counted_(counted), sums_(sums) {}

  // `found` is null if the batch has no file left.
  void Add(const LedgerBatch& batch, const BatchFound* found) {
    std::set<size_t> topics;
    for (const BatchRange& range : batch.ranges) {
      const auto partition = scope_.FindPartition(range.partition);
      if (partition) topics.insert(scope_.partitions()[*partition].topic);
    }
    for (const size_t topic : topics) AddTopic(batch, topic, found);
  }

  void NotComparable(FindingLog& log) const {
    const auto note = [&](size_t topic, const std::string& directory, std::string detail) {
      Finding finding;
      finding.kind = FindingKind::kReceiptNotComparable;
      finding.table = scope_.topics()[topic].table;
      finding.topic = scope_.topics()[topic].topic;
      finding.partition_dir = directory;
      finding.detail = std::move(detail);
      log.Add(std::move(finding), Severity::kNote);
    };
    for (const auto& [topic, directory] : sums_->with_expired_files)
      note(topic, directory,
           "files of it were removed on purpose, and the receipts name a part of their rows");
    for (const size_t topic : sums_->with_expired_refusals)
      note(topic, "",
           "quarantine files were removed on purpose, and the receipts name a part of their records");
  }

 private:
  void AddTopic(const LedgerBatch& batch, size_t topic, const BatchFound* found) {
    const Spoken spoken = SpokenOf(batch, topic, scope_, counted_);
    if (spoken == Spoken::kNothing) return;
    const std::string& table = scope_.topics()[topic].table;
    bool quarantine = false;
    for (const LedgerFile& file : batch.files) {
      if (!scope_.IsExpired(batch.id, file.place)) continue;
      quarantine = quarantine || file.place.table == kQuarantineTable;
      if (file.place.table != table) continue;
      const std::pair place(topic, file.place.partition_dir);
      if (spoken == Spoken::kPart) {
        sums_->with_expired_files.insert(place);
        continue;
      }
      KeyedRows& sum = sums_->landed[place];
      sum.rows += static_cast<uint64_t>(file.file.rows);
      sum.key_sum += file.file.key_sum;
    }
    if (quarantine) AddRefused(batch, topic, spoken, found);
  }

  // The ledger counts refused records by reason only for the whole batch. Records that the scans did not find
  // were in the expired files.
  void AddRefused(const LedgerBatch& batch, size_t topic, Spoken spoken, const BatchFound* found) {
    const std::string& table = scope_.topics()[topic].table;
    for (const QuarantineCount& count : batch.quarantine) {
      if (count.table != table) continue;
      if (spoken == Spoken::kPart) {
        sums_->with_expired_refusals.insert(topic);
        return;
      }
      uint64_t there = 0;
      if (found != nullptr) {
        const auto left = found->refused_by_reason.find({table, count.reason});
        if (left != found->refused_by_reason.end()) there = left->second;
      }
      sums_->refused[{topic, count.reason}] += static_cast<uint64_t>(count.records) - there;
    }
  }

  const AuditScope& scope_;
  const std::vector<OffsetSet>& counted_;
  CountedRows* const sums_;
};

}  // namespace

void CountExpired(const LedgerSnapshot& snapshot, const AuditScope& scope,
                  const std::vector<OffsetSet>& counted, const std::map<BatchId, BatchFound>& found,
                  CountedRows* sums, FindingLog& log) {
  ExpiredCounter counter(scope, counted, sums);
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state != BatchState::kPublished || !scope.HasExpiredFiles(batch.id)) continue;
    const auto left = found.find(batch.id);
    counter.Add(batch, left == found.end() ? nullptr : &left->second);
  }
  counter.NotComparable(log);
}

}  // namespace forebay
