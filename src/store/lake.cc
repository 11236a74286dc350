#include "store/lake.h"

#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

#include "store/posix_table_store.h"
#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

constexpr auto kLockPoll = std::chrono::milliseconds(100);
constexpr std::string_view kLakeJsonKey = "{\"forebay_lake\": ";
constexpr std::string_view kLakeJsonHead = "{\"forebay_lake\": 1, \"lake_id\": \"";
constexpr std::string_view kLakeJsonTail = "\"}\n";
constexpr size_t kMaxLakeJsonBytes = 4096;
constexpr size_t kUuidLength = 36;

std::string LakeJsonText(const std::string& id) {
  return std::string(kLakeJsonHead).append(id).append(kLakeJsonTail);
}

// The lake id in lake.json; empty when there is no lake.json.
Result<std::string> ReadLakeId(Fs& fs, const std::string& path) {
  FOREBAY_ASSIGN(const std::unique_ptr<ReadableFile> file, fs.OpenForRead(path));
  if (file == nullptr) return std::string();
  std::string text(kMaxLakeJsonBytes, '\0');
  size_t size = 0;
  while (size < text.size()) {
    FOREBAY_ASSIGN(const size_t got, file->ReadAt(size, text.data() + size, text.size() - size));
    if (got == 0) break;
    size += got;
  }
  text.resize(size);
  if (text.size() == kLakeJsonHead.size() + kUuidLength + kLakeJsonTail.size() &&
      text.starts_with(kLakeJsonHead) && text.ends_with(kLakeJsonTail)) {
    return text.substr(kLakeJsonHead.size(), kUuidLength);
  }
  if (text.starts_with(kLakeJsonKey) && !text.starts_with(kLakeJsonHead)) {
    return FailedPreconditionError(
        path + " has an unknown format version; use the version of Forebay that wrote it");
  }
  return CorruptionError(path + " is damaged; restore it from a backup");
}

// Whether a lake may be created in a directory without lake.json. Listed first: the process that creates the
// lake writes lake.json before the first table.
Status CheckMayBegin(Fs& fs, const LakePaths& paths) {
  FOREBAY_ASSIGN(const auto entries, fs.List(paths.root()));
  if (!entries) return Ok();
  FOREBAY_ASSIGN(const auto lake_json, fs.Stat(paths.LakeJson()));
  if (lake_json) return Ok();
  for (const DirectoryEntry& entry : *entries) {
    if (entry.name == "_forebay" || IsHiddenName(entry.name)) continue;
    return FailedPreconditionError(paths.root() + " is not a lake and not empty: it has " + entry.name +
                                   ", but no _forebay/lake.json. Name another directory, or restore "
                                   "lake.json and ledger.db from a backup");
  }
  return Ok();
}

// Whether a rename onto an existing file leaves it unchanged, and a rename onto a free name works.
Result<bool> TryRename(Fs& fs, const LakePaths& paths) {
  const std::string from = paths.StagedFile(RandomStagedName());
  const std::string to = paths.StagedFile(RandomStagedName());
  FOREBAY_TRY(fs.CreateFile(from));
  FOREBAY_TRY(fs.CreateFile(to));
  FOREBAY_ASSIGN(const RenameOutcome onto_existing, fs.RenameNoReplace(from, to));
  FOREBAY_TRY(fs.Unlink(to));
  FOREBAY_ASSIGN(const RenameOutcome onto_nothing, fs.RenameNoReplace(from, to));
  FOREBAY_TRY(fs.Unlink(from));
  FOREBAY_TRY(fs.Unlink(to));
  return onto_existing == RenameOutcome::kTargetExists && onto_nothing == RenameOutcome::kDone;
}

Status CheckRename(Fs& fs, const LakePaths& paths) {
  // Without a lock, the recovery of another process may remove the files during an attempt. One success is
  // enough.
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    FOREBAY_ASSIGN(const bool works, TryRename(fs, paths));
    if (works) return Ok();
  }
  return FailedPreconditionError(
      "the filesystem of " + paths.root() +
      " cannot rename without replacing (RENAME_NOREPLACE), which landing needs; use a local one such " +
      "as ext4, XFS or btrfs");
}

Status CheckDevices(Fs& fs, const LakePaths& paths) {
  FOREBAY_ASSIGN(const auto staging, fs.Stat(paths.StagingDir()));
  if (!staging) return IoError(paths.StagingDir() + " was removed after it was created");
  std::vector<std::string> directories = {paths.root()};
  FOREBAY_ASSIGN(const auto entries, fs.List(paths.root()));
  if (!entries) return IoError(paths.root() + " was removed while the lake was opened");
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_directory && IsTableDirectoryName(entry.name))
      directories.push_back(paths.TableDir(entry.name));
  }
  for (const std::string& directory : directories) {
    FOREBAY_ASSIGN(const bool is_link, fs.IsLink(directory));
    if (is_link && directory != paths.root()) return LinkError(directory);
    FOREBAY_ASSIGN(const auto info, fs.Stat(directory));
    if (info && info->device != staging->device) {
      return FailedPreconditionError(
          directory + " and " + paths.StagingDir() +
          " are on different devices; a rename between devices is not atomic, so put them on one device");
    }
  }
  return Ok();
}

