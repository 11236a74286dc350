// Computes the hash of each row's primary key, from a file's columns and the values in its path. Equals the
// hash that the decoder computed when the row was landed (base/row_hash.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/row_hash.h"
#include "contract/contract.h"
#include "partition/value.h"

namespace arrow {
class Array;
class RecordBatch;
}  // namespace arrow

namespace forebay {

// For one table and one partition directory. Owned by one thread.
class KeyHasher {
 public:
  // REQUIRES: the table has a primary key. Returns kCorruption when the directory does not contain the key
  // values that are stored in the path.
  static Result<KeyHasher> Make(const Table& table, const std::string& partition_dir);

  // The columns that Hash needs, each once: of a nested part of the key, the whole object. Empty when the
  // whole key is in the path.
  const std::vector<std::string>& columns() const { return columns_; }
  // Replaces the contents of `hashes` with one hash per row. The batch has columns() from column `first` on.
  // Returns kCorruption for a column of a type that no primary key has.
  Status Hash(const arrow::RecordBatch& batch, int first, std::vector<uint64_t>* hashes);
  // The key of one row as readable text: "9f1c2b3a4d5e6f70", or "de, 7" for a key of several fields.
  std::string Text(const arrow::RecordBatch& batch, int first, int64_t row) const;

 private:
  struct Part {
    bool in_path = false;
    std::optional<PartitionValue> path_value;  // none: null
    std::string path_text;
    // Otherwise:
    int column = 0;                    // in columns()
    std::vector<std::string> members;  // the columns below it
  };

  void AddColumns(const Table& table, const FieldPlace& place, Part* part);
  // The values of a part that is not in the path; nullptr if the column has no such members.
  static std::shared_ptr<arrow::Array> ValuesOf(const Part& part, const arrow::RecordBatch& batch, int first);

  std::vector<Part> parts_;
  std::vector<std::string> columns_;
  std::vector<RowHasher> hashers_;
};

}  // namespace forebay
