// The worker side of an external engine: Arrow batches of rows, rejected records and tombstones in, staged
// files and manifests out. The native engine's writer writes the files, with the same properties.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "decode/field_presence.h"
#include "decode/schema_tree.h"
#include "external/directory_writer.h"
#include "external/manifest.h"
#include "store/lake.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace forebay {

struct StagerOptions {
  std::string engine;                         // "spark": recorded in the files and in the ledger
  int64_t file_bytes = 256'000'000;           // a file is closed once it is this large
  int64_t row_group_rows = kMaxRowGroupRows;  // at most
  int64_t memory_limit = 256'000'000;         // of buffers and open files, about
  // Of the table's files: ExternalLanding::FileSchemaOf. Null: those of the contract alone.
  std::shared_ptr<arrow::Schema> columns = nullptr;
};

// Owned by one thread at a time. The first error is final: every later call returns it again. The destructor
// removes all files that the stager created unless Finish succeeded.
class BatchStager {
 public:
  // `table` and `topic` as for BatchDecoder; `lake` is the directory of a lake that a landing has
  // initialized. Returns kInvalidArgument if it is not a lake, if the contract has no such table, and for
  // unusable limits or columns of another table.
  static Result<std::unique_ptr<BatchStager>> Open(Fs& fs, std::shared_ptr<const Contract> contract,
                                                   const std::string& table, const std::string& topic,
                                                   const std::string& lake, const StagerOptions& options);
  ~BatchStager();

  // Adds rows of any number of partition directories: the columns of DecodedSchema in any order, and columns
  // that a transform added, which must be the same in every batch. Returns kInvalidArgument for a missing
  // column, a column of another type, a null in a required one, a row in the wrong partition directory, and
  // offsets of a Kafka partition that do not ascend within a file.
  Status AddRows(const arrow::RecordBatch& rows);
  // Adds rejected records of this table's topics: the columns of QuarantineSchema.
  Status AddRejects(const arrow::RecordBatch& rejects);
  // Adds tombstones: the columns of TombstoneSchema. They are counted, not stored.
  Status AddTombstones(const arrow::RecordBatch& tombstones);
  // Adds the decode step's statistics of records that were added: the fingerprint of the last one of each
  // Kafka partition. Returns kInvalidArgument for any other document.
  Status AddStats(const std::string& manifest);

  // The bytes of buffered rows, and an estimate for the open files.
  int64_t memory_bytes() const;

  // Closes all files, syncs them and the staging directory, and returns the manifests: one for each file, one
  // for each Kafka partition. Afterwards every call returns kInvalidArgument.
  Result<std::vector<std::string>> Finish();

 private:
  BatchStager(std::shared_ptr<const Contract> contract, std::shared_ptr<const Table> table,
              std::unique_ptr<Lake> lake, const StagerOptions& options);

  template <typename Function>
  Status Guarded(Function&& function);
  Status StageRows(const arrow::RecordBatch& rows);
  Status StageRejects(const arrow::RecordBatch& rejects);
  Status CountTombstones(const arrow::RecordBatch& tombstones);
  // Creates the writer for rows with the first batch, which determines the columns. Later batches must have
  // the same columns.
  Status PrepareRows(const arrow::RecordBatch& rows);
  WriteLimits Limits(const arrow::Schema& schema) const;
  Status MakeRoom();
  Result<std::vector<std::string>> WriteManifests();

  // Whether a topic is one of the table's.
  bool HasTopic(std::string_view topic);
  // As RecordView::topic.
  std::string_view RowTopic(std::string_view topic) const {
    return table_.HasTopicColumn() ? topic : std::string_view();
  }

  const std::shared_ptr<const Contract> contract_;
  const std::shared_ptr<const Table> own_table_;
  const Table& table_;
  std::string known_topic_;  // the last one that was found
  const std::unique_ptr<Lake> lake_;
  const StagerOptions options_;
  const std::shared_ptr<arrow::Schema> known_columns_;
  std::shared_ptr<arrow::Schema> given_columns_;  // by the rows; the others of rows_ are null
  std::optional<DirectoryWriter> rows_;
  std::optional<DirectoryWriter> rejects_;
  TopicStats stats_;
  const SchemaTree schema_;
  FieldStatsManifest fields_;
  FieldValues values_;
  std::optional<Error> failure_;
  bool finished_ = false;
};

}  // namespace forebay
