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
    if (stop != nullptr && stop->load()) return CancelledError("the audit was stopped");
    std::this_thread::sleep_for(kPublishPoll);
  }
}

void Reconsider(const LedgerSnapshot& last, const std::vector<FileToRead>& files,
                std::vector<FileScan>* scans, FindingLog& log) {
  std::map<FilePlace, const LedgerFile*> now;
  for (const LedgerBatch& batch : last.batches) {
    for (const LedgerFile& file : batch.files) now[file.place] = &file;
  }
  for (size_t i = 0; i < files.size(); ++i) {
    FileScan& scan = (*scans)[i];
    if (!scan.vanished && scan.findings.empty()) continue;
    const LedgerFile& file = *files[i].file;
    const auto found = now.find(file.place);
    if (found != now.end() && found->second->state == FileState::kPresent &&
        found->second->file == file.file) {
      if (scan.vanished) scan.findings.push_back(FileFinding(FindingKind::kMissingFile, file));
      continue;
    }
    scan.complete = false;
    scan.under_change = true;
    scan.findings.clear();
    Finding finding = FileFinding(FindingKind::kUnderChange, file);
    finding.detail = "it was removed or put in place anew while the audit read it";
    log.Add(std::move(finding), Severity::kNote);
  }
}

}  // namespace

Status ReconcileWithLedger(Ledger& ledger, const LedgerSnapshot& before, const std::atomic<bool>* stop,
                           const std::vector<FileToRead>& files, std::vector<FileScan>* scans,
                           FindingLog& log) {
  std::set<BatchId> decided = DecidedBatches(before);
  if (!decided.empty()) {
    FOREBAY_ASSIGN(decided, AwaitPublication(ledger, before.since, stop, std::move(decided)));
  }
  for (const BatchId id : decided) {
    Finding finding;
    finding.kind = FindingKind::kHalfPublished;
    finding.batch = id;
    finding.detail = "its records are landed, and readers do not see all of them";
    log.Add(std::move(finding));
  }
  const bool error = std::any_of(scans->begin(), scans->end(), [](const FileScan& scan) {
    return scan.vanished || !scan.findings.empty();
  });
  if (!error) return Ok();
  FOREBAY_ASSIGN(const LedgerSnapshot last, ledger.Snapshot(before.since));
  Reconsider(last, files, scans, log);
  return Ok();
}

}  // namespace forebay
