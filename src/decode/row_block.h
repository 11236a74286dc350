// Rows on their way from the decoder to a file, in columns. All rows are of one table, and in the native
// engine of one partition directory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "contract/contract.h"
#include "decode/column.h"
#include "decode/field_presence.h"
#include "decode/record.h"
#include "decode/rejection.h"
#include "decode/row_run.h"
#include "decode/schema_tree.h"

namespace arrow {
class Array;
class DataType;
class Schema;
}  // namespace arrow

namespace forebay {

// Totals of rows, as the ledger records them; sums are modulo 2^64.
struct RowTotals {
  int64_t rows = 0;
  uint64_t position_sum = 0;
  uint64_t key_sum = 0;
  std::optional<int64_t> min_event_time_us;
  std::optional<int64_t> max_event_time_us;

  void Add(const RowTotals& other);
};

// Clear() keeps the memory of a block, so that blocks can be reused. Not thread-safe, but may be handed from
// thread to thread.
class ColumnBlock {
 public:
  virtual ~ColumnBlock() = default;

  const RowTotals& totals() const { return totals_; }
  int64_t rows() const { return totals_.rows; }
  // Bytes that the block's buffers held at the last measurement; by now at most a quarter more.
  size_t memory_bytes() const { return measured_.held; }
  // Bytes of those that its rows fill: about the size of a row group of them in memory.
  size_t filled_bytes() const { return measured_.filled; }

  // One array for each column of schema(), in its order, all `rows()` long. They point into the block and
  // stay valid until it is changed or destroyed. A column may be dictionary-encoded where the schema has the
  // plain type.
  virtual std::vector<std::shared_ptr<arrow::Array>> Arrays() const = 0;
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;
  virtual void Clear() = 0;

 protected:
  virtual Memory CountMemory() const = 0;
  // Subclasses call it for each append, with the approximate number of bytes added. It measures the buffers
  // now and then.
  void OnAppend(size_t bytes) {
    uncounted_bytes_ += bytes;
    if (uncounted_bytes_ > measured_.held / 4) [[unlikely]]
      Measure();
  }
  void Measure() {
    measured_ = CountMemory();
    uncounted_bytes_ = 0;
  }
  // Subclasses call it in Clear(). `held` stays as measured, so that a caller's own account of it stays
  // correct.
  void OnClear() {
    measured_.filled = 0;
    totals_ = RowTotals();
  }

  RowTotals totals_;

 private:
  Memory measured_;
  size_t uncounted_bytes_ = 0;
};

// The three columns for a row's origin: Kafka partition, offset and timestamp.
struct PositionColumns {
  FixedColumn<int32_t> partition;
  FixedColumn<int64_t> offset;
  FixedColumn<int64_t> timestamp_us;

  void Append(PartitionId kafka_partition, Offset kafka_offset, int64_t timestamp_ms);
  void Clear();
  Memory memory() const;
};

// How a block exports its strings: as dictionaries where values repeat, for files; or always as plain arrays,
// for programs that support nothing else.
enum class BlockStrings : uint8_t { kAdaptive, kPlain };

// A column of a table, with its nested columns.
class TableColumn {
 public:
  // Strings of an enum are stored as their positions in it.
  struct EnumCodes {
    FixedColumn<int32_t> codes;
    BlockStrings strings;
  };
  struct Object {
    Validity validity;
    std::vector<TableColumn> children;
  };
  // Lists, or maps.
  struct List {
    GrowBuffer<int32_t> offsets;  // one more than lists
    Validity validity;
    std::vector<TableColumn> children;  // exactly the element, or key and value
  };
  using Storage =
      std::variant<StringColumn, EnumCodes, FixedColumn<int64_t>, FixedColumn<int32_t>, FixedColumn<double>,
                   FixedColumn<__int128>, FixedColumn<uint8_t>, Object, List>;

  // `parent_nullable`: an enclosing object may be absent, and the column's values with it.
  TableColumn(const SchemaNode& node, BlockStrings strings, bool parent_nullable = false);

  // Appends the rows' slots of the column's node.
  void Append(const RowRun& run, RowRun::Selection rows);
  void Clear();
  Memory memory() const;
  // Adds the number of values that are not null, of this column and of those in it.
  void AddValues(FieldValues* values) const;
  const SchemaNode& node() const { return *node_; }
  const Storage& storage() const { return storage_; }

 private:
  const SchemaNode* node_;
  Storage storage_;
};

// The column as an array of `type` (utf8 or binary), or as a dictionary array of that type. The array points
// into the column.
std::shared_ptr<arrow::Array> StringColumnArray(const std::shared_ptr<arrow::DataType>& type,
                                                const StringColumn& column);

class RowBlock final : public ColumnBlock {
 public:
  // `tree` must outlive the block; `schema` is TableSchema of its table, and may have further columns, which
  // are null.
  RowBlock(const SchemaTree& tree, std::shared_ptr<arrow::Schema> schema,
           BlockStrings strings = BlockStrings::kAdaptive);

  // Appends rows of a run, which must be of the same table.
  void Append(const RowRun& run, RowRun::Selection rows);
  void Append(const RowRun& run) { Append(run, run.all()); }
  // Adds the number of values of each field in the rows.
  void AddValues(FieldValues* values) const {
    for (const TableColumn& column : columns_) column.AddValues(values);
  }

  std::vector<std::shared_ptr<arrow::Array>> Arrays() const override;
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  void Clear() override;

 private:
  Memory CountMemory() const override;

  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::Schema> own_;  // without the columns that are null; nullptr: there are none
  std::vector<TableColumn> columns_;
  StringColumn extra_;
  std::optional<FixedColumn<uint8_t>> tombstone_;  // where tombstones are rows
  std::optional<StringColumn> topic_;              // of a table of several topics
  PositionColumns position_;
};

// Lists of objects whose members are texts or bytes.
struct ObjectListColumn {
  GrowBuffer<int32_t> offsets;  // one more than lists
  Validity validity;
  std::vector<StringColumn> members;

  explicit ObjectListColumn(size_t member_count);
  // Ends a list, whose objects have been appended to `members`; one without objects is null.
  void EndList();
  void Clear();
  Memory memory() const;
};

// Rejected records, unchanged, with the reasons.
class QuarantineBlock final : public ColumnBlock {
 public:
  explicit QuarantineBlock(std::shared_ptr<arrow::Schema> schema,
                           BlockStrings strings = BlockStrings::kAdaptive);

  void Append(std::string_view topic, const RecordView& record, const Rejection& rejection,
              std::string_view contract_version);

  std::vector<std::shared_ptr<arrow::Array>> Arrays() const override;
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  void Clear() override;

 private:
  Memory CountMemory() const override;

  std::shared_ptr<arrow::Schema> schema_;
  StringColumn topic_;
  PositionColumns position_;
  StringColumn key_{StringColumn::Mode::kPlain};
  StringColumn value_{StringColumn::Mode::kPlain};
  StringColumn reason_;
  StringColumn field_;
  StringColumn detail_;
  StringColumn contract_version_;
  ObjectListColumn headers_{2};     // name, value
  ObjectListColumn violations_{3};  // reason, field, detail
};

}  // namespace forebay
