// A lake in a directory: its lock, its identity (lake.json) and its table files. It knows nothing about the
// ledger's content; ledger/open_lake.h opens the two together and compares them.
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
#include "store/table_store.h"

namespace forebay {

struct LakeOptions {
  // False: a lock held by another process is an error at once (kLockHeld). True: wait for it.
  bool wait = false;
  // Ends the wait with kCancelled. May be null. Must outlive Open.
  const std::atomic<bool>* stop = nullptr;
  // Called once, when the wait begins.
  std::function<void()> on_waiting;
};

// Thread-compatible; store() has its own rules.
class Lake {
 public:
  // For landing: creates the directory (its parent must exist) and `_forebay` if they are missing, acquires
  // the lock and syncs `_forebay`. Refuses a directory that landing cannot use: lake, staging and tables on
  // different devices, no rename without replacement, a directory with other content that is not a lake.
  // lake.json may still be missing (id() is empty): the lake is new or partly created; call Begin.
  static Result<std::unique_ptr<Lake>> Open(Fs& fs, const std::string& dir, const LakeOptions& options = {});
  // For status and verify: no lock, nothing is created or changed. kFailedPrecondition if `dir` is not a
  // lake.
  static Result<std::unique_ptr<Lake>> OpenForReading(Fs& fs, const std::string& dir);

  // The random UUID in lake.json; empty while the lake is not begun.
  const std::string& id() const { return id_; }
  // Completes the creation: writes lake.json with this id, durably. REQUIRES: id() is empty; the ledger with
  // the same id is committed.
  Status Begin(const std::string& id);

  // The path of the lake's directory, for messages.
  const std::string& root() const { return paths_.root(); }
  // The lake's table files. Owned by the lake.
  TableStore& store() const { return *store_; }
  // The path of the SQLite file, which the ledger opens by itself.
  std::string LedgerFile() const { return paths_.LedgerFile(); }
  Result<bool> HasLedgerFile() const;

  // The space left for an unprivileged process, in bytes.
  Result<uint64_t> FreeBytes() const;

 private:
  Lake(Fs& fs, std::string dir);

  Fs& fs_;
  LakePaths paths_;
  std::unique_ptr<TableStore> store_;
  std::string id_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace forebay
