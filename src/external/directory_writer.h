// Writes rows of many partition directories of one table, each directory's rows into files of their own,
// within limits for memory and open files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "external/partition_stats.h"
#include "external/row_buffer.h"
#include "external/row_metadata.h"
#include "ledger/records.h"
#include "store/parquet_file.h"
#include "store/table_store.h"

namespace forebay {

struct WriteLimits {
  int64_t file_bytes = 0;       // a file is closed once it is this large
  int64_t row_group_rows = 0;   // maximum rows of a row group
  int64_t row_group_bytes = 0;  // and about its maximum bytes, in memory
  int64_t open_files = 0;       // at a time, at least 1
};

// Owned by one thread at a time. After an error only Discard may be called.
class DirectoryWriter {
 public:
  // `store` must outlive it.
  DirectoryWriter(TableStore& store, std::string table, std::shared_ptr<arrow::Schema> schema,
                  PlainColumns plain, FileSettings file_settings, const WriteLimits& limits);

  // Appends these rows of the columns, which have exactly the schema's types, to `directory`. Returns
  // kInvalidArgument if the offsets of a Kafka partition do not ascend within a file.
  Status Append(const std::string& directory, const ColumnArrays& columns, const RowMetadata& row_metadata,
                std::span<const int32_t> rows);
  bool Knows(const std::string& directory) const { return directories_.contains(directory); }

  // Bytes of buffers and open files.
  int64_t memory_bytes() const { return buffered_bytes_ + open_file_bytes_; }
  // Writes out buffers, the largest first, then closes files, until it holds no more than `bytes`, or
  // nothing.
  Status ShrinkTo(int64_t bytes);

  // Closes and syncs every file.
  Status Finish();
  const std::vector<ProposedFile>& files() const { return files_; }
  // Unlinks every file that it created, on a best-effort basis. REQUIRES: no manifest of them was handed out.
  void Discard();

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

 private:
  struct Directory {
    std::unique_ptr<RowBuffer> buffer;                       // null: nothing is buffered
    std::unique_ptr<ParquetFile> file;                       // null: no file is open
    std::map<StatsKey, int64_t, StatsKeyLess> last_offsets;  // of the current file, by Kafka partition
    uint64_t last_used = 0;
  };
  using Directories = std::map<std::string, Directory>;

  Status CheckAscending(const std::string& name, Directory& directory, const RowMetadata& row_metadata,
                        std::span<const int32_t> rows) const;
  Status WriteRowGroup(const std::string& name, Directory& directory);
  Status OpenFile(const std::string& name, Directory& directory, const ColumnArrays& first);
  Status FinishFile(Directory& directory);
  Status FinishLeastUsed();
  void ReleaseBuffer(Directory& directory);

  TableStore& store_;
  const std::string table_;
  const std::shared_ptr<arrow::Schema> schema_;
  PlainColumns plain_;
  const FileSettings file_settings_;
  const WriteLimits limits_;
  Directories directories_;
  std::vector<ProposedFile> files_;
  std::vector<std::string> begun_;  // staged names
  int64_t buffered_bytes_ = 0;
  int64_t open_files_ = 0;
  int64_t open_file_bytes_ = 0;
  uint64_t uses_ = 0;
};

}  // namespace forebay
