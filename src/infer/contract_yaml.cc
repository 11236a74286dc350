#include "infer/contract_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/join.h"
#include "base/time.h"
#include "contract/text_format.h"
#include "decode/values.h"
#include "infer/yaml_text.h"

namespace forebay::infer {
namespace {

// A bound as the contract's reader takes it for the field.
std::string BoundText(const Field& field, const Bound& bound) {
  switch (field.type) {
    case FieldType::kNumber:
      return fmt::format("{}", bound.number);
    case FieldType::kDate:
      return QuotedYaml(FormatDate(static_cast<int32_t>(bound.exact)));
    case FieldType::kTime:
      return QuotedYaml(FormatTimeOfDay(static_cast<int64_t>(bound.exact)));
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      return QuotedYaml(FormatTimestamp(static_cast<int64_t>(bound.exact)));
    default: {
      std::string text;
      AppendDecimal(bound.exact, field.scale, &text);
      return text;
    }
  }
}

std::string_view LogicalType(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return "string";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kNumber:
    case FieldType::kDecimal:
      return "number";
    case FieldType::kBoolean:
      return "boolean";
    case FieldType::kDate:
      return "date";
    case FieldType::kTime:
      return "time";
    case FieldType::kTimestamp:
    case FieldType::kLocalTimestamp:
      return "timestamp";
    case FieldType::kObject:
    case FieldType::kJson:
      return "object";
    case FieldType::kArray:
      return "array";
    case FieldType::kMap:
      return "map";
  }
  return "";
}

// "" where the logical type says it all.
std::string PhysicalType(const Field& field) {
  switch (field.type) {
    case FieldType::kInteger:
      return field.bits == 32 ? "INTEGER" : "BIGINT";
    case FieldType::kNumber:
      return "DOUBLE";
    case FieldType::kDecimal:
      return fmt::format("DECIMAL({},{})", field.precision, field.scale);
    case FieldType::kJson:
      return "JSON";
    default:
      return "";
  }
}

std::string_view TimestampFormatName(TimestampFormat format) {
  switch (format) {
    case TimestampFormat::kAny:
    case TimestampFormat::kPattern:
      return "";
    case TimestampFormat::kRfc3339:
      return "rfc3339";
    case TimestampFormat::kEpochSeconds:
      return "epoch-seconds";
    case TimestampFormat::kEpochMillis:
      return "epoch-millis";
    case TimestampFormat::kEpochMicros:
      return "epoch-micros";
    case TimestampFormat::kEpochNanos:
      return "epoch-nanos";
  }
  return "";
}

// Of a key, the only source that is proposed: "key", "key.payload.id" or, for names with dots, "key/a.b".
std::string SourceText(const Field& field) {
  const std::vector<std::string>& path = field.source_path;
  const bool dots = std::any_of(path.begin(), path.end(),
                                [](const std::string& name) { return name.find('.') != std::string::npos; });
  std::string text = "key";
  for (const std::string& name : path) text += (dots ? '/' : '.') + name;
  return text;
}

class Writer {
 public:
  std::string Write(const Proposal& proposal);

 private:
  void Line(size_t indent, std::string_view text) { text_.append(indent, ' ').append(text) += '\n'; }
  void Key(size_t indent, std::string_view key, std::string_view value) {
    if (!value.empty()) Line(indent, fmt::format("{}: {}", key, value));
  }
  void Position(size_t indent, std::string_view key, int position) {
    if (position > 0) Line(indent, fmt::format("{}: {}", key, position));
  }
  void Settings(const Proposal& proposal);
  void Member(size_t indent, const ProposedField& proposed);
  // What follows the name, or stands below `items`.
  void Description(size_t indent, const ProposedField& proposed);
  void Options(size_t indent, const Field& field);
  void Enum(size_t indent, const Field& field);
  void Nested(size_t indent, const ProposedField& proposed);
  void Dimension(size_t indent, const ProposedDimension& dimension);

