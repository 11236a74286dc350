// One Parquet file on its way into the lake: columns become row groups, written through a staged file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "decode/row_block.h"
#include "store/staged_file.h"

namespace arrow {
class Array;
class Schema;
}  // namespace arrow

namespace forebay {

// What stands in the file's own metadata, as "forebay.<key>".
using FileMetadata = std::map<std::string, std::string>;

struct FileSettings {
  FileMetadata metadata;
  Encodings encodings = Encodings::kDeltaTimes;
};
// The settings of every file of the table that is called `name` and that `table` describes; or of the
// quarantine (null). `engine` is "native 0.1.0".
FileSettings TableFileSettings(const Contract& contract, std::string_view name, const Table* table,
                               std::string_view engine);

// Row groups are at most this large, whatever engine fills them.
inline constexpr int64_t kMaxRowGroupRows = 128 * 1024;
inline constexpr int64_t kMaxRowGroupBytes = 32'000'000;
// About what a file of this schema keeps in memory while it is open. Each row group adds to it until the file
// is finished: see ParquetFile::memory_bytes.
int64_t OpenFileBytes(const arrow::Schema& schema);

// A row group's columns, one for each field of the file's schema; all of one length. Where the schema has
// strings they may be dictionaries of strings.
using ColumnArrays = std::vector<std::shared_ptr<arrow::Array>>;

// zstd, page checksums, row-group and page statistics, decimals as integers where they fit. Times, offsets
// and unique strings have the encodings of the settings, repeating strings go through a dictionary, one for
// each row group.
// One thread at a time. Destroyed without Finish, it leaves a staged file that no batch names.
class ParquetFile {
 public:
  // Encodings follow `first`, the columns that will be written first; they are not written yet.
  static Result<std::unique_ptr<ParquetFile>> Create(std::unique_ptr<StagedFileWriter> staged,
                                                     const std::shared_ptr<arrow::Schema>& schema,
                                                     const ColumnArrays& first, const FileSettings& settings);
  ~ParquetFile();

  // Writes the columns as one row group. REQUIRES: the schema of Create; at least one row; `totals` is of
  // these rows.
  Status Write(const ColumnArrays& columns, const RowTotals& totals);

  struct Finished {
    std::string staged_name;
    ContentSummary content;
    RowTotals totals;
    std::unique_ptr<StagedFile> file;
  };
  // Writes the footer and closes the file. REQUIRES: called once, at least one Write, and none failed.
  Result<Finished> Finish();

  // About what the file keeps in memory until it is finished.
  int64_t memory_bytes() const;
  // Bytes written so far, the last row group included.
  uint64_t bytes() const;
  const RowTotals& totals() const { return totals_; }

 private:
  class Impl;
  explicit ParquetFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  RowTotals totals_;
};

}  // namespace forebay
