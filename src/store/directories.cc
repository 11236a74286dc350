#include "store/directories.h"

#include <optional>

#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {

Error LinkError(const std::string& directory) {
  return FailedPreconditionError(
      directory +
      " is a symbolic link, which may lead out of the lake; move the directory itself there, or "
      "name the whole lake by its real path");
}

Status DirectoryMaker::Make(const std::string& directory, bool* is_durable) {
  FOREBAY_ASSIGN(std::optional<FileInfo> info, fs_.Stat(directory));
  *is_durable = info && (durable_.contains(directory) || !FOREBAY_SAFEGUARD("commit:sync_found_directories"));
  if (!info) {
    FOREBAY_TRY(fs_.MakeDirectory(directory));
    FOREBAY_ASSIGN(info, fs_.Stat(directory));
  }
  FOREBAY_ASSIGN(const bool is_link, fs_.IsLink(directory));
  if (is_link) return LinkError(directory);
  FOREBAY_ASSIGN(const std::optional<FileInfo> staging, fs_.Stat(paths_.StagingDir()));
  if (!info || !staging)
    return IoError(directory + " or " + paths_.StagingDir() + " was removed by another process");
  if (!info->is_directory) return IoError(directory + " is in the way: it should be a directory");
  if (info->device != staging->device && FOREBAY_SAFEGUARD("commit:same_device")) {
    return FailedPreconditionError(
        directory + " and " + paths_.StagingDir() +
        " are on different devices; files are moved from one to the other, so put them on one");
  }
  return Ok();
}

Status DirectoryMaker::MakeDurable(const std::vector<FilePlace>& places) {
  std::set<std::string> seen;
  std::set<std::string> to_sync;
  for (const FilePlace& place : places) {
    std::string parent = paths_.root();
    for (const std::string& directory : paths_.DirectoriesOf(place.table, place.partition_dir)) {
      if (seen.insert(directory).second) {
        bool is_durable = false;
        FOREBAY_TRY(Make(directory, &is_durable));
        if (!is_durable) to_sync.insert({parent, directory});
      }
      parent = directory;
    }
  }
  FOREBAY_FAILPOINT("directories:made");
  for (auto directory = to_sync.rbegin(); directory != to_sync.rend(); ++directory) {
    FOREBAY_GUARDED("commit:sync_directories", FOREBAY_TRY(fs_.SyncDirectory(*directory)));
  }
  durable_.insert(to_sync.begin(), to_sync.end());
  return Ok();
}

Status DirectoryMaker::MakeDurableOnce(const std::vector<FilePlace>& places) {
  std::vector<FilePlace> rest;
  for (const FilePlace& place : places) {
    if (!durable_.contains(paths_.PartitionDir(place.table, place.partition_dir))) rest.push_back(place);
  }
  return rest.empty() ? Ok() : MakeDurable(rest);
}

}  // namespace forebay
