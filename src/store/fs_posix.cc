#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/descriptor.h"
#include "store/fs.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

// The umask restricts the permissions.
constexpr mode_t kFileMode = 0666;
constexpr mode_t kDirectoryMode = 0777;

std::string Advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; make room on that disk and start again";
    case EACCES:
    case EPERM:
      return "; check the permissions of the directory and who runs this";
    case EROFS:
      return "; the filesystem is mounted read-only";
    case EMFILE:
      return "; raise the limit of open files (ulimit -n)";
    case EIO:
      return "; the disk failed; see the kernel's log";
    default:
      return "";
  }
}

Error ErrnoError(const std::string& action, const std::string& path) {
  const int error_number = errno;
  return IoError("cannot " + action + " " + path + ": " + std::strerror(error_number) + Advice(error_number));
}

template <typename Call>
auto RetryInterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(std::string path, Descriptor fd) : path_(std::move(path)), fd_(fd.Release()) {}
  ~PosixWritableFile() override {
    if (fd_ >= 0) ::close(fd_);
  }

  Status Append(const void* data, size_t size) override {
    const char* at = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t written = RetryInterrupted([&] { return ::write(fd_, at, size); });
      if (written < 0) return ErrnoError("write to", path_);
      at += written;
      size -= static_cast<size_t>(written);
    }
    return Ok();
  }

  Status FinishWriting() override {
    // close(2) is where some filesystems report a failed write. The duplicate stays open: it cannot be
    // another file.
    const int kept = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
    if (kept < 0) return ErrnoError("duplicate the descriptor of", path_);
    const int closed = ::close(std::exchange(fd_, kept));
    // After EINTR Linux has closed the descriptor; what it would have reported is unknown, so it counts as a
    // failure.
    if (closed != 0) return ErrnoError("close", path_);
    return Ok();
  }

  Status Sync() override {
    if (RetryInterrupted([&] { return ::fsync(fd_); }) != 0) return ErrnoError("sync", path_);
    return Ok();
  }

  Result<uint64_t> Size() override {
    struct stat info;
    if (::fstat(fd_, &info) != 0) return ErrnoError("get the size of", path_);
    return static_cast<uint64_t>(info.st_size);
  }

  Result<uint64_t> LinkCount() override {
    struct stat info;
    if (::fstat(fd_, &info) != 0) return ErrnoError("count the links of", path_);
    return static_cast<uint64_t>(info.st_nlink);
  }

 private:
  std::string path_;
  int fd_;
};

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Result<uint64_t> Size() override {
    struct stat info;
    if (::fstat(fd_.get(), &info) != 0) return ErrnoError("get the size of", path_);
    return static_cast<uint64_t>(info.st_size);
  }

  Result<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) override {
    const ssize_t got =
        RetryInterrupted([&] { return ::pread(fd_.get(), buffer, size, static_cast<off_t>(offset)); });
    if (got < 0) return ErrnoError("read", path_);
    return static_cast<size_t>(got);
  }

 private:
  std::string path_;
  Descriptor fd_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;
};

// Opens a file for reading; not valid if it does not exist. Refuses anything but a regular file: a pipe would
// block its reader permanently.
Result<Descriptor> OpenExisting(const std::string& path) {
  Descriptor fd(RetryInterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); }));
  if (!fd.valid() && errno == ENOENT) return fd;
  struct stat info;
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return ErrnoError("open", path);
  if (!S_ISREG(info.st_mode)) return IoError(path + " is not a regular file; move it out of the lake");
  return fd;
}

