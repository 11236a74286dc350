#include "store/staged_file.h"

#include <utility>

#include "base/row_hash.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

constexpr size_t kGatherBytes = 64 * 1024;
constexpr size_t kReadBytes = 1024 * 1024;

XXH3_state_t* AsXxh3(void* state) {
  return static_cast<XXH3_state_t*>(state);
}

}  // namespace

void ContentHasher::FreeState::operator()(void* state) const {
  XXH3_freeState(AsXxh3(state));
}

ContentHasher::ContentHasher() : state_(XXH3_createState()) {
  FOREBAY_ASSERT(state_ != nullptr);
  XXH3_64bits_reset(AsXxh3(state_.get()));
}

void ContentHasher::Add(const void* data, size_t size) {
  XXH3_64bits_update(AsXxh3(state_.get()), data, size);
}

uint64_t ContentHasher::Finish() const {
  return XXH3_64bits_digest(AsXxh3(state_.get()));
}

Result<ContentSummary> SummarizeContent(ReadableFile& file) {
  ContentHasher hasher;
  ContentSummary summary;
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  while (true) {
    FOREBAY_ASSIGN(const size_t got, file.ReadAt(summary.bytes, buffer.get(), kReadBytes));
    if (got == 0) break;
    hasher.Add(buffer.get(), got);
    summary.bytes += got;
  }
  summary.checksum = hasher.Finish();
  return summary;
}

Result<bool> StagedFile::Exists() {
  FOREBAY_ASSIGN(const uint64_t links, file_->LinkCount());
  return links > 0;
}

Status CheckStagedFilesExist(const std::vector<std::unique_ptr<StagedFile>>& files) {
  for (const std::unique_ptr<StagedFile>& file : files) {
    FOREBAY_ASSIGN(const bool exists, file->Exists());
    if (!exists && FOREBAY_SAFEGUARD("commit:staged_files_exist")) {
      return Error(ErrorCode::kConflict, "staged file " + file->name() + " was removed by another process");
    }
  }
  return Ok();
}

StagedFileWriter::StagedFileWriter(std::string name, FilePlace place, std::unique_ptr<WritableFile> file)
    : name_(std::move(name)), place_(std::move(place)), file_(std::move(file)) {}

StagedFileWriter::~StagedFileWriter() = default;

Status StagedFileWriter::Append(const void* data, size_t size) {
  FOREBAY_ASSERT(file_ != nullptr);
  hasher_.Add(data, size);
  bytes_ += size;
  if (buffer_.size() + size <= kGatherBytes) {
    buffer_.append(static_cast<const char*>(data), size);
    return Ok();
  }
  FOREBAY_TRY(Flush());
  if (size >= kGatherBytes) return file_->Append(data, size);
  buffer_.append(static_cast<const char*>(data), size);
  return Ok();
}

Status StagedFileWriter::Flush() {
  if (buffer_.empty()) return Ok();
  FOREBAY_TRY(file_->Append(buffer_.data(), buffer_.size()));
  buffer_.clear();
  return Ok();
}

Result<StagedFileWriter::Finished> StagedFileWriter::Finish() {
  FOREBAY_ASSERT(file_ != nullptr);
  FOREBAY_TRY(Flush());
  buffer_ = std::string();
  FOREBAY_TRY(file_->FinishWriting());
  return Finished{{bytes_, hasher_.Finish()}, std::make_unique<StagedFile>(name_, place_, std::move(file_))};
}

}  // namespace forebay
