// The columns of a table's files that an external engine writes. Pure functions, thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "ledger/records.h"

namespace arrow {
class Schema;
}

namespace forebay {

struct FileColumns {
  std::shared_ptr<arrow::Schema> given;  // by the rows
  std::shared_ptr<arrow::Schema> file;   // and those that are null, because only earlier files have values
};

// The columns of files with such rows: those of `known`, then those that a transform added: all others of
// `found`, except `_partition`. `known` are the contract's, and those that files have from earlier contracts
// (commit/landed_contracts.h). kInvalidArgument if an added one is a partition dimension, or has the name of
// a known one, in another case, which many readers do not tell apart, or with another type.
Result<FileColumns> ColumnsOfFile(const Table& table, const arrow::Schema& known, const arrow::Schema& found);

// The columns of a file that a transform added.
std::vector<AddedColumn> AddedColumns(const Table& table, const arrow::Schema& known,
                                      const arrow::Schema& file);

}  // namespace forebay