class PosixFsImpl final : public Fs {
 public:
  Result<std::unique_ptr<WritableFile>> CreateFile(const std::string& path) override {
    const int fd = RetryInterrupted([&] {
      return ::open(
          path.c_str(),
          O_WRONLY | O_CREAT | (FOREBAY_SAFEGUARD("create:exclusive") ? O_EXCL : 0) | O_APPEND | O_CLOEXEC,
          kFileMode);
    });
    if (fd < 0) return ErrnoError("create", path);
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(path, Descriptor(fd)));
  }

  Result<std::unique_ptr<WritableFile>> OpenFinished(const std::string& path) override {
    FOREBAY_ASSIGN(Descriptor fd, OpenExisting(path));
    if (!fd.valid()) return std::unique_ptr<WritableFile>();
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(path, std::move(fd)));
  }

  Result<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override {
    FOREBAY_ASSIGN(Descriptor fd, OpenExisting(path));
    if (!fd.valid()) return std::unique_ptr<ReadableFile>();
    return std::unique_ptr<ReadableFile>(std::make_unique<PosixReadableFile>(path, std::move(fd)));
  }

  Result<RenameOutcome> RenameNoReplace(const std::string& from, const std::string& to) override {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                    FOREBAY_SAFEGUARD("rename:no_replace") ? RENAME_NOREPLACE : 0) == 0)
      return RenameOutcome::kDone;
    switch (errno) {
      case ENOENT:
        return RenameOutcome::kSourceMissing;
      case EEXIST:
        return RenameOutcome::kTargetExists;
      case EINVAL:
      case ENOSYS:
        return RenameOutcome::kUnsupported;
      default:
        return ErrnoError("rename", from + " to " + to);
    }
  }

  Result<bool> RenameReplacing(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    return ErrnoError("rename", from + " to " + to);
  }

  Result<bool> Unlink(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    return ErrnoError("remove", path);
  }

  Result<bool> MakeDirectory(const std::string& path) override {
    if (::mkdir(path.c_str(), kDirectoryMode) == 0) return true;
    if (errno == ENOENT) {
      return IoError("cannot make the directory " + path +
                     ": the one that it belongs in is not there; make that, or check the path");
    }
    if (errno != EEXIST) return ErrnoError("make the directory", path);
    FOREBAY_ASSIGN(const std::optional<FileInfo> info, Stat(path));
    if (info && info->is_directory) return false;
    return IoError(path + " is in the way: it should be a directory");
  }

  Status SyncDirectory(const std::string& path) override {
    const Descriptor fd(
        RetryInterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd.valid()) return ErrnoError("open the directory", path);
    if (RetryInterrupted([&] { return ::fsync(fd.get()); }) != 0)
      return ErrnoError("sync the directory", path);
    return Ok();
  }

  Result<std::optional<std::vector<DirectoryEntry>>> List(const std::string& path) override {
    std::optional<std::vector<DirectoryEntry>> entries;
    DIR* directory = ::opendir(path.c_str());
    if (directory == nullptr && errno == ENOENT) return entries;
    if (directory == nullptr) return ErrnoError("list", path);
    const std::unique_ptr<DIR, int (*)(DIR*)> closer(directory, &::closedir);
    entries.emplace();
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(directory);
      if (entry == nullptr && errno != 0) return ErrnoError("list", path);
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      bool is_directory = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) {
        FOREBAY_ASSIGN(const std::optional<FileInfo> info, Stat(path + "/" + name));
        is_directory = info && info->is_directory;
      }
      entries->push_back({name, is_directory});
    }
    std::sort(entries->begin(), entries->end(),
              [](const DirectoryEntry& a, const DirectoryEntry& b) { return a.name < b.name; });
    return entries;
  }

  Result<std::optional<FileInfo>> Stat(const std::string& path) override {
    struct stat info;
    if (::stat(path.c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::optional<FileInfo>();
      return ErrnoError("stat", path);
    }
    return std::optional<FileInfo>(FileInfo{static_cast<uint64_t>(info.st_size),
                                            static_cast<uint64_t>(info.st_dev), S_ISDIR(info.st_mode)});
  }

  Result<bool> IsLink(const std::string& path) override {
    struct stat info;
    if (::lstat(path.c_str(), &info) == 0) return S_ISLNK(info.st_mode);
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return ErrnoError("stat", path);
  }

  Result<uint64_t> FreeBytes(const std::string& path) override {
    struct statvfs info;
    if (RetryInterrupted([&] { return ::statvfs(path.c_str(), &info); }) != 0) {
      return ErrnoError("ask for the free space of", path);
    }
    return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
  }

  Result<std::unique_ptr<FileLock>> TryLock(const std::string& path) override {
    while (true) {
      Descriptor fd(
          RetryInterrupted([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode); }));
      if (!fd.valid()) return ErrnoError("open the lock", path);
      if (RetryInterrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
        if (errno == EWOULDBLOCK) return std::unique_ptr<FileLock>();
        return ErrnoError("lock", path);
      }
      // A lock on a file that lost its name protects nothing: the next one would lock another file.
      struct stat held, named;
      if (::fstat(fd.get(), &held) != 0) return ErrnoError("stat", path);
      const bool is_named =
          ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
      if (is_named || !FOREBAY_SAFEGUARD("lock:file_has_its_name")) {
        return std::unique_ptr<FileLock>(std::make_unique<PosixFileLock>(std::move(fd)));
      }
    }
  }
};

}  // namespace

Fs& PosixFs() {
  static PosixFsImpl fs;
  return fs;
}

}  // namespace forebay
