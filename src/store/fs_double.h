// A filesystem in memory that can fail, or lose its power, at any operation: for tests only.
//
// It models what POSIX promises and no more. A file's bytes and a directory's entries reach the disk when
// that file, or that directory, is synced; a rename is two changes in two directories; a failed fsync loses
// what it should have written, whatever a later one says. Restart shows what a machine finds after the power
// came back.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "store/fs.h"

namespace forebay {

class FsDouble final : public Fs {
 public:
  // Which unsynced changes survive Restart.
  enum class Survival {
    kAll,   // the process was killed, the machine went on
    kNone,  // a power cut; nothing unsynced had been written back
    kSome,  // a power cut; any of the unsynced sectors and directory entries had been written back (by seed)
  };

  FsDouble();
  ~FsDouble() override;
  FsDouble(const FsDouble&) = delete;
  FsDouble& operator=(const FsDouble&) = delete;

  // ---- the plan. Operations are numbered from 1, over all calls that touch the disk ----
  int64_t operations() const { return operations_; }
  // Those of them that may have changed what is there, or what is synced. A crash between two of these leaves
  // the same disk wherever it is.
  const std::vector<int64_t>& changing_operations() const { return changing_; }
  // This operation fails and changes nothing (a sync loses what it should have written).
  void FailAt(int64_t operation) { fail_at_ = operation; }
  // The power is cut before this operation: it and all later ones fail, until Restart.
  void CutPowerAt(int64_t operation) { cut_at_ = operation; }
  // `action` runs before this operation: another process in between. Its own operations are counted
  // too.
  void InterruptAt(int64_t operation, std::function<void()> action);
  bool power_is_cut() const { return cut_at_ != 0 && operations_ >= cut_at_; }
  // The machine is on again: descriptors and locks of before are gone, and so is the plan.
  void Restart(Survival survival, uint64_t seed = 0);
  // Becomes a disk with the same content, synced and not, as `other` has now; of the plan, the circumstances,
  // open files and locks nothing is taken over. REQUIRES: this one is new.
  void CopyDisk(const FsDouble& other);

  // ---- the circumstances ----
  void SetDevice(const std::string& directory, uint64_t device);  // of it and all below it
  void SetFreeBytes(uint64_t bytes) { free_bytes_ = bytes; }
  void SetRenameSupported(bool supported) { rename_supported_ = supported; }
  void IgnoreLocks() { ignore_locks_ = true; }

  // ---- inspection and changes outside the plan ----
  bool Exists(const std::string& path) const;
  std::optional<std::string> ContentOf(const std::string& path) const;
  void PutFile(const std::string& path, const std::string& content);  // with its directories; durable
  // All files, as sorted paths.
  std::vector<std::string> AllFiles() const;

  // ---- Fs ----
  Result<std::unique_ptr<WritableFile>> CreateFile(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> OpenFinished(const std::string& path) override;
  Result<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override;
  Result<RenameOutcome> RenameNoReplace(const std::string& from, const std::string& to) override;
  Result<bool> RenameReplacing(const std::string& from, const std::string& to) override;
  Result<bool> Unlink(const std::string& path) override;
  Result<bool> MakeDirectory(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::optional<std::vector<DirectoryEntry>>> List(const std::string& path) override;
  Result<std::optional<FileInfo>> Stat(const std::string& path) override;
  Result<bool> IsLink(const std::string&) override { return false; }
  Result<uint64_t> FreeBytes(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> TryLock(const std::string& path) override;

  // A file open for reading and writing at any place, as a database opens its files (ledger/vfs_double.h).
  struct Inode;
  class RandomFile {
   public:
    Result<size_t> ReadAt(int64_t offset, void* buffer, size_t size);
    Status WriteAt(int64_t offset, const void* data, size_t size);
    Status Truncate(int64_t size);
    Status Sync();
    int64_t size() const;
    const Inode* inode() const { return inode_.get(); }  // an identity that several opens share

   private:
    friend class FsDouble;
    RandomFile(FsDouble& fs, std::string path, std::shared_ptr<Inode> inode)
        : fs_(fs), path_(std::move(path)), inode_(std::move(inode)) {}
    FsDouble& fs_;
    std::string path_;
    std::shared_ptr<Inode> inode_;
  };
  // nullptr when it is not there and `create` is false.
  Result<std::unique_ptr<RandomFile>> OpenRandom(const std::string& path, bool create);

 private:
  class Writable;
  class Readable;
  class Lock;

  // A rename that may not have reached the disk.
  struct Rename {
    std::shared_ptr<Inode> inode, from, to;
    std::string from_name, to_name;
  };

  void Move(const Rename& rename);
  void RestartDirectory(Inode& inode, Survival survival, std::mt19937_64& random);
  // Counts one operation and carries out the plan for it. The second one is for those that change something.
  Status Operate(const std::string& what);
  Status OperateAndChange(const std::string& what);
  Status SyncInode(Inode& inode, const std::string& what);
  std::shared_ptr<Inode> Find(const std::string& path) const;
  // The directory that holds `path`, and the last name of `path`; an error when that directory is not there.
  Result<std::shared_ptr<Inode>> FindParent(const std::string& path, std::string* name) const;
  uint64_t DeviceOf(const std::string& path) const;

  std::shared_ptr<Inode> root_;
  int64_t operations_ = 0;
  std::vector<int64_t> changing_;
  int64_t fail_at_ = 0;
  int64_t cut_at_ = 0;
  int64_t interrupt_at_ = 0;
  std::function<void()> interruption_;
  std::map<std::string, uint64_t> devices_;
  std::set<std::string> locked_;
  std::vector<Rename> renames_;
  uint64_t free_bytes_ = uint64_t{1} << 40;
  bool rename_supported_ = true;
  bool ignore_locks_ = false;
  int64_t life_ = 0;  // how often it was restarted: what was opened in another life is dead
};

}  // namespace forebay
