// The filesystem seam: everything that landing does to a disk, except what SQLite does to the ledger, goes
// through here, so that tests can fail or cut off any operation (fs_double.h).
//
// Errors are kIoError and name the operation, the path and the cause. Outcomes that the commit protocol
// branches on (missing, already exists) are values. Only EINTR is retried. Several threads may use an Fs at
// once; a file only one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace forebay {

// A file that was created here and is written from front to back. The destructor closes it and ignores any
// error of the close.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // Writes all of it, or fails.
  virtual Status Append(const void* data, size_t size) = 0;
  // Ends the writing: closes the descriptor and reports the error of close(2). A second descriptor of the
  // same file stays open for Sync and LinkCount. REQUIRES: called at most once; no Append afterwards.
  virtual Status FinishWriting() = 0;
  // fsync(2). After a failure nothing is known about the content, and a second call proves nothing: never
  // retry.
  virtual Status Sync() = 0;
  // In bytes.
  virtual Result<uint64_t> Size() = 0;
  // How many names the file has; 0 once it was unlinked.
  virtual Result<uint64_t> LinkCount() = 0;
};

// A file open for reading.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  // In bytes.
  virtual Result<uint64_t> Size() = 0;
  // Reads up to `size` bytes from `offset`; fewer may come, and 0 only at the end of the file. Several
  // threads may read at once.
  virtual Result<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) = 0;
};

// A held lock; released by the destructor, or by the death of the process.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class RenameOutcome {
  kDone,
  kSourceMissing,  // ENOENT: the source, or the target's directory, is not there
  kTargetExists,   // EEXIST: nothing was changed
  kUnsupported,    // the filesystem has no rename without replacement
};

struct FileInfo {
  uint64_t size = 0;
  uint64_t device = 0;
  bool is_directory = false;
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  bool operator==(const DirectoryEntry&) const = default;
};

class Fs {
 public:
  virtual ~Fs() = default;

  // O_CREAT | O_EXCL: an existing file is an error.
  virtual Result<std::unique_ptr<WritableFile>> CreateFile(const std::string& path) = 0;
  // An existing file as one whose writing is finished: for Sync and LinkCount. nullptr when it is not there.
  virtual Result<std::unique_ptr<WritableFile>> OpenFinished(const std::string& path) = 0;
  // nullptr when it is not there.
  virtual Result<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) = 0;

  virtual Result<RenameOutcome> RenameNoReplace(const std::string& from, const std::string& to) = 0;
  // rename(2): replaces an existing target. False if the source, or the target's directory, does not exist.
  // Only for a rebuilt file (`lake rebuild`).
  virtual Result<bool> RenameReplacing(const std::string& from, const std::string& to) = 0;
  // False when there was nothing to unlink.
  virtual Result<bool> Unlink(const std::string& path) = 0;

  // False when it is already there (as a directory; anything else is an error). The parent must exist.
  virtual Result<bool> MakeDirectory(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  // All entries but "." and "..", sorted by name; nothing when the directory is not there.
  virtual Result<std::optional<std::vector<DirectoryEntry>>> List(const std::string& path) = 0;
  // Follows symbolic links; nothing when it is not there.
  virtual Result<std::optional<FileInfo>> Stat(const std::string& path) = 0;
  // Whether the path itself is a symbolic link. False when it is not there.
  virtual Result<bool> IsLink(const std::string& path) = 0;
  // The space left for an unprivileged process, in bytes.
  virtual Result<uint64_t> FreeBytes(const std::string& path) = 0;

  // Creates the file when needed and takes an exclusive lock on it (flock, close-on-exec) without waiting.
  // nullptr if the lock is already held.
  virtual Result<std::unique_ptr<FileLock>> TryLock(const std::string& path) = 0;
};

// The real filesystem. Never destroyed; stateless.
Fs& PosixFs();

}  // namespace forebay
