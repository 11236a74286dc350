#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "contract/field_place.h"
#include "contract/field_type.h"

namespace forebay {
namespace {

using Reasons = std::vector<std::string>;

std::string TypeText(const Field& field) {
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
  const std::string was = TypeText(before);
  const std::string is = TypeText(after);
  if (was != is) {
    reasons.push_back(fmt::format("{}: type changed from {} to {}", path, was, is));
    return;
  }
  // Another unit gives the same number another meaning.
  const auto is_unit = [](TimestampFormat format) {
    return format != TimestampFormat::kAny && format != TimestampFormat::kRfc3339;
  };
  const bool has_unit = is_unit(before.timestamp_format) || is_unit(after.timestamp_format);
  if (has_unit && before.timestamp_format != after.timestamp_format) {
    reasons.push_back(fmt::format("{}: timestamp format changed", path));
  }
  if (!before.required && after.required) {
    reasons.push_back(fmt::format("{}: optional field became required, but landed rows may lack it", path));
  }
  if (before.type == FieldType::kObject) CompareFields(before.fields, after.fields, path, reasons);
  if (before.type == FieldType::kArray) CompareField(before.element(), after.element(), path + "[]", reasons);
  if (before.type == FieldType::kMap) CompareField(before.fields[1], after.fields[1], path + "[]", reasons);
}

void CompareFields(const std::vector<Field>& before, const std::vector<Field>& after, const std::string& path,
                   Reasons& reasons) {
  for (const Field& field : before) {
    const std::string field_path = path + "." + field.name;
    if (const Field* now = FindField(after, field.name)) {
      CompareField(field, *now, field_path, reasons);
    } else {
      reasons.push_back(fmt::format("{}: field removed", field_path));
    }
  }
  for (const Field& field : after) {
    if (field.required && FindField(before, field.name) == nullptr) {
      reasons.push_back(
          fmt::format("{}.{}: new field is required, but landed rows lack it", path, field.name));
    }
  }
}

std::string NameOf(const Table& table, const std::optional<FieldPlace>& place) {
  return place ? "'" + PathAt(table, *place) + "'" : "none";
}

std::string PrimaryKeyText(const Table& table) {
  std::string text;
  for (const FieldPlace& place : table.primary_key) text += (text.empty() ? "" : ", ") + PathAt(table, place);
  return text.empty() ? "none" : "(" + text + ")";
}

void CompareTables(const Table& before, const Table& after, Reasons& reasons) {
  const auto compare = [&](const char* what, const std::string& was, const std::string& is) {
    if (was != is) reasons.push_back(fmt::format("{}: {} changed from {} to {}", before.name, what, was, is));
  };
  compare("topic", before.topic.name, after.topic.name);
  compare("Kafka key", NameOf(before, before.key), NameOf(after, after.key));
  compare("event time", NameOf(before, before.event_time), NameOf(after, after.event_time));
  compare("primary key", PrimaryKeyText(before), PrimaryKeyText(after));
  compare("partitioning", before.DescribePartitioning(), after.DescribePartitioning());
  CompareFields(before.fields, after.fields, before.name, reasons);
}

}  // namespace

Status CheckEvolution(const Contract& before, const Contract& after) {
  Reasons reasons;
  for (const Table& table : before.tables) {
    if (const Table* now = after.FindTable(table.name)) {
      CompareTables(table, *now, reasons);
    } else {
      reasons.push_back(fmt::format("{}: table removed", table.name));
    }
  }
  if (reasons.empty()) return Ok();
  std::string message = fmt::format(
      "incompatible contract change: version {} cannot replace version {} in this lake; undo these changes, "
      "or use a new lake:",
      after.version, before.version);
  for (const std::string& reason : reasons) message += "\n  " + reason;
  return InvalidArgumentError(message);
}

}  // namespace forebay
