#include "contract/field_source.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/quoted.h"
#include "contract/field_type.h"

namespace forebay {
namespace {

constexpr std::string_view kHeader = "header:";

// The members in "id", "payload.id", or "/payload/a.b".
std::vector<std::string> PathOf(std::string_view text) {
  const char separator = text.starts_with('/') ? '/' : '.';
  if (separator == '/') text.remove_prefix(1);
  std::vector<std::string> members;
  while (true) {
    const size_t end = text.find(separator);
    members.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return members;
    text.remove_prefix(end + 1);
  }
}

bool ParseSource(std::string_view text, Field& field) {
  if (text == "partition") {
    field.source = FieldSource::kPartition;
  } else if (text == "offset") {
    field.source = FieldSource::kOffset;
  } else if (text == "timestamp") {
    field.source = FieldSource::kTimestamp;
  } else if (text.starts_with(kHeader) && text.size() > kHeader.size()) {
    field.source = FieldSource::kHeader;
    field.source_path = {std::string(text.substr(kHeader.size()))};
  } else if (text == "key") {
    field.source = FieldSource::kKey;
  } else if (text.size() > 4 && (text.starts_with("key.") || text.starts_with("key/"))) {
    field.source = FieldSource::kKey;
    field.source_path = PathOf(text.substr(text[3] == '.' ? 4 : 3));
  } else {
    return false;
  }
  return true;
}

// What a coordinate can fill; empty: the field's type is right.
std::string_view ExpectedType(const Field& field) {
  const bool integer = field.type == FieldType::kInteger;
  switch (field.source) {
    case FieldSource::kPartition:
      return integer ? "" : "integer";
    case FieldSource::kOffset:
      return integer && field.bits == 64 ? "" : "integer (of 64 bits)";
    case FieldSource::kTimestamp:
      if (field.type == FieldType::kLocalTimestamp) return "timestamp with a time zone";
      return field.type == FieldType::kTimestamp || (integer && field.bits == 64) ? "" : "timestamp";
    default:
      return "";
  }
}

}  // namespace

void ReadFieldSource(const CustomProperties& custom, Field& field) {
  const std::optional<std::string> text = custom.Text("kafka.source");
  if (!text) return;
  if (!ParseSource(*text, field)) {
    custom.Refuse("kafka.source", fmt::format("kafka.source is {}", Quoted(*text)),
                  "key, key.MEMBER, header:NAME, partition, offset or timestamp was expected");
    return;
  }
  if (const std::string_view expected = ExpectedType(field); !expected.empty()) {
    custom.Refuse("kafka.source", fmt::format("kafka.source {} of {}", *text, FieldTypeName(field.type)),
                  fmt::format("a field of type {} was expected", expected));
  }
}

}  // namespace forebay
