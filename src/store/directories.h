// Makes the directories that files will be renamed into, durably.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/fs.h"
#include "store/paths.h"

namespace forebay {

// The error for a directory of a lake that is a symbolic link: files would be put elsewhere. (The lake's
// own path may lead through links.)
Error LinkError(const std::string& directory);

// Thread-compatible. Remembers what it made durable, so that a directory is synced once in a process's life.
class DirectoryMaker {
 public:
  // `fs` must outlive it.
  DirectoryMaker(Fs& fs, LakePaths paths) : fs_(fs), paths_(std::move(paths)) {}

  // Afterwards the partition directory of every place exists, on the device of the staging area, and it and
  // its parents up to the lake are synced (existing ones too: the process that made them may have died
  // before syncing).
  Status MakeDurable(const std::vector<FilePlace>& places);
  // The same, but skips directories that this object made durable before: they may have been removed since.
  Status MakeDurableOnce(const std::vector<FilePlace>& places);

 private:
  Status Make(const std::string& directory, bool* is_durable);

  Fs& fs_;
  LakePaths paths_;
  std::set<std::string> durable_;
};

}  // namespace forebay
