// Writes one JSON document for reports, indented by two spaces a level. It places commas and closing
// brackets.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forebay {

// Not thread-safe. REQUIRES: keys only in objects; values only after a key or in an array; every opened
// object and array is closed.
class JsonWriter {
 public:
  JsonWriter& OpenObject() { return Open('{'); }
  JsonWriter& OpenArray() { return Open('['); }
  JsonWriter& Close();
  JsonWriter& Key(std::string_view key);

  JsonWriter& Value(std::string_view text);
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(const std::string& text) { return Value(std::string_view(text)); }
  JsonWriter& Value(bool value) { return Raw(value ? "true" : "false"); }
  JsonWriter& Value(double value) { return Raw(fmt::format("{:.3f}", value)); }
  template <std::integral Integer>
  JsonWriter& Value(Integer value) {
    return Raw(fmt::format("{}", value));
  }
  template <typename T>
  JsonWriter& Value(const std::optional<T>& value) {
    return value ? Value(*value) : Null();
  }
  JsonWriter& Null() { return Raw("null"); }
  // A complete JSON value that is already serialized.
  JsonWriter& Json(std::string_view json) { return Raw(json); }

  template <typename T>
  JsonWriter& Member(std::string_view key, const T& value) {
    return Key(key).Value(value);
  }

  // The document. REQUIRES: everything is closed.
  const std::string& text() const { return text_; }

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Raw(std::string_view text);
  void Begin();

  std::string text_;
  std::vector<char> open_;
  bool empty_ = true;  // the innermost object or array has no members yet
  bool after_key_ = false;
};

}  // namespace forebay
