// The hash of each row's primary key, out of the columns of a file and the values in its path: what the
// decoder hashed when the row was landed (base/row_hash.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/row_hash.h"
#include "contract/contract.h"

namespace arrow {
class RecordBatch;
}

namespace forebay {

// For one table and one partition directory. Owned by one thread.
class KeyHasher {
 public:
  // REQUIRES: the table has a primary key. kInvalidArgument when the directory does not give the values that
  // live in it.
  static Result<KeyHasher> Make(const Table& table, const std::string& partition_dir);

  // The columns that Hash needs. Empty when the whole key is in the path.
  const std::vector<std::string>& columns() const { return columns_; }
  // One hash a row into `hashes`. The batch has columns() from column `first` on. kInvalidArgument for a
  // column of a type that the contract does not give it.
  Status Hash(const arrow::RecordBatch& batch, int first, std::vector<uint64_t>* hashes);
  // The key of one row, for a person: "9f1c2b3a4d5e6f70", or "de, 7" of several fields.
  std::string Text(const arrow::RecordBatch& batch, int first, int64_t row) const;

 private:
  using PathValue = std::variant<std::string, int64_t>;
  struct Part {
    std::optional<PathValue> in_path;  // none: the next of columns()
    std::string path_text;
  };

  std::vector<Part> parts_;
  std::vector<std::string> columns_;
  std::vector<RowHasher> hashers_;
};

}  // namespace forebay
