// Files under _forebay/staging: written from front to back, then finished, then synced and decided by the
// Committer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/fs.h"
#include "store/paths.h"

namespace forebay {

// XXH3 (64 bit, seed 0) over all the bytes of a file, whatever the pieces they come in.
class ContentHasher {
 public:
  ContentHasher();
  void Add(const void* data, size_t size);
  uint64_t Finish() const;

 private:
  struct FreeState {
    void operator()(void* state) const;
  };
  std::unique_ptr<void, FreeState> state_;
};

// Size and checksum of a file's content.
struct ContentSummary {
  uint64_t bytes = 0;
  uint64_t checksum = 0;
  bool operator==(const ContentSummary&) const = default;
};
// Reads the whole file.
Result<ContentSummary> SummarizeContent(ReadableFile& file);

// A finished staged file. Owned by one thread at a time. The destructor leaves the file alone.
class StagedFile {
 public:
  StagedFile(std::string name, FilePlace place, std::unique_ptr<WritableFile> file)
      : name_(std::move(name)), place_(std::move(place)), file_(std::move(file)) {}
  const std::string& name() const { return name_; }
  // Where the file will be visible.
  const FilePlace& place() const { return place_; }
  // Makes the content durable; never retry a failure.
  Status Sync() { return file_->Sync(); }
  // In bytes.
  Result<uint64_t> Size() { return file_->Size(); }
  // Whether the file is still staged, or published.
  Result<bool> Exists();

 private:
  std::string name_;
  FilePlace place_;
  std::unique_ptr<WritableFile> file_;
};

// kConflict if another process removed one of the staged files: recovery takes files that no batch names for
// orphans.
Status CheckStagedFilesExist(const std::vector<std::unique_ptr<StagedFile>>& files);

// Writes one staged file and sums it up on the way. Owned by one thread at a time (a writer thread fills it,
// the commit thread takes what Finish gave). An unfinished one leaves an orphan, which the next recovery
// removes.
class StagedFileWriter {
 public:
  StagedFileWriter(std::string name, FilePlace place, std::unique_ptr<WritableFile> file);
  ~StagedFileWriter();

  const std::string& name() const { return name_; }
  const FilePlace& place() const { return place_; }
  // Bytes appended so far.
  uint64_t bytes() const { return bytes_; }

  // Small pieces are gathered before they are written. REQUIRES: Finish was not called, nothing failed
  // before.
  Status Append(const void* data, size_t size);

  struct Finished {
    ContentSummary content;
    std::unique_ptr<StagedFile> file;
  };
  // Writes the rest and closes for writing. Does not sync: that is the commit's work. REQUIRES: called at
  // most once.
  Result<Finished> Finish();

 private:
  Status Flush();

  std::string name_;
  FilePlace place_;
  std::unique_ptr<WritableFile> file_;
  ContentHasher hasher_;
  std::string buffer_;
  uint64_t bytes_ = 0;
};

}  // namespace forebay
