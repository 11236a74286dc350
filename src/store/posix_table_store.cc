#include "store/posix_table_store.h"

#include <optional>
#include <set>
#include <string_view>

#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

Status ListBelow(Fs& fs, const std::string& directory, FilePlace place, std::vector<FilePlace>* files) {
  FOREBAY_ASSIGN(const auto entries, fs.List(directory));
  if (!entries) return Ok();  // removed since its parent was listed
  const std::string parent = place.partition_dir;
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_directory) {
      place.partition_dir = parent.empty() ? entry.name : parent + "/" + entry.name;
      FOREBAY_TRY(ListBelow(fs, directory + "/" + entry.name, place, files));
    } else {
      files->push_back({place.table, parent, entry.name});
    }
  }
  return Ok();
}

std::vector<FilePlace> PlacesOf(const std::vector<StagedPlace>& files) {
  std::vector<FilePlace> places;
  places.reserve(files.size());
  for (const StagedPlace& file : files) places.push_back(file.place);
  return places;
}

std::set<std::string> PartitionDirs(const LakePaths& paths, const std::vector<FilePlace>& places) {
  std::set<std::string> directories;
  for (const FilePlace& place : places)
    directories.insert(paths.PartitionDir(place.table, place.partition_dir));
  return directories;
}

}  // namespace

Result<std::unique_ptr<StagedFileWriter>> PosixTableStore::CreateStaged(const FilePlace& place) {
  std::string name = RandomStagedName();
  FOREBAY_ASSIGN(std::unique_ptr<WritableFile> file, fs_.CreateFile(paths_.StagedFile(name)));
  return std::make_unique<StagedFileWriter>(std::move(name), place, std::move(file));
}

Result<std::unique_ptr<StagedFile>> PosixTableStore::OpenStaged(const std::string& staged_name,
                                                                const FilePlace& place) {
  FOREBAY_ASSERT(IsStagedName(staged_name));
  FOREBAY_ASSIGN(std::unique_ptr<WritableFile> file, fs_.OpenFinished(paths_.StagedFile(staged_name)));
  if (file == nullptr) return std::unique_ptr<StagedFile>();
  return std::make_unique<StagedFile>(staged_name, place, std::move(file));
}

Result<std::unique_ptr<ReadableFile>> PosixTableStore::ReadStaged(const std::string& staged_name) {
  return fs_.OpenForRead(paths_.StagedFile(staged_name));
}

Result<std::vector<std::string>> PosixTableStore::ListStaged() {
  FOREBAY_ASSIGN(const auto entries, fs_.List(paths_.StagingDir()));
  std::vector<std::string> names;
  if (!entries) return names;
  for (const DirectoryEntry& entry : *entries) {
    if (IsStagedName(entry.name)) names.push_back(entry.name);
  }
  return names;
}

Status PosixTableStore::Abort(const std::string& staged_name) {
  FOREBAY_TRY(fs_.Unlink(paths_.StagedFile(staged_name)));
  return Ok();
}

Status PosixTableStore::SyncStaged() {
  return fs_.SyncDirectory(paths_.StagingDir());
}

Status PosixTableStore::PreparePlaces(const std::vector<FilePlace>& places) {
  return directories_.MakeDurable(places);
}

Result<std::optional<PublishOutcome>> PosixTableStore::ResolveRename(const StagedPlace& file) {
  // Check staging first: a file moves from staging to its place. Checked in this order, a file missing from
  // both is really missing, and not in transit.
  FOREBAY_ASSIGN(const std::optional<FileInfo> staged, fs_.Stat(paths_.StagedFile(file.staged_name)));
  FOREBAY_ASSIGN(const std::optional<ContentSummary> in_place, SummarizeFile(*this, file.place));
  if (in_place && *in_place != file.content && FOREBAY_SAFEGUARD("publish:checksum"))
    return std::optional(PublishOutcome::kConflict);
  if (in_place) {
    if (staged && FOREBAY_SAFEGUARD("publish:unlink_second_copy")) FOREBAY_TRY(Abort(file.staged_name));
    return std::optional(PublishOutcome::kPublished);
  }
  if (!staged) return std::optional(PublishOutcome::kMissing);
  // The target directory was removed after it was created.
  FOREBAY_TRY(directories_.MakeDurable({file.place}));
  return std::optional<PublishOutcome>();
}

Result<PublishOutcome> PosixTableStore::PublishOne(const StagedPlace& file) {
  const std::string from = paths_.StagedFile(file.staged_name);
  const std::string to = paths_.File(file.place);
  constexpr int kAttempts = 3;  // a directory that keeps vanishing is being removed by another process
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    FOREBAY_FAILPOINT("publish:before_rename");
    FOREBAY_ASSIGN(const RenameOutcome renamed, fs_.RenameNoReplace(from, to));
    FOREBAY_FAILPOINT("publish:after_rename");
    if (renamed == RenameOutcome::kDone) return PublishOutcome::kPublished;
    if (renamed == RenameOutcome::kUnsupported) {
      return IoError("cannot rename " + from + " to " + to +
                     ": the filesystem no longer supports rename without replacement");
    }
    FOREBAY_ASSIGN(const std::optional<PublishOutcome> outcome, ResolveRename(file));
    if (outcome) return *outcome;
  }
  return IoError("cannot rename " + from + " to " + to + ": another process keeps removing the directory");
}

