#include "maintenance/damage.h"

#include <optional>
#include <set>

#include "base/parallel.h"

namespace forebay {
namespace {

bool Matches(const std::optional<ContentSummary>& content, const ProposedFile& file) {
  return content && *content == ContentSummary{static_cast<uint64_t>(file.bytes), file.checksum};
}

// Returns "" if the file is whole. `may_be_staged`: the file may still wait in staging. `replaces`: it will
// replace existing content.
std::string DamageOf(TableStore& store, const LedgerFile& file, bool may_be_staged, bool replaces) {
  const auto there = SummarizeFile(store, file.place);
  if (there.ok() && Matches(*there, file.file)) return "";
  const bool in_the_way = !there.ok() || there->has_value();
  if (may_be_staged && (replaces || !in_the_way)) {
    const auto staged = SummarizeStaged(store, file.file.staged_name);
    if (staged.ok() && Matches(*staged, file.file)) return "";
  }
  if (!there.ok()) return "unreadable";
  return there->has_value() ? "another content" : "missing";
}

}  // namespace

Result<std::vector<DamagedFile>> FindDamage(TableStore& store, const LedgerSnapshot& snapshot,
                                            const std::atomic<bool>* stop) {
  std::set<FilePlace> being_rebuilt;
  for (const Rebuild& rebuild : snapshot.rebuilds) {
    if (!rebuild.done_at_ms) being_rebuilt.insert(rebuild.place);
  }
  std::vector<DamagedFile> files;
  for (const LedgerBatch& batch : snapshot.batches) {
    for (const LedgerFile& file : batch.files) {
      if (file.state == FileState::kPresent) files.push_back({&batch, &file, ""});
    }
  }
  FOREBAY_TRY(ParallelFor(0, files.size(), [&](size_t i) -> Status {
    if (stop != nullptr && stop->load()) return CancelledError("stopped while files were read");
    const bool replaces = being_rebuilt.contains(files[i].file->place);
    const bool decided = files[i].batch->state == BatchState::kDecided;
    files[i].damage = DamageOf(store, *files[i].file, decided || replaces, replaces);
    return Ok();
  }));
  std::erase_if(files, [](const DamagedFile& file) { return file.damage.empty(); });
  return files;
}

}  // namespace forebay
