// A lake's directory: its layout, its lock, its identity (lake.json), its staging area. It knows nothing
// about the ledger's content; ledger/open_lake.h opens the two together and compares them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/fs.h"
#include "store/paths.h"
#include "store/staged_file.h"

namespace forebay {

struct LakeOptions {
  // False: another lander's lock is an error at once (kLockHeld). True: wait for it.
  bool wait = false;
  // Ends the waiting with kCancelled. May be null. Must outlive Open.
  const std::atomic<bool>* stop = nullptr;
  // Called once, when the waiting begins.
  std::function<void()> on_waiting;
};

// Thread-compatible, except that NewStagedFile may be called from several threads at once.
class Lake {
 public:
  // For landing: makes the directory (its parent must exist) and `_forebay` when they are missing, takes the
  // lock, syncs `_forebay`, and refuses a place that landing cannot work on: lake, staging and tables on
  // different devices, no rename without replacement, a directory that holds something else and no lake.
  // lake.json may still be missing (id() is empty): the lake is new or half-begun, and Begin() goes on.
  static Result<std::unique_ptr<Lake>> Open(Fs& fs, const std::string& dir, const LakeOptions& options = {});
  // For status and verify: no lock, nothing is created or changed. kFailedPrecondition when `dir` is not a
  // lake.
  static Result<std::unique_ptr<Lake>> OpenForReading(Fs& fs, const std::string& dir);

  // The random UUID in lake.json; empty while the lake is not begun.
  const std::string& id() const { return id_; }
  // Completes the creation: writes lake.json with this id, durably. REQUIRES: id() is empty; the ledger with
  // the same id is committed.
  Status Begin(const std::string& id);

  const LakePaths& paths() const { return paths_; }
  Fs& fs() const { return fs_; }

  // Every file in a table's directory (`quarantine` included), sorted; foreign ones too. Reads directories
  // only.
  Result<std::vector<FilePlace>> ListTableFiles() const;

  // A new file under staging/ with a random name.
  Result<std::unique_ptr<StagedFileWriter>> NewStagedFile() const;
  // A finished file in staging that some process wrote, for Committer::Commit. kIoError when it is not there.
  Result<std::unique_ptr<StagedFile>> OpenStagedFile(const std::string& staged_name) const;
  // The staged files' names, sorted.
  Result<std::vector<std::string>> ListStaged() const;
  // What an unprivileged process may still write here, in bytes.
  Result<uint64_t> FreeBytes() const;

 private:
  Lake(Fs& fs, std::string dir) : fs_(fs), paths_(std::move(dir)) {}

  Fs& fs_;
  LakePaths paths_;
  std::string id_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace forebay