Result<std::vector<PublishOutcome>> PosixTableStore::Publish(const std::vector<StagedPlace>& files) {
  const std::vector<FilePlace> places = PlacesOf(files);
  FOREBAY_GUARDED("publish:sync_found_directories", FOREBAY_TRY(directories_.MakeDurableOnce(places)));
  std::vector<PublishOutcome> outcomes;
  for (const StagedPlace& file : files) {
    FOREBAY_ASSIGN(outcomes.emplace_back(), PublishOne(file));
  }
  FOREBAY_FAILPOINT("publish:renamed");
  for (const std::string& directory : PartitionDirs(paths_, places)) {
    FOREBAY_GUARDED("publish:sync_directories", FOREBAY_TRY(fs_.SyncDirectory(directory)));
  }
  FOREBAY_FAILPOINT("publish:synced");
  return outcomes;
}

Result<PublishOutcome> PosixTableStore::ReplaceOne(const StagedPlace& file) {
  FOREBAY_FAILPOINT("rebuild:before_rename");
  FOREBAY_ASSIGN(const bool renamed,
                 fs_.RenameReplacing(paths_.StagedFile(file.staged_name), paths_.File(file.place)));
  FOREBAY_FAILPOINT("rebuild:after_rename");
  if (renamed) return PublishOutcome::kPublished;
  FOREBAY_ASSIGN(const std::optional<ContentSummary> in_place, SummarizeFile(*this, file.place));
  return in_place == file.content ? PublishOutcome::kPublished : PublishOutcome::kMissing;
}

Result<std::vector<PublishOutcome>> PosixTableStore::Replace(const std::vector<StagedPlace>& files) {
  const std::vector<FilePlace> places = PlacesOf(files);
  FOREBAY_TRY(directories_.MakeDurable(places));
  std::vector<PublishOutcome> outcomes;
  for (const StagedPlace& file : files) {
    FOREBAY_ASSIGN(outcomes.emplace_back(), ReplaceOne(file));
  }
  FOREBAY_FAILPOINT("rebuild:renamed");
  for (const std::string& directory : PartitionDirs(paths_, places))
    FOREBAY_TRY(fs_.SyncDirectory(directory));
  FOREBAY_FAILPOINT("rebuild:synced");
  return outcomes;
}

Status PosixTableStore::CheckReplaceable(const FilePlace& place) {
  FOREBAY_ASSIGN(const std::optional<FileInfo> info, fs_.Stat(paths_.File(place)));
  if (!info || !info->is_directory) return Ok();
  return FailedPreconditionError(paths_.File(place) + " is a directory; move it out of the lake");
}

Status PosixTableStore::Remove(const std::vector<FilePlace>& places) {
  for (const FilePlace& place : places) {
    FOREBAY_FAILPOINT("expire:before_unlink");
    FOREBAY_TRY(fs_.Unlink(paths_.File(place)));
  }
  FOREBAY_FAILPOINT("expire:unlinked");
  std::set<std::string> to_sync;
  for (const FilePlace& place : places) {
    // A directory that another process removed cannot be synced, and its removal must be durable: otherwise a
    // power cut brings it back with the file.
    std::string directory = paths_.root();
    for (const std::string& below : paths_.DirectoriesOf(place.table, place.partition_dir)) {
      FOREBAY_ASSIGN(const auto info, fs_.Stat(below));
      if (!info) break;
      directory = below;
    }
    to_sync.insert(directory);
  }
  for (const std::string& directory : to_sync) FOREBAY_TRY(fs_.SyncDirectory(directory));
  FOREBAY_FAILPOINT("expire:synced");
  return Ok();
}

Result<std::vector<FilePlace>> PosixTableStore::ListFiles() {
  std::vector<FilePlace> files;
  FOREBAY_ASSIGN(const auto entries, fs_.List(paths_.root()));
  if (!entries) return IoError("the lake " + paths_.root() + " does not exist any more");
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.is_directory || !IsTableDirectoryName(entry.name) || IsHiddenName(entry.name)) continue;
    FOREBAY_TRY(ListBelow(fs_, paths_.TableDir(entry.name), {entry.name, "", ""}, &files));
  }
  return files;
}

Result<std::unique_ptr<ReadableFile>> PosixTableStore::OpenForRead(const FilePlace& place) {
  return fs_.OpenForRead(paths_.File(place));
}

}  // namespace forebay
