#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "contract/field_type.h"

namespace forebay {
namespace {

using Reasons = std::vector<std::string>;

std::string TypeInWords(const Field& field) {
  switch (field.type) {
    case FieldType::kInteger:
      return fmt::format("an integer of {} bits", field.bits);
    case FieldType::kDecimal:
      return fmt::format("a DECIMAL({},{})", field.precision, field.scale);
    default:
      return std::string(FieldTypeName(field.type));
  }
}

const Field* FindField(const std::vector<Field>& fields, const std::string& name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

void CompareFields(const std::vector<Field>& before, const std::vector<Field>& after, const std::string& path,
                   Reasons& reasons);

void CompareField(const Field& before, const Field& after, const std::string& path, Reasons& reasons) {
  const std::string was = TypeInWords(before);
  const std::string is = TypeInWords(after);
  if (was != is) {
    reasons.push_back(fmt::format("{} was {} and is {} now", path, was, is));
    return;
  }
  if (before.timestamp_format != after.timestamp_format) {
    reasons.push_back(fmt::format("{} has another timestamp format now", path));
  }
  if (!before.required && after.required) {
    reasons.push_back(
        fmt::format("{} was optional and is required now, and rows without it may have landed", path));
  }
  if (before.type == FieldType::kObject) CompareFields(before.fields, after.fields, path, reasons);
  if (before.type == FieldType::kArray) CompareField(before.element(), after.element(), path + "[]", reasons);
}

void CompareFields(const std::vector<Field>& before, const std::vector<Field>& after, const std::string& path,
                   Reasons& reasons) {
  for (const Field& field : before) {
    const std::string field_path = path + "." + field.name;
    if (const Field* now = FindField(after, field.name)) {
      CompareField(field, *now, field_path, reasons);
    } else {
      reasons.push_back(fmt::format("{} is gone", field_path));
    }
  }
  for (const Field& field : after) {
    if (field.required && FindField(before, field.name) == nullptr) {
      reasons.push_back(
          fmt::format("{}.{} is new and required, and the rows that have landed lack it", path, field.name));
    }
  }
}

std::string NameOf(const Table& table, const std::optional<size_t>& field) {
  return field ? "'" + table.fields[*field].name + "'" : "none";
}

std::string PrimaryKeyInWords(const Table& table) {
  std::string words;
  for (const size_t field : table.primary_key)
    words += (words.empty() ? "" : ", ") + table.fields[field].name;
  return words.empty() ? "none" : "(" + words + ")";
}

std::string DimensionsInWords(const Table& table) {
  std::string words;
  for (const PartitionDimension& dimension : table.dimensions) {
    const std::string& source = table.fields[dimension.source].name;
    if (!words.empty()) words += ", ";
    words += dimension.name;
    if (dimension.transform == PartitionTransform::kDate) words += " = date(" + source + ")";
    if (dimension.transform == PartitionTransform::kHour) words += " = hour(" + source + ")";
  }
  return words;
}

void CompareTables(const Table& before, const Table& after, Reasons& reasons) {
  const auto compare = [&](const char* what, const std::string& was, const std::string& is) {
    if (was != is)
      reasons.push_back(fmt::format("{}: the {} was {} and is {} now", before.name, what, was, is));
  };
  compare("topic", before.topic.name, after.topic.name);
  compare("Kafka key", NameOf(before, before.key), NameOf(after, after.key));
  compare("event time", NameOf(before, before.event_time), NameOf(after, after.event_time));
  compare("primary key", PrimaryKeyInWords(before), PrimaryKeyInWords(after));
  compare("partitioning", DimensionsInWords(before), DimensionsInWords(after));
  CompareFields(before.fields, after.fields, before.name, reasons);
}

}  // namespace

Status CheckEvolution(const Contract& before, const Contract& after) {
  Reasons reasons;
  for (const Table& table : before.tables) {
    if (const Table* now = after.FindTable(table.name)) {
      CompareTables(table, *now, reasons);
    } else {
      reasons.push_back(fmt::format("{} is gone", table.name));
    }
  }
  if (reasons.empty()) return Ok();
  std::string message = fmt::format(
      "contract {} cannot follow {} in one lake; undo these changes, or begin another lake:", after.version,
      before.version);
  for (const std::string& reason : reasons) message += "\n  " + reason;
  return InvalidArgumentError(message);
}

}  // namespace forebay
