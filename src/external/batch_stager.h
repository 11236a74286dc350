// The worker side of an engine: rows, refusals and tombstones as Arrow batches in, staged files and manifests
// out. The files are written by the same writer, with the same properties, as those of the native engine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "external/directory_writer.h"
#include "external/manifest.h"
#include "store/lake.h"

namespace arrow {
class RecordBatch;
}

namespace forebay {

struct StagerOptions {
  std::string engine;                         // "spark": stands in the files and in the ledger
  int64_t file_bytes = 256'000'000;           // a file is ended once it is this large
  int64_t row_group_rows = kMaxRowGroupRows;  // at most
  int64_t memory_limit = 256'000'000;         // of what waits to be written, about
};

// Owned by one thread at a time. The first error is final: every later call gives it again. Destroyed without
// a successful Finish, it removes the files that it began.
class BatchStager {
 public:
  // `lake` is the directory of a lake that a landing has begun. kInvalidArgument when it is none, when the
  // contract has no such table, and for limits that nothing can be done with.
  static Result<std::unique_ptr<BatchStager>> Open(Fs& fs, std::shared_ptr<const Contract> contract,
                                                   const std::string& table, const std::string& lake,
                                                   const StagerOptions& options);
  ~BatchStager();

  // Rows of any number of partition directories: the columns of DecodedSchema in any order, and columns that
  // a transform added, which have to be the same in every batch. kInvalidArgument for a missing or retyped
  // column, a null in a required one, a row in a directory where it does not belong, and offsets of a Kafka
  // partition that do not ascend within a file.
  Status AddRows(const arrow::RecordBatch& rows);
  // The columns of QuarantineSchema, of this table's topic.
  Status AddRejects(const arrow::RecordBatch& rejects);
  // The columns of TombstoneSchema: counted, not kept.
  Status AddTombstones(const arrow::RecordBatch& tombstones);

  // What waits to be written, and about what the open files take.
  int64_t memory_bytes() const;

  // Ends all files, syncs them and the staging directory, and gives the manifests: one for each file, one
  // for each Kafka partition. Afterwards every call is kInvalidArgument.
  Result<std::vector<std::string>> Finish();

 private:
  BatchStager(std::shared_ptr<const Contract> contract, const Table& table, std::unique_ptr<Lake> lake,
              const StagerOptions& options);

  template <typename Function>
  Status Guarded(Function&& function);
  Status TakeRows(const arrow::RecordBatch& rows);
  Status TakeRejects(const arrow::RecordBatch& rejects);
  Status TakeTombstones(const arrow::RecordBatch& tombstones);
  // The writer for rows: made with the first batch, which says what columns there are.
  Status PrepareRows(const arrow::RecordBatch& rows);
  WriteLimits Limits(const arrow::Schema& schema) const;
  Status MakeRoom();
  Result<std::vector<std::string>> WriteManifests();

  const std::shared_ptr<const Contract> contract_;
  const Table& table_;
  const std::unique_ptr<Lake> lake_;
  const StagerOptions options_;
  std::optional<DirectoryWriter> rows_;
  std::optional<DirectoryWriter> rejects_;
  TopicStats stats_;
  std::optional<Error> failure_;
  bool finished_ = false;
};

}  // namespace forebay
