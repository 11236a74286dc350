#include "store/table_store.h"

#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

Result<std::optional<ContentSummary>> SummarizeIfOpen(const Result<std::unique_ptr<ReadableFile>>& file) {
  if (!file.ok()) return file.error();
  if (*file == nullptr) return std::optional<ContentSummary>();
  FOREBAY_ASSIGN(const ContentSummary content, SummarizeContent(**file));
  return std::optional<ContentSummary>(content);
}

}  // namespace

Status MakeDurable(TableStore& store, const std::vector<std::unique_ptr<StagedFile>>& files) {
  std::vector<FilePlace> places;
  for (const std::unique_ptr<StagedFile>& file : files) {
    FOREBAY_GUARDED("commit:sync_files", FOREBAY_TRY(file->Sync()));
    places.push_back(file->place());
  }
  FOREBAY_FAILPOINT("commit:files_synced");
  if (!files.empty() && FOREBAY_SAFEGUARD("commit:sync_staging")) FOREBAY_TRY(store.SyncStaged());
  FOREBAY_FAILPOINT("commit:staging_synced");
  return store.PreparePlaces(places);
}

Result<std::optional<ContentSummary>> SummarizeFile(TableStore& store, const FilePlace& place) {
  return SummarizeIfOpen(store.OpenForRead(place));
}

Result<std::optional<ContentSummary>> SummarizeStaged(TableStore& store, const std::string& staged_name) {
  return SummarizeIfOpen(store.ReadStaged(staged_name));
}

}  // namespace forebay
