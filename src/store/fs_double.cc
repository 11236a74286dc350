#include "store/fs_double.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "store/fs_double_inode.h"

namespace forebay {

namespace {

std::vector<std::string> Split(const std::string& path) {
  std::vector<std::string> names;
  for (size_t at = 0; at < path.size();) {
    const size_t slash = std::min(path.find('/', at), path.size());
    if (slash > at && path.substr(at, slash - at) != ".") names.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return names;
}

}  // namespace

class FsDouble::Writable final : public WritableFile {
 public:
  Writable(FsDouble& fs, std::string path, std::shared_ptr<Inode> inode)
      : fs_(fs), path_(std::move(path)), inode_(std::move(inode)), life_(fs.life_) {}

  Status Append(const void* data, size_t size) override {
    FOREBAY_ASSERT(life_ == fs_.life_);
    FOREBAY_TRY(fs_.OperateAndChange("append to " + path_));
    inode_->data.append(static_cast<const char*>(data), size);
    return Ok();
  }
  Status FinishWriting() override { return Operate("close "); }
  Status Sync() override {
    FOREBAY_ASSERT(life_ == fs_.life_);
    return fs_.SyncInode(*inode_, "sync " + path_);
  }
  Result<uint64_t> Size() override {
    FOREBAY_TRY(Operate("stat "));
    return inode_->data.size();
  }
  Result<uint64_t> LinkCount() override {
    FOREBAY_TRY(Operate("count the links of "));
    return inode_->links;
  }

 private:
  Status Operate(const std::string& what) {
    FOREBAY_ASSERT(life_ == fs_.life_);
    return fs_.Operate(what + path_);
  }

  FsDouble& fs_;
  std::string path_;
  std::shared_ptr<Inode> inode_;
  int64_t life_;
};

class FsDouble::Readable final : public ReadableFile {
 public:
  Readable(FsDouble& fs, std::string path, std::shared_ptr<Inode> inode)
      : fs_(fs), path_(std::move(path)), inode_(std::move(inode)) {}

  Result<uint64_t> Size() override {
    FOREBAY_TRY(fs_.Operate("stat " + path_));
    return inode_->data.size();
  }
  Result<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) override {
    FOREBAY_TRY(fs_.Operate("read " + path_));
    if (offset >= inode_->data.size()) return size_t{0};
    const size_t got = std::min<size_t>(size, inode_->data.size() - offset);
    std::memcpy(buffer, inode_->data.data() + offset, got);
    return got;
  }

 private:
  FsDouble& fs_;
  std::string path_;
  std::shared_ptr<Inode> inode_;
};

class FsDouble::Lock final : public FileLock {
 public:
  Lock(FsDouble& fs, std::string path) : fs_(fs), path_(std::move(path)), life_(fs.life_) {}
  ~Lock() override {
    if (life_ == fs_.life_) fs_.locked_.erase(path_);
  }

