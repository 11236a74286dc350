#include "decode/column_type.h"

#include <arrow/type.h>

namespace forebay {
namespace {

std::string StructType(const arrow::DataType& type) {
  std::string text;
  for (const auto& field : type.fields()) {
    text += (text.empty() ? "" : ", ") + field->name() + ": " + ColumnType(*field->type());
  }
  return "struct<" + text + ">";
}

std::string TimestampType(const arrow::TimestampType& type) {
  arrow::TimestampType without_zone(type.unit());
  std::string text = without_zone.ToString();  // "timestamp[us]"
  if (!type.timezone().empty()) text.insert(text.size() - 1, ", UTC");
  return text;
}

}  // namespace

std::string ColumnType(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return "string";
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
      return "binary";
    case arrow::Type::DICTIONARY:
      return ColumnType(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      return "decimal(" + std::to_string(decimal.precision()) + ", " + std::to_string(decimal.scale()) + ")";
    }
    case arrow::Type::TIMESTAMP:
      return TimestampType(static_cast<const arrow::TimestampType&>(type));
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST:
      return "list<" + ColumnType(*type.field(0)->type()) + ">";
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      return "map<" + ColumnType(*map.key_type()) + ", " + ColumnType(*map.item_type()) + ">";
    }
    case arrow::Type::STRUCT:
      return StructType(type);
    default:
      return type.ToString();
  }
}

}  // namespace forebay
