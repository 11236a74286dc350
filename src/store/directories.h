// Makes the directories that files will be renamed into, durably.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/fs.h"
#include "store/paths.h"

namespace forebay {

// For a directory of a lake that is a symbolic link: files would be put somewhere else. (The lake's own path
// may lead through links.)
Error LinkError(const std::string& directory);

// Thread-compatible. Remembers what it made durable, so that a directory is synced once in a process's life.
class DirectoryMaker {
 public:
  // `fs` must outlive it.
  DirectoryMaker(Fs& fs, LakePaths paths) : fs_(fs), paths_(std::move(paths)) {}

  // Afterwards the partition directory of every place exists, on the device of the staging area, and it and
  // its parents up to the lake are synced (those found in place too: whoever made them may have been cut off
  // before syncing).
  Status MakeDurable(const std::vector<FilePlace>& places);

 private:
  Status Make(const std::string& directory, bool* is_durable);

  Fs& fs_;
  LakePaths paths_;
  std::set<std::string> durable_;
};

}  // namespace forebay
