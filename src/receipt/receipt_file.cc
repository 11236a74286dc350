// Receipt files: replaced atomically, never over another run's receipt.
#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/read_file.h"
#include "receipt/receipt.h"

namespace forebay {
namespace {

// Far more than any run needs: a receipt has a line for each directory, and for each gap in the offsets.
constexpr size_t kMaxReceiptBytes = 256 << 20;

Error FileError(const char* what, const std::string& path) {
  return IoError(fmt::format("{} {} failed: {}", what, path, std::strerror(errno)));
}

Status SyncDirectory(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileError("opening the directory", directory);
  const bool synced = fsync(fd) == 0;
  const int error = errno;
  close(fd);
  errno = error;
  return synced ? Ok() : Status(FileError("syncing the directory", directory));
}

// Returns the new file, open and locked.
Result<Descriptor> WriteAndSync(const std::string& path, std::string_view content) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.valid()) return FileError("creating", path);
  // A filesystem without locks is no reason to write no receipt.
  flock(file.get(), LOCK_EX | LOCK_NB);
  bool good = true;
  while (good && !content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    good = written > 0;
    if (good) content.remove_prefix(static_cast<size_t>(written));
  }
  if (!good || fsync(file.get()) != 0) return FileError("writing", path);
  return file;
}

bool IsDirectory(int fd) {
  struct stat there;
  return fstat(fd, &there) == 0 && S_ISDIR(there.st_mode);
}

// Whether the path names the open file.
bool IsStillAt(const std::string& path, int fd) {
  struct stat opened;
  struct stat there;
  return fstat(fd, &opened) == 0 && stat(path.c_str(), &there) == 0 && opened.st_dev == there.st_dev &&
         opened.st_ino == there.st_ino;
}

}  // namespace

Result<Receipt> ReadReceipt(const std::string& path) {
  const auto text = ReadAtMost(path, kMaxReceiptBytes + 1);
  if (!text) return FileError("reading the receipt", path);
  if (text->size() > kMaxReceiptBytes)
    return IoError(fmt::format("{} is not a receipt: it has more than {} bytes", path, kMaxReceiptBytes));
  return ParseReceipt(*text, path);
}

Result<ReceiptFile> ReceiptFile::Create(const std::string& path, const std::string& run) {
  std::error_code ignored;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, ignored);
  ReceiptFile file(path);
  if (!std::filesystem::exists(path, ignored)) return file;
  const Error not_a_receipt = InvalidArgumentError(
      fmt::format("{} exists and is not a receipt; choose another file with --receipt", path));
  // Reading from a pipe or a device may never end.
  if (!std::filesystem::is_regular_file(path, ignored)) return not_a_receipt;
  const Result<Receipt> there = ReadReceipt(path);
  if (!there.ok()) return not_a_receipt;
  if (there->run != run) {
    return InvalidArgumentError(fmt::format(
        "{} is the receipt of another run ({}); choose another file with --receipt", path, there->run));
  }
  file.written_ = true;
  return file;
}

Result<ReceiptFile> ReceiptFile::Resume(const std::string& path) {
  ReceiptFile file(path);
  do {
    file.locked_ = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.locked_.valid() || IsDirectory(file.locked_.get())) {
      return InvalidArgumentError(fmt::format(
          "the receipt {} cannot be read: {}; --resume needs the receipt file of the interrupted run", path,
          std::strerror(file.locked_.valid() ? EISDIR : errno)));
    }
    if (flock(file.locked_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      return Error(ErrorCode::kLockHeld,
                   fmt::format("the run of {} is still producing; stop it, or wait until it ends", path));
    }
    // A producer that has just replaced the file holds the lock of the new one.
  } while (!IsStillAt(path, file.locked_.get()));
  file.written_ = true;
  return file;
}

Status ReceiptFile::Write(const Receipt& receipt) {
  // A run has one process and one writing thread, so the temporary name is unique.
  const std::string temporary = fmt::format("{}.{}.tmp", path_, receipt.run);
  FOREBAY_ASSIGN(Descriptor file, WriteAndSync(temporary, ReceiptToJson(receipt)));
  const unsigned flags = written_ ? 0 : RENAME_NOREPLACE;
  if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    if (error == EEXIST) {
      return InvalidArgumentError(
          fmt::format("{} was written by another run; choose another file with --receipt", path_));
    }
    errno = error;
    return FileError("renaming a receipt to", path_);
  }
  written_ = true;
  locked_ = std::move(file);  // the file before this one is unlocked only now
  return SyncDirectory(path_);
}

}  // namespace forebay