 private:
  FsDouble& fs_;
  std::string path_;
  int64_t life_;
};

FsDouble::FsDouble() : root_(std::make_shared<Inode>()) {
  root_->is_directory = true;
}
FsDouble::~FsDouble() = default;

void FsDouble::InterruptAt(int64_t operation, std::function<void()> action) {
  interrupt_at_ = operation;
  interruption_ = std::move(action);
}

Status FsDouble::Operate(const std::string& what) {
  const int64_t operation = ++operations_;
  if (operation == interrupt_at_) std::exchange(interruption_, nullptr)();
  if (power_is_cut()) return IoError("cannot " + what + ": the power is cut");
  if (operation == fail_at_) return IoError("cannot " + what + ": an injected failure");
  return Ok();
}

Status FsDouble::OperateAndChange(const std::string& what) {
  const Status status = Operate(what);
  if (!power_is_cut()) changing_.push_back(operations_);
  return status;
}

Status FsDouble::SyncInode(Inode& inode, const std::string& what) {
  const Status status = OperateAndChange(what);
  if (!status.ok()) {
    if (!power_is_cut()) inode.lost_writes = true;  // it was tried, and failed
    return status;
  }
  if (inode.lost_writes) return Ok();
  inode.durable_data = inode.data;
  inode.durable_entries = inode.entries;
  std::erase_if(renames_, [&](const Rename& rename) {
    if (rename.to.get() != &inode && rename.from.get() != &inode) return false;
    // The journal has a rename whole, or not at all: the other directory's part goes with this one's.
    if (rename.to->entries.contains(rename.to_name))
      rename.to->durable_entries[rename.to_name] = rename.inode;
    return true;
  });
  return Ok();
}

std::shared_ptr<FsDouble::Inode> FsDouble::Find(const std::string& path) const {
  std::shared_ptr<Inode> inode = root_;
  for (const std::string& name : Split(path)) {
    const auto entry = inode->entries.find(name);
    if (entry == inode->entries.end()) return nullptr;
    inode = entry->second;
  }
  return inode;
}

Result<std::shared_ptr<FsDouble::Inode>> FsDouble::FindParent(const std::string& path,
                                                              std::string* name) const {
  const std::vector<std::string> names = Split(path);
  FOREBAY_ASSERT(!names.empty());
  *name = names.back();
  std::string parent;
  for (size_t i = 0; i + 1 < names.size(); ++i) parent += "/" + names[i];
  std::shared_ptr<Inode> inode = Find(parent);
  if (inode == nullptr || !inode->is_directory) return IoError("there is no directory " + parent);
  return inode;
}

void FsDouble::SetDevice(const std::string& directory, uint64_t device) {
  devices_[directory] = device;
}

uint64_t FsDouble::DeviceOf(const std::string& path) const {
  uint64_t device = 1;
  for (const auto& [directory, its_device] : devices_) {
    if (path == directory || path.starts_with(directory + "/")) device = its_device;
  }
  return device;
}

bool FsDouble::Exists(const std::string& path) const {
  return Find(path) != nullptr;
}

std::optional<std::string> FsDouble::ContentOf(const std::string& path) const {
  const std::shared_ptr<Inode> inode = Find(path);
  return inode == nullptr ? std::nullopt : std::optional<std::string>(inode->data);
}

void FsDouble::PutFile(const std::string& path, const std::string& content) {
  std::shared_ptr<Inode> at = root_;
  for (const std::string& name : Split(path)) {
    at->is_directory = true;
    std::shared_ptr<Inode>& child = at->entries[name];
    if (child == nullptr) {
      child = std::make_shared<Inode>();
      child->links = 1;
    }
    at->durable_entries[name] = child;
    at = child;
  }
  at->data = at->durable_data = content;
}

std::vector<std::string> FsDouble::AllFiles() const {
  std::vector<std::string> files;
  std::vector<std::pair<std::string, std::shared_ptr<Inode>>> pending = {{"", root_}};
  while (!pending.empty()) {
    const auto [path, inode] = pending.back();
    pending.pop_back();
    if (!inode->is_directory) files.push_back(path);
    for (const auto& [name, child] : inode->entries) pending.push_back({path + "/" + name, child});
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::unique_ptr<WritableFile>> FsDouble::CreateFile(const std::string& path) {
  FOREBAY_TRY(OperateAndChange("create " + path));
  std::string name;
  FOREBAY_ASSIGN(const std::shared_ptr<Inode> parent, FindParent(path, &name));
  if (parent->entries.contains(name)) return IoError("cannot create " + path + ": it is there");
  auto inode = std::make_shared<Inode>();
  inode->links = 1;
  parent->entries[name] = inode;
  return std::unique_ptr<WritableFile>(std::make_unique<Writable>(*this, path, inode));
}

Result<std::unique_ptr<WritableFile>> FsDouble::OpenFinished(const std::string& path) {
  FOREBAY_TRY(Operate("open " + path));
  const std::shared_ptr<Inode> inode = Find(path);
  if (inode == nullptr) return std::unique_ptr<WritableFile>();
  return std::unique_ptr<WritableFile>(std::make_unique<Writable>(*this, path, inode));
}

Result<std::unique_ptr<ReadableFile>> FsDouble::OpenForRead(const std::string& path) {
  FOREBAY_TRY(Operate("open " + path));
  const std::shared_ptr<Inode> inode = Find(path);
  if (inode == nullptr) return std::unique_ptr<ReadableFile>();
  return std::unique_ptr<ReadableFile>(std::make_unique<Readable>(*this, path, inode));
}

Result<RenameOutcome> FsDouble::RenameNoReplace(const std::string& from, const std::string& to) {
  FOREBAY_TRY(OperateAndChange("rename " + from + " to " + to));
  if (!rename_supported_) return RenameOutcome::kUnsupported;
  std::string from_name, to_name;
  const Result<std::shared_ptr<Inode>> source = FindParent(from, &from_name);
  const Result<std::shared_ptr<Inode>> target = FindParent(to, &to_name);
  if (!source.ok() || !target.ok()) return RenameOutcome::kSourceMissing;
  const auto entry = (*source)->entries.find(from_name);
  if (entry == (*source)->entries.end()) return RenameOutcome::kSourceMissing;
  if ((*target)->entries.contains(to_name)) return RenameOutcome::kTargetExists;
  Move({entry->second, *source, *target, from_name, to_name});
  return RenameOutcome::kDone;
}

void FsDouble::Move(const Rename& rename) {
  rename.from->entries.erase(rename.from_name);
  rename.to->entries[rename.to_name] = rename.inode;
  renames_.push_back(rename);
}

Result<bool> FsDouble::RenameReplacing(const std::string& from, const std::string& to) {
  FOREBAY_TRY(Operate("rename " + from + " to " + to));
  std::string from_name, to_name;
  const Result<std::shared_ptr<Inode>> source = FindParent(from, &from_name);
  const Result<std::shared_ptr<Inode>> target = FindParent(to, &to_name);
  if (!source.ok() || !target.ok()) return false;
  const auto entry = (*source)->entries.find(from_name);
  if (entry == (*source)->entries.end()) return false;
  const auto replaced = (*target)->entries.find(to_name);
  if (replaced != (*target)->entries.end()) --replaced->second->links;
  Move({entry->second, *source, *target, from_name, to_name});
  return true;
}

Result<bool> FsDouble::Unlink(const std::string& path) {
  FOREBAY_TRY(OperateAndChange("remove " + path));
  std::string name;
  const Result<std::shared_ptr<Inode>> parent = FindParent(path, &name);
  if (!parent.ok()) return false;
  const auto entry = (*parent)->entries.find(name);
  if (entry == (*parent)->entries.end()) return false;
  --entry->second->links;
  (*parent)->entries.erase(entry);
  return true;
}

Result<bool> FsDouble::MakeDirectory(const std::string& path) {
  FOREBAY_TRY(OperateAndChange("make the directory " + path));
  std::string name;
  FOREBAY_ASSIGN(const std::shared_ptr<Inode> parent, FindParent(path, &name));
  const auto entry = parent->entries.find(name);
  if (entry != parent->entries.end() && !entry->second->is_directory) return IoError(path + " is in the way");
  if (entry != parent->entries.end()) return false;
  auto inode = std::make_shared<Inode>();
  inode->is_directory = true;
  inode->links = 1;
  parent->entries[name] = inode;
  return true;
}

Status FsDouble::SyncDirectory(const std::string& path) {
  const std::shared_ptr<Inode> inode = Find(path);
  if (inode == nullptr) return IoError("cannot sync the directory " + path + ": it is not there");
  return SyncInode(*inode, "sync the directory " + path);
}

Result<std::optional<std::vector<DirectoryEntry>>> FsDouble::List(const std::string& path) {
  FOREBAY_TRY(Operate("list " + path));
  std::optional<std::vector<DirectoryEntry>> entries;
  const std::shared_ptr<Inode> inode = Find(path);
  if (inode == nullptr) return entries;
  entries.emplace();
  for (const auto& [name, child] : inode->entries) entries->push_back({name, child->is_directory});
  return entries;
}

Result<std::optional<FileInfo>> FsDouble::Stat(const std::string& path) {
  FOREBAY_TRY(Operate("stat " + path));
  const std::shared_ptr<Inode> inode = Find(path);
  if (inode == nullptr) return std::optional<FileInfo>();
  return std::optional<FileInfo>(FileInfo{inode->data.size(), DeviceOf(path), inode->is_directory});
}

Result<uint64_t> FsDouble::FreeBytes(const std::string& path) {
  FOREBAY_TRY(Operate("ask for the free space of " + path));
  return free_bytes_;
}

Result<std::unique_ptr<FileLock>> FsDouble::TryLock(const std::string& path) {
  FOREBAY_TRY(Operate("lock " + path));
  if (ignore_locks_) return std::unique_ptr<FileLock>(std::make_unique<Lock>(*this, path));
  if (!locked_.insert(path).second) return std::unique_ptr<FileLock>();
  return std::unique_ptr<FileLock>(std::make_unique<Lock>(*this, path));
}

Result<std::unique_ptr<FsDouble::RandomFile>> FsDouble::OpenRandom(const std::string& path, bool create) {
  FOREBAY_TRY(create ? OperateAndChange("open " + path) : Operate("open " + path));
  std::string name;
  FOREBAY_ASSIGN(const std::shared_ptr<Inode> parent, FindParent(path, &name));
  std::shared_ptr<Inode> inode = Find(path);
  if (inode == nullptr && !create) return std::unique_ptr<RandomFile>();
  if (inode == nullptr) {
    inode = std::make_shared<Inode>();
    inode->links = 1;
    parent->entries[name] = inode;
  }
  return std::unique_ptr<RandomFile>(new RandomFile(*this, path, inode));
}

Result<size_t> FsDouble::RandomFile::ReadAt(int64_t offset, void* buffer, size_t size) {
  FOREBAY_TRY(fs_.Operate("read " + path_));
  const size_t at = std::min(static_cast<size_t>(offset), inode_->data.size());
  const size_t got = std::min(size, inode_->data.size() - at);
  std::memcpy(buffer, inode_->data.data() + at, got);
  return got;
}

Status FsDouble::RandomFile::WriteAt(int64_t offset, const void* data, size_t size) {
  FOREBAY_TRY(fs_.OperateAndChange("write to " + path_));
  const size_t end = static_cast<size_t>(offset) + size;
  if (inode_->data.size() < end) inode_->data.resize(end);
  std::memcpy(inode_->data.data() + offset, data, size);
  return Ok();
}

Status FsDouble::RandomFile::Truncate(int64_t size) {
  FOREBAY_TRY(fs_.OperateAndChange("truncate " + path_));
  inode_->data.resize(static_cast<size_t>(size));
  return Ok();
}

Status FsDouble::RandomFile::Sync() {
  return fs_.SyncInode(*inode_, "sync " + path_);
}

int64_t FsDouble::RandomFile::size() const {
  return static_cast<int64_t>(inode_->data.size());
}

}  // namespace forebay
