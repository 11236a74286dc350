// The seam between the commit protocol and the place where a lake's table files are kept: a directory
// (posix_table_store.h), or memory for tests (memory_table_store.h).
//
// A file is staged for its final place, under a name that readers do not see, and becomes visible as a whole.
// Outcomes that the protocol branches on are values; errors are kIoError unless stated otherwise, and name
// the file and the cause.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/fs.h"
#include "store/paths.h"
#include "store/staged_file.h"

namespace forebay {

// A staged file by name, its place and its content.
struct StagedPlace {
  std::string staged_name;
  FilePlace place;
  ContentSummary content;
};

enum class PublishOutcome {
  kPublished,  // with this content, by this call or an earlier one
  kMissing,    // neither staged nor in its place
  kConflict,   // its place holds other content
};

// Thread-compatible, except that several threads may call CreateStaged and the reading calls at once. Several
// processes may use one lake's store at once.
class TableStore {
 public:
  virtual ~TableStore() = default;

  // ---- staging ----
  // A new, empty staged file for `place`.
  virtual Result<std::unique_ptr<StagedFileWriter>> CreateStaged(const FilePlace& place) = 0;
  // A finished staged file that some process created for `place`; nullptr if it does not exist.
  virtual Result<std::unique_ptr<StagedFile>> OpenStaged(const std::string& staged_name,
                                                         const FilePlace& place) = 0;
  // Content of a staged file; nullptr if it does not exist.
  virtual Result<std::unique_ptr<ReadableFile>> ReadStaged(const std::string& staged_name) = 0;
  // Names of all staged files, sorted.
  virtual Result<std::vector<std::string>> ListStaged() = 0;
  // Removes a staged file; a missing one is not an error.
  virtual Status Abort(const std::string& staged_name) = 0;
  // Makes the names of the staged files durable. Never retry a failure.
  virtual Status SyncStaged() = 0;
  // Makes whatever these places need to be published, durably. kFailedPrecondition: a place cannot be
  // published to.
  virtual Status PreparePlaces(const std::vector<FilePlace>& places) = 0;

  // ---- visible files: durable when the call returns, idempotent, and safe beside other processes ----
  // Makes staged files visible in their places, and never replaces a file. Returns an outcome for each file,
  // in order. REQUIRES: the files are durable (MakeDurable), in any process.
  virtual Result<std::vector<PublishOutcome>> Publish(const std::vector<StagedPlace>& files) = 0;
  // Makes staged files visible in their places, and replaces the files there. Otherwise as Publish, without
  // kConflict.
  virtual Result<std::vector<PublishOutcome>> Replace(const std::vector<StagedPlace>& files) = 0;
  // kFailedPrecondition if Replace cannot put a file there.
  virtual Status CheckReplaceable(const FilePlace& place) = 0;
  // Removes files; missing ones are not an error.
  virtual Status Remove(const std::vector<FilePlace>& places) = 0;

  // ---- reading ----
  // Every file in a table's directory (`quarantine` included), sorted; foreign ones too.
  virtual Result<std::vector<FilePlace>> ListFiles() = 0;
  // nullptr if the file does not exist.
  virtual Result<std::unique_ptr<ReadableFile>> OpenForRead(const FilePlace& place) = 0;

  // ---- names for messages, as a user would write them ----
  virtual std::string Describe(const FilePlace& place) const = 0;
  virtual std::string DescribeStaged(const std::string& staged_name) const = 0;
};

// Makes finished staged files durable: content, names, and whatever their places need. Never retry a failure.
Status MakeDurable(TableStore& store, const std::vector<std::unique_ptr<StagedFile>>& files);

// The content summary of a visible file; nothing if it does not exist.
Result<std::optional<ContentSummary>> SummarizeFile(TableStore& store, const FilePlace& place);
// The same of a staged file.
Result<std::optional<ContentSummary>> SummarizeStaged(TableStore& store, const std::string& staged_name);

}  // namespace forebay
