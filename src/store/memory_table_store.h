// A table store in memory, for tests. As strict as an object store: a staged file is bound to its place from
// the start, and only a finished, synced file whose place was prepared can be published.
//
// Not thread-safe. Copies of the handles that it returns must not outlive it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "store/table_store.h"

namespace forebay {

class MemoryTableStore final : public TableStore {
 public:
  MemoryTableStore();
  ~MemoryTableStore() override;

  Result<std::unique_ptr<StagedFileWriter>> CreateStaged(const FilePlace& place) override;
  // REQUIRES: `place` is the one of CreateStaged.
  Result<std::unique_ptr<StagedFile>> OpenStaged(const std::string& staged_name,
                                                 const FilePlace& place) override;
  Result<std::unique_ptr<ReadableFile>> ReadStaged(const std::string& staged_name) override;
  Result<std::vector<std::string>> ListStaged() override;
  Status Abort(const std::string& staged_name) override;
  Status SyncStaged() override;
  Status PreparePlaces(const std::vector<FilePlace>& places) override;
  Result<std::vector<PublishOutcome>> Publish(const std::vector<StagedPlace>& files) override;
  Result<std::vector<PublishOutcome>> Replace(const std::vector<StagedPlace>& files) override;
  Status CheckReplaceable(const FilePlace& place) override;
  Status Remove(const std::vector<FilePlace>& places) override;
  Result<std::vector<FilePlace>> ListFiles() override;
  Result<std::unique_ptr<ReadableFile>> OpenForRead(const FilePlace& place) override;
  std::string Describe(const FilePlace& place) const override { return "memory:" + PlaceText(place); }
  std::string DescribeStaged(const std::string& staged_name) const override {
    return "memory:staged/" + staged_name;
  }

  // A visible file that no one staged here; replaces an existing one.
  void PutFile(const FilePlace& place, const std::string& content);

 private:
  struct Object;
  class Handle;
  class Reader;

  struct Staged {
    FilePlace place;
    std::shared_ptr<Object> object;
  };

  // The staged file, checked against the rules above; null if it does not exist.
  std::shared_ptr<Object> ReleaseStaged(const StagedPlace& file);

  std::map<std::string, Staged> staged_;
  std::map<FilePlace, std::shared_ptr<Object>> visible_;
  std::set<FilePlace> prepared_;
  int created_ = 0;
};

}  // namespace forebay
