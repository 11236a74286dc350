#include "ledger/vfs_double.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace forebay {

// How many connections hold which lock on one file. SQLite's rules: many readers, or one writer; a reserved
// or pending writer beside readers.
struct FileLocks {
  int shared = 0;  // every connection that has at least SHARED
  const void* reserved = nullptr;
  const void* pending = nullptr;
  const void* exclusive = nullptr;
};

struct VfsDouble::Registration {
  FsDouble* fs = nullptr;
  sqlite3_vfs vfs{};
  sqlite3_vfs* system = nullptr;
  std::map<const void*, FileLocks> locks;
};

namespace {

struct OpenFile {
  sqlite3_file base;
  VfsDouble::Registration* registration;
  std::unique_ptr<FsDouble::RandomFile>* file;
  std::string* directory;  // to be synced with the first sync of a new journal; then empty
  int lock;
};

OpenFile* Self(sqlite3_file* file) {
  return reinterpret_cast<OpenFile*>(file);
}
VfsDouble::Registration* Self(sqlite3_vfs* vfs) {
  return static_cast<VfsDouble::Registration*>(vfs->pAppData);
}
FileLocks& LocksOf(OpenFile* self) {
  return self->registration->locks[(*self->file)->inode()];
}

void ReleaseLocks(OpenFile* self, int down_to) {
  FileLocks& locks = LocksOf(self);
  if (locks.exclusive == self) locks.exclusive = nullptr;
  if (locks.pending == self) locks.pending = nullptr;
  if (locks.reserved == self) locks.reserved = nullptr;
  if (self->lock >= SQLITE_LOCK_SHARED && down_to == SQLITE_LOCK_NONE) --locks.shared;
  self->lock = std::min(self->lock, down_to);
}

int Close(sqlite3_file* file) {
  OpenFile* self = Self(file);
  ReleaseLocks(self, SQLITE_LOCK_NONE);
  delete self->file;
  delete self->directory;
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* buffer, int size, sqlite3_int64 offset) {
  const Result<size_t> got = (*Self(file)->file)->ReadAt(offset, buffer, static_cast<size_t>(size));
  if (!got.ok()) return SQLITE_IOERR_READ;
  if (*got == static_cast<size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(buffer) + *got, 0, static_cast<size_t>(size) - *got);
  return SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  return (*Self(file)->file)->WriteAt(offset, data, static_cast<size_t>(size)).ok() ? SQLITE_OK
                                                                                    : SQLITE_IOERR_WRITE;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  return (*Self(file)->file)->Truncate(size).ok() ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int Sync(sqlite3_file* file, int) {
  OpenFile* self = Self(file);
  if (!(*self->file)->Sync().ok()) return SQLITE_IOERR_FSYNC;
  if (self->directory->empty()) return SQLITE_OK;
  const Status status = self->registration->fs->SyncDirectory(*self->directory);
  self->directory->clear();
  return status.ok() ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  *size = (*Self(file)->file)->size();
  return SQLITE_OK;
}

int LockFile(sqlite3_file* file, int wanted) {
  OpenFile* self = Self(file);
  FileLocks& locks = LocksOf(self);
  if (self->lock >= wanted) return SQLITE_OK;
  const auto others = [&](const void* holder) { return holder != nullptr && holder != self; };
  if (wanted == SQLITE_LOCK_SHARED) {
    if (others(locks.pending) || others(locks.exclusive)) return SQLITE_BUSY;
    ++locks.shared;
  } else if (wanted == SQLITE_LOCK_RESERVED) {
    if (others(locks.reserved) || others(locks.pending) || others(locks.exclusive)) return SQLITE_BUSY;
    locks.reserved = self;
  } else {
    if (others(locks.reserved) || others(locks.pending) || others(locks.exclusive)) return SQLITE_BUSY;
    locks.pending = self;
    if (locks.shared > 1) return SQLITE_BUSY;
    locks.exclusive = self;
  }
  self->lock = wanted;
  return SQLITE_OK;
}

int Unlock(sqlite3_file* file, int down_to) {
  if (Self(file)->lock > down_to) ReleaseLocks(Self(file), down_to);
  return SQLITE_OK;
}

int CheckReserved(sqlite3_file* file, int* reserved) {
  const FileLocks& locks = LocksOf(Self(file));
  *reserved = locks.reserved != nullptr || locks.pending != nullptr || locks.exclusive != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int FileControl(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int SectorSize(sqlite3_file*) {
  return 512;
}
int DeviceCharacteristics(sqlite3_file*) {
  return 0;
}

constexpr sqlite3_io_methods kMethods = {1,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         LockFile,
                                         Unlock,
                                         CheckReserved,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  VfsDouble::Registration* registration = Self(vfs);
  file->pMethods = nullptr;
  FOREBAY_ASSERT(name != nullptr);  // temporary files are kept in memory
  const bool is_new = !registration->fs->Exists(name);
  auto opened = registration->fs->OpenRandom(name, (flags & SQLITE_OPEN_CREATE) != 0);
  if (!opened.ok() || *opened == nullptr) return SQLITE_CANTOPEN;
  const std::string path = name;
  const bool sync_directory = is_new && (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0;
  OpenFile* self = Self(file);
  self->registration = registration;
  self->file = new std::unique_ptr<FsDouble::RandomFile>(std::move(*opened));
  self->directory = new std::string(sync_directory ? path.substr(0, path.rfind('/')) : "");
  self->lock = SQLITE_LOCK_NONE;
  self->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  FsDouble& fs = *Self(vfs)->fs;
  const Result<bool> removed = fs.Unlink(name);
  if (!removed.ok()) return SQLITE_IOERR_DELETE;
  if (!*removed) return SQLITE_IOERR_DELETE_NOENT;
  if (sync_directory == 0) return SQLITE_OK;
  const std::string path = name;
  return fs.SyncDirectory(path.substr(0, path.rfind('/'))).ok() ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

int Access(sqlite3_vfs* vfs, const char* name, int flags, int* answer) {
  const Result<std::optional<FileInfo>> info = Self(vfs)->fs->Stat(name);
  if (!info.ok()) return SQLITE_IOERR_ACCESS;
  *answer = info->has_value() && (flags != SQLITE_ACCESS_EXISTS || (*info)->size > 0) ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int size, char* out) {
  return Self(vfs)->system->xRandomness(Self(vfs)->system, size, out);
}
int Sleep(sqlite3_vfs*, int micros) {
  return micros;
}
int CurrentTime(sqlite3_vfs* vfs, double* now) {
  return Self(vfs)->system->xCurrentTime(Self(vfs)->system, now);
}
int GetLastError(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

VfsDouble::VfsDouble(FsDouble& fs) : registration_(std::make_unique<Registration>()) {
  static int count = 0;
  name_ = "forebay-double-" + std::to_string(++count);
  registration_->fs = &fs;
  registration_->system = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = registration_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 512;
  vfs.zName = name_.c_str();
  vfs.pAppData = registration_.get();
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xGetLastError = GetLastError;
  FOREBAY_ASSERT(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

VfsDouble::~VfsDouble() {
  sqlite3_vfs_unregister(&registration_->vfs);
}

}  // namespace forebay
