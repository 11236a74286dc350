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

// The contract's columns, in its order, then those that a transform added: all others of `found`, except
// `_partition`. kInvalidArgument if one of these is a partition dimension, or has the name of a column of the
// contract in another case, which many readers do not tell apart.
Result<std::shared_ptr<arrow::Schema>> FileSchema(const Table& table, const arrow::Schema& found);

// The columns of a file's schema that a transform added.
std::vector<AddedColumn> AddedColumns(const Table& table, const arrow::Schema& file);

}  // namespace forebay
