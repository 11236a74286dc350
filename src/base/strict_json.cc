#include "base/strict_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace forebay {

namespace json = boost::json;

Status StrictJson::status() const {
  if (diagnostic_.empty()) return Ok();
  return InvalidArgumentError(fmt::format("{} is not a valid {}: {}", source_name_, what_, diagnostic_));
}

json::value StrictJson::Parse(std::string_view text) {
  json::error_code error;
  json::value document = json::parse({text.data(), text.size()}, error);
  if (!error) return document;
  Diagnostic(fmt::format("not JSON ({}); the text may be truncated", error.message()));
  return nullptr;
}

const json::object& StrictJson::Object(const json::value& value, const std::string& where,
                                       std::initializer_list<std::string_view> members) {
  const json::object& object = AnyObject(value, where);
  for (const auto& member : object) {
    if (std::find(members.begin(), members.end(), std::string_view(member.key())) == members.end()) {
      Diagnostic(fmt::format("{} has an unknown member '{}'", where, std::string_view(member.key())));
    }
  }
  for (const std::string_view member : members) {
    if (!object.contains(member)) Diagnostic(fmt::format("{} has no '{}'", where, member));
  }
  return object;
}

const json::object& StrictJson::AnyObject(const json::value& value, const std::string& where) {
  static const json::object kEmpty;
  if (const json::object* object = value.if_object()) return *object;
  Diagnostic(fmt::format("{} is not an object", where));
  return kEmpty;
}

const json::array& StrictJson::Array(const json::object& object, std::string_view member,
                                     const std::string& where) {
  static const json::array kEmpty;
  if (const json::value* value = object.if_contains(member)) {
    if (const json::array* array = value->if_array()) return *array;
  }
  Diagnostic(fmt::format("'{}' in {} is not an array", member, where));
  return kEmpty;
}

std::string StrictJson::String(const json::object& object, std::string_view member,
                               const std::string& where) {
  if (const json::value* value = object.if_contains(member)) {
    if (const json::string* text = value->if_string()) return std::string(*text);
  }
  Diagnostic(fmt::format("'{}' in {} is not a string", member, where));
  return {};
}

uint64_t StrictJson::Count(const json::value& value, const std::string& where) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<uint64_t>(value.get_int64());
  Diagnostic(fmt::format("{} is not an integer of at least 0", where));
  return 0;
}

uint64_t StrictJson::Count(const json::object& object, std::string_view member, const std::string& where) {
  const json::value* value = object.if_contains(member);
  return value == nullptr ? 0 : Count(*value, fmt::format("'{}' in {}", member, where));
}

int64_t StrictJson::Int64(const json::value& value, const std::string& where) {
  const uint64_t count = Count(value, where);
  if (count <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return static_cast<int64_t>(count);
  Diagnostic(fmt::format("{} is too large", where));
  return 0;
}

std::optional<int64_t> StrictJson::OptionalInt(const json::object& object, std::string_view member,
                                               const std::string& where) {
  const json::value* value = object.if_contains(member);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (const int64_t* number = value->if_int64()) return *number;
  Diagnostic(fmt::format("'{}' in {} is not an integer or null", member, where));
  return std::nullopt;
}

uint64_t StrictJson::Hex(const json::object& object, std::string_view member, const std::string& where) {
  const std::string text = String(object, member, where);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 16 || error != std::errc() || end != text.data() + text.size()) {
    Diagnostic(fmt::format("'{}' in {} is not 16 hexadecimal digits", member, where));
  }
  return value;
}

}  // namespace forebay
