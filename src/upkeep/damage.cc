#include "upkeep/damage.h"

#include <optional>
#include <set>

#include "audit/parallel.h"

namespace forebay {
namespace {

bool Matches(const std::optional<ContentSummary>& content, const ProposedFile& file) {
  return content && *content == ContentSummary{static_cast<uint64_t>(file.bytes), file.checksum};
}

// Empty: the file is whole. `may_be_staged`: it may still be on its way from staging; `replaces`: over
// another content.
std::string TroubleOf(const Lake& lake, const LedgerFile& file, bool may_be_staged, bool replaces) {
  const auto there = SummarizeFile(lake.fs(), lake.paths().File(file.place));
  if (there.ok() && Matches(*there, file.file)) return "";
  const bool in_the_way = !there.ok() || there->has_value();
  if (may_be_staged && (replaces || !in_the_way)) {
    const auto staged = SummarizeFile(lake.fs(), lake.paths().StagedFile(file.file.staged_name));
    if (staged.ok() && Matches(*staged, file.file)) return "";
  }
  if (!there.ok()) return "unreadable";
  return there->has_value() ? "another content" : "missing";
}

}  // namespace

Result<std::vector<DamagedFile>> FindDamage(const Lake& lake, const LedgerSnapshot& snapshot,
                                            const std::atomic<bool>* stop) {
  std::set<FilePlace> being_relanded;
  for (const Reland& reland : snapshot.relands) {
    if (!reland.done_at_ms) being_relanded.insert(reland.place);
  }
  std::vector<DamagedFile> files;
  for (const LedgerBatch& batch : snapshot.batches) {
    for (const LedgerFile& file : batch.files) {
      if (file.state == FileState::kPresent) files.push_back({&batch, &file, ""});
    }
  }
  FOREBAY_TRY(ParallelFor(0, files.size(), [&](size_t i) -> Status {
    if (stop != nullptr && stop->load()) return Error(ErrorCode::kStopped, "stopped while files were read");
    const bool replaces = being_relanded.contains(files[i].file->place);
    const bool decided = files[i].batch->state == BatchState::kDecided;
    files[i].trouble = TroubleOf(lake, *files[i].file, decided || replaces, replaces);
    return Ok();
  }));
  std::erase_if(files, [](const DamagedFile& file) { return file.trouble.empty(); });
  return files;
}

}  // namespace forebay
