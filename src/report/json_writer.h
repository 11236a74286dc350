// Writes one JSON document. It places commas, line breaks and closing brackets.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forebay {

enum class JsonLayout {
  kIndented,  // each member on a line of its own, indented by two spaces a level
  kOneLine,   // the whole object or array, with all that it contains, on one line without spaces
};

// Not thread-safe. REQUIRES: keys only in objects; values only after a key or in an array; every opened
// object and array is closed.
class JsonWriter {
 public:
  JsonWriter& OpenObject(JsonLayout layout = JsonLayout::kIndented) { return Open('{', layout); }
  JsonWriter& OpenArray(JsonLayout layout = JsonLayout::kIndented) { return Open('[', layout); }
  JsonWriter& Close();
  JsonWriter& Key(std::string_view key);

  JsonWriter& Value(std::string_view text);
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(const std::string& text) { return Value(std::string_view(text)); }
  JsonWriter& Value(bool value) { return Raw(value ? "true" : "false"); }
  JsonWriter& Value(double value) { return Raw(fmt::format("{:.3f}", value)); }
  template <std::integral Integer>
  JsonWriter& Value(Integer value) {
    const fmt::format_int digits(value);
    return Raw({digits.data(), digits.size()});
  }
  template <typename T>
  JsonWriter& Value(const std::optional<T>& value) {
    return value ? Value(*value) : Null();
  }
  // 16 hexadecimal digits, as a string: the form of checksums.
  JsonWriter& Hex(uint64_t value) { return Raw(fmt::format("\"{:016x}\"", value)); }
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
  JsonWriter& Open(char bracket, JsonLayout layout);
  JsonWriter& Raw(std::string_view text);
  void Begin();
  void NewLine();
  bool on_one_line() const { return one_line_level_ != 0; }

  std::string text_;
  std::vector<char> open_;     // the closing brackets
  size_t one_line_level_ = 0;  // open_.size() in the outermost object or array with kOneLine; 0: none is open
  bool empty_ = true;          // the innermost object or array has no members yet
  bool after_key_ = false;
};

}  // namespace forebay
