#include "verify/reconcile.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>
#include <utility>

namespace forebay {
namespace {

// How long a decided batch may take to be published before it counts as half published.
constexpr auto kPublishTimeout = std::chrono::seconds(5);
constexpr auto kPublishPoll = std::chrono::milliseconds(100);

std::set<BatchId> DecidedBatches(const LedgerSnapshot& snapshot) {
  std::set<BatchId> decided;
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state == BatchState::kDecided) decided.insert(batch.id);
  }
  return decided;
}

// Waits for `waiting` to be published. Returns those that are still not published at the deadline.
Result<std::set<BatchId>> AwaitPublication(Ledger& ledger, BatchId since, const std::atomic<bool>* stop,
                                           std::set<BatchId> waiting) {
  const auto deadline = std::chrono::steady_clock::now() + kPublishTimeout;
  while (true) {
    FOREBAY_ASSIGN(const LedgerSnapshot snapshot, ledger.Snapshot(since));
    const std::set<BatchId> decided = DecidedBatches(snapshot);
    std::erase_if(waiting, [&decided](BatchId id) { return !decided.contains(id); });
    if (waiting.empty() || std::chrono::steady_clock::now() >= deadline) return waiting;
    if (stop != nullptr && stop->load()) return CancelledError("audit cancelled");
    std::this_thread::sleep_for(kPublishPoll);
  }
}

bool NeedsReconciliation(const FileScan& scan) {
  return std::holds_alternative<VanishedFile>(scan.outcome) || !FindingsOf(scan).empty();
}

// Whether the ledger still describes the file as the scan expected it.
bool IsUnchanged(const std::map<FilePlace, const LedgerFile*>& now, const LedgerFile& file) {
  const auto found = now.find(file.place);
  return found != now.end() && found->second->state == FileState::kPresent &&
         found->second->file == file.file;
}

void ReconcileFiles(const LedgerSnapshot& last, const std::vector<FileToRead>& files,
                    std::vector<FileScan>* scans, FindingLog& log) {
  std::map<FilePlace, const LedgerFile*> now;
  for (const LedgerBatch& batch : last.batches) {
    for (const LedgerFile& file : batch.files) now[file.place] = &file;
  }
  for (size_t i = 0; i < files.size(); ++i) {
    FileScan& scan = (*scans)[i];
    if (!NeedsReconciliation(scan)) continue;
    const LedgerFile& file = *files[i].file;
    if (!IsUnchanged(now, file)) {
      scan.outcome = ChangedFile();
      Finding finding = FileFinding(FindingKind::kConcurrentChange, file);
      finding.detail = "removed or rebuilt while the audit read it";
      log.AddNote(std::move(finding));
    } else if (std::holds_alternative<VanishedFile>(scan.outcome)) {
      log.Add(FileFinding(FindingKind::kMissingFile, file));
    }
  }
}

}  // namespace

Result<std::vector<FileScan>> ReconcileWithLedger(Ledger& ledger, const LedgerSnapshot& before,
                                                  const std::atomic<bool>* stop,
                                                  const std::vector<FileToRead>& files,
                                                  std::vector<FileScan> scans, FindingLog& log) {
  std::set<BatchId> decided = DecidedBatches(before);
  if (!decided.empty()) {
    FOREBAY_ASSIGN(decided, AwaitPublication(ledger, before.since, stop, std::move(decided)));
  }
  for (const BatchId id : decided) {
    log.Add({.kind = FindingKind::kHalfPublished,
             .batch = id,
             .detail = "its records are landed, but not all of them are visible to readers"});
  }
  if (!std::any_of(scans.begin(), scans.end(), NeedsReconciliation)) return scans;
  FOREBAY_ASSIGN(const LedgerSnapshot last, ledger.Snapshot(before.since));
  ReconcileFiles(last, files, &scans, log);
  return scans;
}

}  // namespace forebay
