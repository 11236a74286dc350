// Lands records in memory alone: what a landing would make of them. Nothing is written anywhere.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "base/text_position.h"
#include "contract/contract.h"
#include "decode/record_decoder.h"
#include "decode/row_block.h"
#include "ledger/field_sums.h"
#include "report/reject_groups.h"
#include "store/parquet_file.h"

namespace forebay {

struct DirectoryTrial {
  int64_t rows = 0;
  uint64_t bytes = 0;  // of Parquet files with these rows
};

struct TrialReport {
  static constexpr size_t kMaxDirectories = 10'000;

  int64_t records = 0;
  int64_t rejected = 0;
  int64_t tombstones = 0;
  int64_t untimed = 0;       // records without a usable Kafka timestamp
  uint64_t value_bytes = 0;  // of all records
  uint64_t file_bytes = 0;   // of Parquet, all directories together
  uint64_t row_bytes = 0;    // of these, what grows with the rows: without the ends of the files
  std::map<std::string, DirectoryTrial> directories;  // at most kMaxDirectories
  DirectoryTrial other_directories;                   // the rest
  RejectGroups rejects;
  FieldSums fields;  // with the number of rows
};

// Memory is bounded, whatever the records are. Not thread-safe.
class Trial {
 public:
  // kFailedPrecondition if this machine does not know a time zone of the table. Contract and table outlive
  // the trial.
  static Result<std::unique_ptr<Trial>> Create(const Contract& contract, const Table& table);

  // `record.timestamp_ms` is Kafka's, as it is. `in_file`: the place of the record, for samples of rejected
  // ones; by default that is its partition and offset.
  Status Add(RecordView record, const std::optional<TextPosition>& in_file = std::nullopt);
  // REQUIRES: nothing is added afterwards.
  Result<TrialReport> Finish();

 private:
  Trial(const Contract& contract, std::unique_ptr<RecordDecoder> decoder);

  Status AddRow();
  Status WriteFile(const std::string& directory, const RowBlock& block);
  Status WriteAll();

  const Table& table_;
  const std::unique_ptr<RecordDecoder> decoder_;
  const std::shared_ptr<arrow::Schema> schema_;
  const FileSettings settings_;
  std::unordered_map<uint32_t, RowBlock> blocks_;  // by the number of the directory
  size_t block_bytes_ = 0;
  FieldValues values_;  // of the blocks that were written
  TrialReport report_;
};

}  // namespace forebay
