#include "store/memory_table_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace forebay {

struct MemoryTableStore::Object {
  std::string content;
  bool finished = false;
  bool synced = false;       // the content
  bool name_synced = false;  // by SyncStaged
  int names = 1;             // staged or visible
};

class MemoryTableStore::Handle final : public WritableFile {
 public:
  explicit Handle(std::shared_ptr<Object> object) : object_(std::move(object)) {}

  Status Append(const void* data, size_t size) override {
    FOREBAY_ASSERT(!object_->finished);
    object_->content.append(static_cast<const char*>(data), size);
    return Ok();
  }
  Status FinishWriting() override {
    FOREBAY_ASSERT(!object_->finished);
    object_->finished = true;
    return Ok();
  }
  Status Sync() override {
    FOREBAY_ASSERT(object_->finished);
    object_->synced = true;
    return Ok();
  }
  Result<uint64_t> Size() override { return object_->content.size(); }
  Result<uint64_t> LinkCount() override { return static_cast<uint64_t>(object_->names); }

 private:
  std::shared_ptr<Object> object_;
};

class MemoryTableStore::Reader final : public ReadableFile {
 public:
  explicit Reader(std::shared_ptr<Object> object) : object_(std::move(object)) {}

  Result<uint64_t> Size() override { return object_->content.size(); }
  Result<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) override {
    if (offset >= object_->content.size()) return size_t{0};
    const size_t got = std::min<size_t>(size, object_->content.size() - offset);
    std::memcpy(buffer, object_->content.data() + offset, got);
    return got;
  }

 private:
  std::shared_ptr<Object> object_;
};

MemoryTableStore::MemoryTableStore() = default;
MemoryTableStore::~MemoryTableStore() = default;

Result<std::unique_ptr<StagedFileWriter>> MemoryTableStore::CreateStaged(const FilePlace& place) {
  const std::string number = std::to_string(++created_);
  std::string name = "s-" + std::string(32 - number.size(), '0') + number + ".parquet";
  auto object = std::make_shared<Object>();
  staged_[name] = {place, object};
  return std::make_unique<StagedFileWriter>(std::move(name), place,
                                            std::make_unique<Handle>(std::move(object)));
}

Result<std::unique_ptr<StagedFile>> MemoryTableStore::OpenStaged(const std::string& staged_name,
                                                                 const FilePlace& place) {
  const auto found = staged_.find(staged_name);
  if (found == staged_.end()) return std::unique_ptr<StagedFile>();
  FOREBAY_ASSERT(found->second.object->finished && found->second.place == place);
  return std::make_unique<StagedFile>(staged_name, place, std::make_unique<Handle>(found->second.object));
}

Result<std::unique_ptr<ReadableFile>> MemoryTableStore::ReadStaged(const std::string& staged_name) {
  const auto found = staged_.find(staged_name);
  if (found == staged_.end()) return std::unique_ptr<ReadableFile>();
  return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(found->second.object));
}

Result<std::vector<std::string>> MemoryTableStore::ListStaged() {
  std::vector<std::string> names;
  for (const auto& [name, staged] : staged_) names.push_back(name);
  return names;
}

Status MemoryTableStore::Abort(const std::string& staged_name) {
  const auto found = staged_.find(staged_name);
  if (found == staged_.end()) return Ok();
  --found->second.object->names;
  staged_.erase(found);
  return Ok();
}

Status MemoryTableStore::SyncStaged() {
  for (const auto& [name, staged] : staged_) staged.object->name_synced = true;
  return Ok();
}

Status MemoryTableStore::PreparePlaces(const std::vector<FilePlace>& places) {
  prepared_.insert(places.begin(), places.end());
  return Ok();
}

std::shared_ptr<MemoryTableStore::Object> MemoryTableStore::ReleaseStaged(const StagedPlace& file) {
  const auto found = staged_.find(file.staged_name);
  if (found == staged_.end()) return nullptr;
  const Staged staged = found->second;
  FOREBAY_ASSERT(staged.place == file.place && prepared_.contains(file.place));
  FOREBAY_ASSERT(staged.object->finished && staged.object->synced && staged.object->name_synced);
  staged_.erase(found);
  return staged.object;
}

Result<std::vector<PublishOutcome>> MemoryTableStore::Publish(const std::vector<StagedPlace>& files) {
  std::vector<PublishOutcome> outcomes;
  for (const StagedPlace& file : files) {
    FOREBAY_ASSIGN(const auto in_place, SummarizeFile(*this, file.place));
    if (in_place && *in_place != file.content) {
      outcomes.push_back(PublishOutcome::kConflict);
    } else if (in_place) {
      FOREBAY_TRY(Abort(file.staged_name));
      outcomes.push_back(PublishOutcome::kPublished);
    } else if (auto object = ReleaseStaged(file)) {
      visible_[file.place] = std::move(object);
      outcomes.push_back(PublishOutcome::kPublished);
    } else {
      outcomes.push_back(PublishOutcome::kMissing);
    }
  }
  return outcomes;
}

Result<std::vector<PublishOutcome>> MemoryTableStore::Replace(const std::vector<StagedPlace>& files) {
  std::vector<PublishOutcome> outcomes;
  for (const StagedPlace& file : files) {
    if (auto object = ReleaseStaged(file)) {
      visible_[file.place] = std::move(object);
      outcomes.push_back(PublishOutcome::kPublished);
      continue;
    }
    FOREBAY_ASSIGN(const auto in_place, SummarizeFile(*this, file.place));
    outcomes.push_back(in_place == file.content ? PublishOutcome::kPublished : PublishOutcome::kMissing);
  }
  return outcomes;
}

Status MemoryTableStore::CheckReplaceable(const FilePlace&) {
  return Ok();
}

Status MemoryTableStore::Remove(const std::vector<FilePlace>& places) {
  for (const FilePlace& place : places) visible_.erase(place);
  return Ok();
}

Result<std::vector<FilePlace>> MemoryTableStore::ListFiles() {
  std::vector<FilePlace> places;
  for (const auto& [place, object] : visible_) places.push_back(place);
  return places;
}

Result<std::unique_ptr<ReadableFile>> MemoryTableStore::OpenForRead(const FilePlace& place) {
  const auto found = visible_.find(place);
  if (found == visible_.end()) return std::unique_ptr<ReadableFile>();
  return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(found->second));
}

void MemoryTableStore::PutFile(const FilePlace& place, const std::string& content) {
  auto object = std::make_shared<Object>();
  object->content = content;
  visible_[place] = std::move(object);
}

}  // namespace forebay
