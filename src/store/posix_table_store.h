// Table files in a directory of a local filesystem. Staged files are in `_forebay/staging`; a rename
// publishes them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/directories.h"
#include "store/fs.h"
#include "store/paths.h"
#include "store/table_store.h"

namespace forebay {

class PosixTableStore final : public TableStore {
 public:
  // `fs` must outlive it.
  PosixTableStore(Fs& fs, LakePaths paths) : fs_(fs), paths_(std::move(paths)), directories_(fs_, paths_) {}

  Result<std::unique_ptr<StagedFileWriter>> CreateStaged(const FilePlace& place) override;
  Result<std::unique_ptr<StagedFile>> OpenStaged(const std::string& staged_name,
                                                 const FilePlace& place) override;
  Result<std::unique_ptr<ReadableFile>> ReadStaged(const std::string& staged_name) override;
  Result<std::vector<std::string>> ListStaged() override;
  Status Abort(const std::string& staged_name) override;
  Status SyncStaged() override;
  // Creates the partition directories.
  Status PreparePlaces(const std::vector<FilePlace>& places) override;

  // Creates missing directories. Syncs the directories, and their parents, that this store has not synced
  // yet, even if a file is already in its place: the process that renamed it may have died before its sync.
  Result<std::vector<PublishOutcome>> Publish(const std::vector<StagedPlace>& files) override;
  Result<std::vector<PublishOutcome>> Replace(const std::vector<StagedPlace>& files) override;
  Status CheckReplaceable(const FilePlace& place) override;
  // Keeps the directories.
  Status Remove(const std::vector<FilePlace>& places) override;

  // Reads directories only.
  Result<std::vector<FilePlace>> ListFiles() override;
  Result<std::unique_ptr<ReadableFile>> OpenForRead(const FilePlace& place) override;

  // The path.
  std::string Describe(const FilePlace& place) const override { return paths_.File(place); }
  std::string DescribeStaged(const std::string& staged_name) const override {
    return paths_.StagedFile(staged_name);
  }

 private:
  Result<PublishOutcome> PublishOne(const StagedPlace& file);
  // Called after a rename whose source was missing or whose target existed; nothing: rename again.
  Result<std::optional<PublishOutcome>> ResolveRename(const StagedPlace& file);
  Result<PublishOutcome> ReplaceOne(const StagedPlace& file);

  Fs& fs_;
  const LakePaths paths_;
  DirectoryMaker directories_;
};

}  // namespace forebay
