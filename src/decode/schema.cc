#include "decode/schema.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <string>

#include "base/assert.h"

namespace forebay {
namespace {

constexpr char kJsonMetadata[] = "forebay.json";

std::shared_ptr<const arrow::KeyValueMetadata> JsonText() {
  return arrow::key_value_metadata({kJsonMetadata}, {"true"});
}

std::shared_ptr<arrow::Field> ArrowField(const Field& field, std::string name) {
  const auto column = arrow::field(std::move(name), ArrowType(field), field.nullable);
  return field.type == FieldType::kJson ? column->WithMetadata(JsonText()) : column;
}

// A list of objects. All is nullable, because engines that carry the column between their steps make it so.
std::shared_ptr<arrow::Field> ListOf(std::string name, arrow::FieldVector members) {
  return arrow::field(std::move(name),
                      arrow::list(arrow::field("element", arrow::struct_(std::move(members)))));
}

std::shared_ptr<arrow::DataType> Micros() {
  return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
}

std::shared_ptr<arrow::Field> TopicColumn() {
  return arrow::field(std::string(kTopicColumn), arrow::utf8(), false);
}

void AppendPosition(arrow::FieldVector* fields) {
  fields->push_back(arrow::field(std::string(kPartitionColumn), arrow::int32(), false));
  fields->push_back(arrow::field(std::string(kOffsetColumn), arrow::int64(), false));
  fields->push_back(arrow::field(std::string(kTimestampColumn), Micros(), true));
}

}  // namespace

bool HoldsJson(const arrow::Field& column) {
  return column.metadata() != nullptr && column.metadata()->Contains(kJsonMetadata);
}

std::shared_ptr<arrow::DataType> ArrowType(const Field& field) {
  switch (field.type) {
    case FieldType::kString:
      return arrow::utf8();
    case FieldType::kInteger:
      return field.bits == 32 ? arrow::int32() : arrow::int64();
    case FieldType::kNumber:
      return arrow::float64();
    case FieldType::kDecimal:
      return arrow::decimal128(field.precision, field.scale);
    case FieldType::kBoolean:
      return arrow::boolean();
    case FieldType::kDate:
      return arrow::date32();
    case FieldType::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
    case FieldType::kTimestamp:
      return Micros();
    case FieldType::kLocalTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    case FieldType::kJson:
      return arrow::utf8();
    case FieldType::kObject: {
      arrow::FieldVector children;
      for (const Field& child : field.fields) children.push_back(ArrowField(child, child.column));
      return arrow::struct_(std::move(children));
    }
    case FieldType::kArray:
      return arrow::list(ArrowField(field.element(), "element"));
    case FieldType::kMap:
      return std::make_shared<arrow::MapType>(ArrowField(field.fields[0], "key"),
                                              ArrowField(field.fields[1], "value"));
  }
  FOREBAY_ASSERT(false);
}

std::shared_ptr<arrow::Schema> TableSchema(const Table& table) {
  arrow::FieldVector fields;
  for (size_t i = 0; i < table.fields.size(); ++i) {
    if (!table.InPathOnly(i)) fields.push_back(ArrowField(table.fields[i], table.fields[i].column));
  }
  fields.push_back(arrow::field(std::string(kExtraColumn), arrow::utf8(), true));
  if (table.tombstones_are_rows)
    fields.push_back(arrow::field(std::string(kTombstoneColumn), arrow::boolean(), false));
  if (table.HasTopicColumn()) fields.push_back(TopicColumn());
  AppendPosition(&fields);
  return arrow::schema(std::move(fields));
}

bool HoldsUniqueValues(const Table& table, size_t field) {
  return table.primary_key.size() == 1 && table.primary_key.front() == FieldPlace{field};
}

std::shared_ptr<arrow::Schema> QuarantineSchema() {
  arrow::FieldVector fields = {TopicColumn()};
  AppendPosition(&fields);
  fields.push_back(arrow::field("key", arrow::binary(), true));
  fields.push_back(arrow::field("value", arrow::binary(), true));
  fields.push_back(arrow::field("reason", arrow::utf8(), false));
  fields.push_back(arrow::field("field", arrow::utf8(), true));
  fields.push_back(arrow::field("detail", arrow::utf8(), true));
  fields.push_back(arrow::field("contract_version", arrow::utf8(), false));
  fields.push_back(
      ListOf("headers", {arrow::field("key", arrow::utf8()), arrow::field("value", arrow::binary())}));
  fields.push_back(
      ListOf("violations", {arrow::field("reason", arrow::utf8()), arrow::field("field", arrow::utf8()),
                            arrow::field("detail", arrow::utf8())}));
  return arrow::schema(std::move(fields));
}

}  // namespace forebay
