#include "decode/row_block.h"

#include <arrow/type.h>

#include <algorithm>

#include "base/overloaded.h"
#include "base/row_hash.h"
#include "base/utf8.h"
#include "decode/schema.h"

namespace forebay {
namespace {

StringColumn MakeStrings(BlockStrings strings) {
  return StringColumn(strings == BlockStrings::kPlain ? StringColumn::Mode::kPlain
                                                      : StringColumn::Mode::kAdaptive);
}

TableColumn::Storage MakeStorage(const SchemaNode& node, BlockStrings strings, bool parent_nullable) {
  switch (node.field->type) {
    case FieldType::kString:
      // For a dictionary, Arrow's Parquet writer does not count the nulls of enclosing objects (Arrow 26).
      // The statistics would claim that a required string is always present, and readers skip rows by them.
      if (parent_nullable && node.field->required) return MakeStrings(BlockStrings::kPlain);
      if (!node.field->enum_values.empty()) return TableColumn::EnumCodes{{}, strings};
      return MakeStrings(strings);
    case FieldType::kInteger:
      if (node.field->bits == 32) return FixedColumn<int32_t>();
      return FixedColumn<int64_t>();
    case FieldType::kTime:
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      return FixedColumn<int64_t>();
    case FieldType::kJson:
      return MakeStrings(BlockStrings::kPlain);
    case FieldType::kDate:
      return FixedColumn<int32_t>();
    case FieldType::kNumber:
      return FixedColumn<double>();
    case FieldType::kDecimal:
      return FixedColumn<__int128>();
    case FieldType::kBoolean:
      return FixedColumn<uint8_t>();
    case FieldType::kObject: {
      TableColumn::Object object;
      for (const SchemaNode& child : node.children) {
        object.children.emplace_back(child, strings, parent_nullable || node.field->nullable);
      }
      return object;
    }
    case FieldType::kArray:
    case FieldType::kMap: {
      TableColumn::List list;
      list.offsets.push_back(0);
      for (const SchemaNode& child : node.children) list.children.emplace_back(child, strings);
      return list;
    }
  }
  FOREBAY_ASSERT(false);
}

Memory MemoryOf(const std::vector<TableColumn>& columns) {
  Memory memory{columns.capacity() * sizeof(TableColumn), 0};
  for (const TableColumn& column : columns) memory += column.memory();
  return memory;
}

void ObserveEventTime(int64_t micros, RowTotals* totals) {
  totals->min_event_time_us = std::min(totals->min_event_time_us.value_or(micros), micros);
  totals->max_event_time_us = std::max(totals->max_event_time_us.value_or(micros), micros);
}

}  // namespace

void RowTotals::Add(const RowTotals& other) {
  rows += other.rows;
  position_sum += other.position_sum;
  key_sum += other.key_sum;
  if (other.min_event_time_us) ObserveEventTime(*other.min_event_time_us, this);
  if (other.max_event_time_us) ObserveEventTime(*other.max_event_time_us, this);
}

void PositionColumns::Append(PartitionId kafka_partition, Offset kafka_offset, int64_t timestamp_ms) {
  partition.Append(kafka_partition.value());
  offset.Append(kafka_offset.value());
  if (timestamp_ms >= 0) {
    timestamp_us.Append(timestamp_ms * 1000);
  } else {
    timestamp_us.AppendNull();
  }
}

void PositionColumns::Clear() {
  partition.Clear();
  offset.Clear();
  timestamp_us.Clear();
}

Memory PositionColumns::memory() const {
  return partition.memory() + offset.memory() + timestamp_us.memory();
}

TableColumn::TableColumn(const SchemaNode& node, BlockStrings strings, bool parent_nullable)
    : node_(&node), storage_(MakeStorage(node, strings, parent_nullable)) {}

// Dispatches on the kind of column once for all of its slots.
void TableColumn::Append(const RowRun& run, RowRun::Selection rows) {
  const std::span<const Slot> mine = run.Slots(node_->index, rows);
  std::visit(Overloaded{[&](StringColumn& column) { column.Append(mine); },
                        [&](EnumCodes& column) {
                          column.codes.Append(mine, [](const Slot& slot) { return slot.enum_code(); });
                        },
                        [&](FixedColumn<double>& column) {
                          column.Append(mine, [](const Slot& slot) { return slot.as_double(); });
                        },
                        [&](FixedColumn<__int128>& column) {
                          column.Append(mine, [](const Slot& slot) { return slot.as_decimal(); });
                        },
                        [&]<typename Int>(FixedColumn<Int>& column) {
                          column.Append(mine,
                                        [](const Slot& slot) { return static_cast<Int>(slot.as_int()); });
                        },
                        [&](Object& object) {
                          object.validity.Append(mine);
                          for (TableColumn& child : object.children) child.Append(run, rows);
                        },
                        [&](List& list) {
                          list.validity.Append(mine);
                          for (const Slot& slot : mine)
                            list.offsets.push_back(list.offsets.back() + static_cast<int32_t>(slot.count()));
                          for (TableColumn& child : list.children) child.Append(run, rows);
                        }},
             storage_);
}

void TableColumn::Clear() {
  std::visit(Overloaded{[](EnumCodes& column) { column.codes.Clear(); },
                        [](Object& object) {
                          object.validity.Clear();
                          for (TableColumn& child : object.children) child.Clear();
                        },
                        [](List& list) {
                          list.offsets.clear();
                          list.offsets.push_back(0);
                          list.validity.Clear();
                          for (TableColumn& child : list.children) child.Clear();
                        },
                        [](auto& column) { column.Clear(); }},
             storage_);
}

void TableColumn::AddValues(FieldValues* values) const {
  const auto count = [](const Validity& validity) { return validity.size() - validity.null_count(); };
  (*values)[node_->index] +=
      std::visit(Overloaded{[&](const EnumCodes& column) { return count(column.codes.validity()); },
                            [&](const Object& object) {
                              for (const TableColumn& child : object.children) child.AddValues(values);
                              return count(object.validity);
                            },
                            [&](const List& list) {
                              for (const TableColumn& child : list.children) child.AddValues(values);
                              return count(list.validity);
                            },
                            [&](const auto& column) { return count(column.validity()); }},
                 storage_);
}

Memory TableColumn::memory() const {
  return std::visit(
      Overloaded{[](const EnumCodes& column) { return column.codes.memory(); },
                 [](const Object& object) { return object.validity.memory() + MemoryOf(object.children); },
                 [](const List& list) {
                   return list.offsets.memory() + list.validity.memory() + MemoryOf(list.children);
                 },
                 [](const auto& column) { return column.memory(); }},
      storage_);
}

RowBlock::RowBlock(const SchemaTree& tree, std::shared_ptr<arrow::Schema> schema, BlockStrings strings)
    : schema_(std::move(schema)), own_(TableSchema(*tree.table)), extra_(MakeStrings(strings)) {
  const Table& table = *tree.table;
  if (own_->Equals(*schema_)) own_.reset();
  if (table.HasTopicColumn()) topic_ = MakeStrings(strings);
  for (size_t i = 0; i < table.fields.size(); ++i) {
    if (table.InPathOnly(i)) continue;
    const SchemaNode& node = tree.root->children[i];
    // Values of a primary key hardly repeat; an enum nevertheless has few values.
    const bool unique = HoldsUniqueValues(table, i) && table.fields[i].enum_values.empty();
    columns_.emplace_back(node, unique ? BlockStrings::kPlain : strings);
  }
  if (table.tombstones_are_rows) tombstone_.emplace();
  Measure();
}

void RowBlock::Append(const RowRun& run, RowRun::Selection rows) {
  for (TableColumn& column : columns_) column.Append(run, rows);
  size_t bytes = 0;
  for (const uint32_t i : rows) {
    const RowRun::Row& row = run.rows()[i];
    if (run.extra(i).empty()) {
      extra_.AppendNull();
    } else {
      extra_.Append(run.extra(i));
    }
    if (tombstone_) tombstone_->Append(row.tombstone ? 1 : 0);
    if (topic_) topic_->Append(row.topic);
    position_.Append(row.partition, row.offset, row.timestamp_ms);
    bytes += row.bytes;
    ++totals_.rows;
    totals_.position_sum += HashPosition(row.topic, row.partition, row.offset);
    totals_.key_sum += row.key_hash;
    if (row.event_time_micros) ObserveEventTime(*row.event_time_micros, &totals_);
  }
  OnAppend(bytes);
}

void RowBlock::Clear() {
  for (TableColumn& column : columns_) column.Clear();
  extra_.Clear();
  if (tombstone_) tombstone_->Clear();
  if (topic_) topic_->Clear();
  position_.Clear();
  OnClear();
}

Memory RowBlock::CountMemory() const {
  Memory memory = MemoryOf(columns_) + extra_.memory() + position_.memory();
  if (tombstone_) memory = memory + tombstone_->memory();
  if (topic_) memory = memory + topic_->memory();
  return memory;
}

QuarantineBlock::QuarantineBlock(std::shared_ptr<arrow::Schema> schema, BlockStrings strings)
    : schema_(std::move(schema)),
      topic_(MakeStrings(strings)),
      reason_(MakeStrings(strings)),
      field_(MakeStrings(strings)),
      detail_(MakeStrings(strings)),
      contract_version_(MakeStrings(strings)) {}

void QuarantineBlock::Append(std::string_view topic, const RecordView& record, const Rejection& rejection,
                             std::string_view contract_version) {
  const auto append_or_null = [](StringColumn& column, std::string_view text) {
    if (text.empty()) {
      column.AppendNull();
    } else {
      column.Append(text);
    }
  };
  const auto append_optional = [](StringColumn& column, const std::optional<std::string_view>& bytes) {
    if (bytes) {
      column.Append(*bytes);
    } else {
      column.AppendNull();
    }
  };
  topic_.Append(topic);
  position_.Append(record.partition, record.offset, record.timestamp_ms);
  append_optional(key_, record.key);
  append_optional(value_, record.value);
  reason_.Append(ReasonName(rejection.reason));
  append_or_null(field_, rejection.field);
  append_or_null(detail_, rejection.detail);
  contract_version_.Append(contract_version);
  size_t bytes = record.value.value_or("").size();
  for (const RecordHeader& header : record.headers) {
    headers_.members[0].Append(IsUtf8(header.name) ? header.name : "(not UTF-8)");
    append_optional(headers_.members[1], header.value);
    bytes += header.name.size() + header.value.value_or("").size();
  }
  headers_.EndList();
  for (const Violation& violation : rejection.all) {
    violations_.members[0].Append(ReasonName(violation.reason));
    append_or_null(violations_.members[1], violation.field);
    append_or_null(violations_.members[2], violation.detail);
    bytes += violation.detail.size();
  }
  violations_.EndList();
  ++totals_.rows;
  totals_.position_sum += HashPosition(record.partition, record.offset);
  OnAppend(bytes);
}

void QuarantineBlock::Clear() {
  topic_.Clear();
  position_.Clear();
  for (StringColumn* column : {&key_, &value_, &reason_, &field_, &detail_, &contract_version_})
    column->Clear();
  headers_.Clear();
  violations_.Clear();
  OnClear();
}

Memory QuarantineBlock::CountMemory() const {
  Memory memory = topic_.memory() + position_.memory() + headers_.memory() + violations_.memory();
  for (const StringColumn* column : {&key_, &value_, &reason_, &field_, &detail_, &contract_version_}) {
    memory += column->memory();
  }
  return memory;
}

ObjectListColumn::ObjectListColumn(size_t member_count) {
  offsets.push_back(0);
  for (size_t i = 0; i < member_count; ++i) members.emplace_back(StringColumn::Mode::kPlain);
}

void ObjectListColumn::EndList() {
  const auto end = static_cast<int32_t>(members.front().validity().size());
  if (end == offsets.back()) {
    validity.AppendNull();
  } else {
    validity.AppendValid();
  }
  offsets.push_back(end);
}

void ObjectListColumn::Clear() {
  offsets.clear();
  offsets.push_back(0);
  validity.Clear();
  for (StringColumn& member : members) member.Clear();
}

Memory ObjectListColumn::memory() const {
  Memory memory = offsets.memory() + validity.memory();
  for (const StringColumn& member : members) memory += member.memory();
  return memory;
}

}  // namespace forebay
