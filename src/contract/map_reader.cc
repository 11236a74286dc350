#include "contract/map_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/quoted.h"

namespace forebay {
namespace {

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

MapReader::MapReader(const YamlNode& node, std::string what, const MapKeys& keys, Diagnostics& diagnostics)
    : node_(node), what_(std::move(what)), diagnostics_(diagnostics) {
  FOREBAY_ASSERT(node.kind == YamlKind::kMap);
  for (const YamlMember& member : node.members) {
    if (Contains(keys.noted, member.key)) {
      diagnostics_.AddNote(member.line, fmt::format("{}: '{}' is not enforced", what_, member.key),
                           "the standard has it for other tools", true);
    } else if (!Contains(keys.known, member.key) && !Contains(keys.passed, member.key)) {
      ReportUnknownKey(member, keys);
    }
  }
}

void MapReader::ReportUnknownKey(const YamlMember& member, const MapKeys& keys) {
  std::vector<std::string_view> all(keys.known.begin(), keys.known.end());
  all.insert(all.end(), keys.passed.begin(), keys.passed.end());
  all.insert(all.end(), keys.noted.begin(), keys.noted.end());
  const std::string_view nearest = NearestName(member.key, all);
  const std::string unknown = fmt::format("the key {} is unknown", Quoted(member.key));
  if (nearest.empty()) return Note(member.key, unknown, "it is not read");
  suggested_.push_back(nearest);
  Refuse(member.key, unknown, fmt::format("did you mean '{}'?", nearest));
}

const YamlMember* MapReader::Member(std::string_view key) const {
  for (const YamlMember& member : node_.members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

int MapReader::LineOf(std::string_view key) const {
  const YamlMember* member = Member(key);
  return member != nullptr ? member->line : node_.line;
}

const YamlNode* MapReader::Find(std::string_view key) const {
  const YamlMember* member = Member(key);
  return member != nullptr ? member->value.get() : nullptr;
}

bool MapReader::HasEffect(std::string_view key) const {
  const YamlNode* value = Find(key);
  return value != nullptr && AsBool(*value) != false && AsInteger(*value) != -1;
}

std::optional<std::string> MapReader::Text(std::string_view key) const {
  const YamlNode* value = Find(key);
  if (value == nullptr) return std::nullopt;
  std::optional<std::string> text = AsText(*value);
  if (!text) {
    RefuseType(
        key, *value,
        value->kind == YamlKind::kScalar ? "text was expected: put it in quotes" : "text was expected");
  }
  return text;
}

std::optional<bool> MapReader::Bool(std::string_view key) const {
  const YamlNode* value = Find(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<bool> boolean = AsBool(*value);
  if (!boolean) RefuseType(key, *value, "true or false was expected");
  return boolean;
}

std::optional<int64_t> MapReader::Integer(std::string_view key) const {
  const YamlNode* value = Find(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<int64_t> integer = AsInteger(*value);
  if (!integer) RefuseType(key, *value, "a whole number was expected, in digits and without quotes");
  return integer;
}

const YamlNode* MapReader::List(std::string_view key) const {
  const YamlNode* value = Find(key);
  if (value == nullptr || value->kind == YamlKind::kList) return value;
  RefuseType(key, *value, "a list was expected: lines that begin with '- '");
  return nullptr;
}

const YamlNode* MapReader::Map(std::string_view key) const {
  const YamlNode* value = Find(key);
  if (value == nullptr || value->kind == YamlKind::kMap) return value;
  RefuseType(key, *value, "a map was expected: indented lines of 'key: value'");
  return nullptr;
}

std::optional<std::string> MapReader::RequiredText(std::string_view key, const std::string& expected) const {
  if (!Has(key)) {
    RefuseMissing(key, fmt::format("the key '{}' is missing", key), expected + " was expected");
    return std::nullopt;
  }
  std::optional<std::string> text = Text(key);
  if (text && text->empty()) {
    Refuse(key, fmt::format("'{}' is empty", key), expected + " was expected");
    return std::nullopt;
  }
  return text;
}

bool MapReader::IsMisspelled(std::string_view key) const {
  return Contains(suggested_, key);
}

void MapReader::RefuseMissing(std::string_view key, const std::string& wrong,
                              const std::string& expected) const {
  if (!Has(key) && !IsMisspelled(key)) Refuse(key, wrong, expected);
}

void MapReader::Refuse(std::string_view key, const std::string& wrong, const std::string& expected) const {
  diagnostics_.Add(LineOf(key), what_ + ": " + wrong, expected);
}

void MapReader::Note(std::string_view key, const std::string& fact, const std::string& consequence) const {
  diagnostics_.AddNote(LineOf(key), what_ + ": " + fact, consequence);
}

void MapReader::RefuseType(std::string_view key, const YamlNode& value, const std::string& expected) const {
  Refuse(key, fmt::format("'{}' is {}", key, DescribeNode(value)), expected);
}

}  // namespace forebay
