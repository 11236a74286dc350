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

// The content checksum of an existing file; kIoError when it cannot be read.
struct ContentSummary {
  uint64_t bytes = 0;
  uint64_t checksum = 0;
  bool operator==(const ContentSummary&) const = default;
};
Result<ContentSummary> SummarizeContent(ReadableFile& file);
// The same of a file by its path; nothing when it is not there.
Result<std::optional<ContentSummary>> SummarizeFile(Fs& fs, const std::string& path);

// A finished file with an open descriptor, which tells whether the file still has a name. Owned by one thread
// at a time. The destructor closes the descriptor and leaves the file alone.
class StagedFile {
 public:
  StagedFile(std::string name, std::unique_ptr<WritableFile> file)
      : name_(std::move(name)), file_(std::move(file)) {}
  const std::string& name() const { return name_; }
  // fsync; never retry a failure.
  Status Sync() { return file_->Sync(); }
  Result<uint64_t> LinkCount() { return file_->LinkCount(); }

 private:
  std::string name_;
  std::unique_ptr<WritableFile> file_;
};

// Writes one staged file and sums it up on the way. Owned by one thread at a time (a writer thread fills it,
// the commit thread takes what Finish gave). An unfinished one leaves an orphan, which the next recovery
// removes.
class StagedFileWriter {
 public:
  StagedFileWriter(std::string name, std::unique_ptr<WritableFile> file);
  ~StagedFileWriter();

  const std::string& name() const { return name_; }
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
  std::unique_ptr<WritableFile> file_;
  ContentHasher hasher_;
  std::string buffer_;
  uint64_t bytes_ = 0;
};

}  // namespace forebay