  std::string text_;
};

std::string Writer::Write(const Proposal& proposal) {
  for (const std::string& line : proposal.heading) Line(0, YamlComment(line).substr(2));
  Line(0, "apiVersion: v3.2.0");
  Line(0, "kind: DataContract");
  Key(0, "id", YamlText(proposal.table));
  Line(0, "version: 1.0.0");
  Line(0, "status: draft");
  Line(0, "schema:");
  Line(2, "- name: " + YamlText(proposal.table));
  Settings(proposal);
  Line(4, "properties:");
  for (const ProposedField& field : proposal.fields) Member(6, field);
  for (const ProposedDimension& dimension : proposal.dimensions) Dimension(6, dimension);
  return std::move(text_);
}

void Writer::Settings(const Proposal& proposal) {
  Line(4, "customProperties:");
  for (const ProposedSetting& setting : proposal.settings) {
    const std::string value = setting.is_number ? setting.value : YamlText(setting.value);
    Line(6, fmt::format("- {{property: {}, value: {}}}{}", setting.property, value,
                        YamlComment(setting.comment)));
  }
}

void Writer::Member(size_t indent, const ProposedField& proposed) {
  Line(indent, fmt::format("- name: {}{}", YamlText(proposed.field.name), YamlComment(proposed.comment)));
  indent += 2;
  if (proposed.field.column != proposed.field.name)
    Key(indent, "physicalName", proposed.field.column.empty() ? "" : YamlText(proposed.field.column));
  Description(indent, proposed);
}

void Writer::Description(size_t indent, const ProposedField& proposed) {
  const Field& field = proposed.field;
  if (!proposed.description.empty()) Key(indent, "description", QuotedYaml(proposed.description));
  Key(indent, "logicalType", LogicalType(field.type));
  Key(indent, "physicalType", PhysicalType(field));
  if (field.required) Line(indent, "required: true");
  if (proposed.in_primary_key) Line(indent, "primaryKey: true");
  Position(indent, "primaryKeyPosition", proposed.primary_key_position);
  if (proposed.partitioned) Line(indent, "partitioned: true");
  Position(indent, "partitionKeyPosition", proposed.partition_position);
  if (field.source != FieldSource::kValue) {
    Line(indent, "customProperties:");
    Line(indent + 2, fmt::format("- {{property: kafka.source, value: {}}}", YamlText(SourceText(field))));
  }
  Options(indent, field);
  Enum(indent, field);
  if (!proposed.examples.empty()) Line(indent, fmt::format("examples: [{}]", Join(proposed.examples, ", ")));
  Nested(indent, proposed);
}

void Writer::Options(size_t indent, const Field& field) {
  const size_t before = text_.size();
  Line(indent, "logicalTypeOptions:");
  const size_t begin = text_.size();
  indent += 2;
  if (field.type == FieldType::kTimestamp) Key(indent, "format", TimestampFormatName(field.timestamp_format));
  if (field.type == FieldType::kLocalTimestamp) Key(indent, "timezone", "false");
  if (!field.default_zone.empty()) Key(indent, "defaultTimezone", YamlText(field.default_zone));
  if (field.format != TextFormat::kAny) Key(indent, "format", TextFormatKey(field.format));
  const bool array = field.type == FieldType::kArray;
  if (field.min_length)
    Line(indent, fmt::format("{}: {}", array ? "minItems" : "minLength", *field.min_length));
  if (field.max_length)
    Line(indent, fmt::format("{}: {}", array ? "maxItems" : "maxLength", *field.max_length));
  if (field.unique_items) Line(indent, "uniqueItems: true");
  if (!field.pattern.empty()) Key(indent, "pattern", QuotedYaml(field.pattern));
  if (field.minimum)
    Key(indent, field.minimum->exclusive ? "exclusiveMinimum" : "minimum", BoundText(field, *field.minimum));
  if (field.maximum)
    Key(indent, field.maximum->exclusive ? "exclusiveMaximum" : "maximum", BoundText(field, *field.maximum));
  if (field.multiple_of) Key(indent, "multipleOf", BoundText(field, *field.multiple_of));
  if (text_.size() == begin) text_.resize(before);
}

void Writer::Enum(size_t indent, const Field& field) {
  if (field.enum_values.empty() && field.enum_numbers.empty()) return;
  Line(indent, "enum:");
  for (const std::string& value : field.enum_values) Line(indent + 2, "- value: " + YamlText(value));
  for (const Bound& value : field.enum_numbers) Line(indent + 2, "- value: " + BoundText(field, value));
}

void Writer::Nested(size_t indent, const ProposedField& proposed) {
  switch (proposed.field.type) {
    case FieldType::kObject:
      Line(indent, "properties:");
      for (const ProposedField& member : proposed.fields) Member(indent + 2, member);
      break;
    case FieldType::kArray:
      Line(indent, "items:" + YamlComment(proposed.fields[0].comment));
      Description(indent + 2, proposed.fields[0]);
      break;
    case FieldType::kMap:
      Line(indent, "map:");
      Line(indent + 2, "key: {logicalType: string}");
      Line(indent + 2, "value:" + YamlComment(proposed.fields[1].comment));
      Description(indent + 4, proposed.fields[1]);
      break;
    default:
      break;
  }
}

void Writer::Dimension(size_t indent, const ProposedDimension& dimension) {
  Line(indent, "- name: " + YamlText(dimension.name));
  indent += 2;
  Line(indent, fmt::format("logicalType: {}", dimension.is_date ? "date" : "string"));
  Line(indent, "partitioned: true");
  Position(indent, "partitionKeyPosition", dimension.position);
  Key(indent, "transformLogic", YamlText(dimension.transform_logic));
}

}  // namespace

std::string ContractYaml(const Proposal& proposal) {
  return Writer().Write(proposal);
}

}  // namespace forebay::infer