Result<std::unique_ptr<FileLock>> AcquireLock(Fs& fs, const LakePaths& paths, const LakeOptions& options) {
  if (LockIsSwitchedOff()) return std::unique_ptr<FileLock>();
  bool waiting = false;
  while (true) {
    FOREBAY_ASSIGN(std::unique_ptr<FileLock> lock, fs.TryLock(paths.LockFile()));
    if (lock != nullptr || !FOREBAY_SAFEGUARD("start:lock")) return lock;
    if (!options.wait) {
      return Error(ErrorCode::kLockHeld,
                   "lake " + paths.root() + " is locked by another process; give --wait to wait for it");
    }
    if (!waiting && options.on_waiting) options.on_waiting();
    waiting = true;
    if (options.stop != nullptr && options.stop->load()) {
      return CancelledError("stopped while waiting for the lock of lake " + paths.root());
    }
    std::this_thread::sleep_for(kLockPoll);
  }
}

std::string WithoutTrailingSlashes(std::string dir) {
  while (dir.size() > 1 && dir.back() == '/') dir.pop_back();
  return dir;
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Lake::Lake(Fs& fs, std::string dir)
    : fs_(fs), paths_(std::move(dir)), store_(std::make_unique<PosixTableStore>(fs_, paths_)) {}

Result<std::unique_ptr<Lake>> Lake::Open(Fs& fs, const std::string& dir, const LakeOptions& options) {
  if (dir.empty()) return InvalidArgumentError("the name of the lake's directory is empty");
  std::unique_ptr<Lake> lake(new Lake(fs, WithoutTrailingSlashes(dir)));
  const LakePaths& paths = lake->paths_;
  FOREBAY_GUARDED("start:directory_is_free", FOREBAY_TRY(CheckMayBegin(fs, paths)));
  FOREBAY_TRY(fs.MakeDirectory(paths.root()));
  FOREBAY_TRY(fs.MakeDirectory(paths.ForebayDir()));
  FOREBAY_ASSIGN(lake->lock_, AcquireLock(fs, paths, options));
  FOREBAY_FAILPOINT("open:locked");
  FOREBAY_TRY(fs.MakeDirectory(paths.StagingDir()));
  // The ledger's journal may have been removed without a sync. Its removal must survive a power cut.
  FOREBAY_GUARDED("start:sync_forebay", FOREBAY_TRY(fs.SyncDirectory(paths.ForebayDir())));
  FOREBAY_GUARDED("start:same_device", FOREBAY_TRY(CheckDevices(fs, paths)));
  FOREBAY_GUARDED("start:rename_does_not_replace", FOREBAY_TRY(CheckRename(fs, paths)));
  FOREBAY_ASSIGN(lake->id_, ReadLakeId(fs, paths.LakeJson()));
  return lake;
}

Result<std::unique_ptr<Lake>> Lake::OpenForReading(Fs& fs, const std::string& dir) {
  std::unique_ptr<Lake> lake(new Lake(fs, WithoutTrailingSlashes(dir)));
  FOREBAY_ASSIGN(lake->id_, ReadLakeId(fs, lake->paths_.LakeJson()));
  if (lake->id_.empty()) {
    return FailedPreconditionError(lake->paths_.root() +
                                   " is not a lake: it has no _forebay/lake.json; name the directory " +
                                   "given to `forebay land --lake`");
  }
  return lake;
}

Status Lake::Begin(const std::string& id) {
  FOREBAY_ASSERT(id_.empty() && id.size() == kUuidLength);
  // In staging, under a name of its own: processes that create the lake at the same time don't meet, and
  // recovery removes what an interrupted one left.
  const std::string staged = paths_.StagedFile(RandomStagedName());
  FOREBAY_ASSIGN(const std::unique_ptr<WritableFile> file, fs_.CreateFile(staged));
  const std::string text = LakeJsonText(id);
  FOREBAY_TRY(file->Append(text.data(), text.size()));
  FOREBAY_TRY(file->FinishWriting());
  FOREBAY_GUARDED("begin:sync_lake_json", FOREBAY_TRY(file->Sync()));
  FOREBAY_GUARDED("begin:sync_forebay", FOREBAY_TRY(fs_.SyncDirectory(paths_.ForebayDir())));
  FOREBAY_GUARDED("begin:sync_root", FOREBAY_TRY(fs_.SyncDirectory(paths_.root())));
  FOREBAY_GUARDED("begin:sync_parent", FOREBAY_TRY(fs_.SyncDirectory(ParentOf(paths_.root()))));
  FOREBAY_FAILPOINT("begin:before_lake_json");
  FOREBAY_ASSIGN(const RenameOutcome outcome, fs_.RenameNoReplace(staged, paths_.LakeJson()));
  if (outcome != RenameOutcome::kDone) {
    return IoError("cannot create the lake: another process created " + paths_.LakeJson() + "; start again");
  }
  FOREBAY_FAILPOINT("begin:after_lake_json");
  FOREBAY_GUARDED("begin:sync_forebay_again", FOREBAY_TRY(fs_.SyncDirectory(paths_.ForebayDir())));
  id_ = id;
  return Ok();
}

Result<bool> Lake::HasLedgerFile() const {
  FOREBAY_ASSIGN(const std::optional<FileInfo> info, fs_.Stat(paths_.LedgerFile()));
  return info.has_value();
}

Result<uint64_t> Lake::FreeBytes() const {
  return fs_.FreeBytes(paths_.root());
}

}  // namespace forebay
