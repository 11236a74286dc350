// One Parquet file on its way into the lake: blocks become row groups, written through a staged file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "decode/block.h"
#include "lake/staged_file.h"

namespace forebay {

// What stands in the file's own metadata, as "forebay.<key>".
using FileMetadata = std::map<std::string, std::string>;

// zstd, page checksums, row-group and page statistics, decimals as integers where they fit. Times, offsets
// and unique strings are delta-encoded, repeating strings go through a dictionary, one for each row group.
// One thread at a time. Destroyed without Finish, it leaves a staged file that no batch names.
class ParquetFile {
 public:
  // Encodings follow `first`, the block that will be written first; it is not written yet.
  static Result<std::unique_ptr<ParquetFile>> Create(std::unique_ptr<StagedFileWriter> staged,
                                                     const Block& first, const FileMetadata& metadata);
  ~ParquetFile();

  // Writes the block as one row group. REQUIRES: the schema of Create; at least one row.
  Status Write(const Block& block);

  struct Finished {
    std::string staged_name;
    ContentSummary content;
    RowTotals totals;
    std::unique_ptr<StagedFile> file;
  };
  // Writes the footer and closes the file. REQUIRES: called once, at least one Write, and none failed.
  Result<Finished> Finish();

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
