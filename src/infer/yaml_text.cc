#include "infer/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/json_quote.h"
#include "base/utf8.h"

namespace forebay::infer {
namespace {

// Booleans and nulls of YAML 1.1 and 1.2, in lower case.
constexpr std::string_view kWords[] = {"y",    "n",     "yes",  "no",  "on", "off",
                                       "true", "false", "null", "nan", "inf"};

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsPlain(std::string_view text) {
  if (text.empty() || !(IsLetter(text.front()) || text.front() == '_')) return false;
  if (!IsLetter(text.back()) && !IsDigit(text.back()) && text.back() != '_' && text.back() != ')')
    return false;
  const bool safe = std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '_' || c == '.' || c == '-' || c == '(' || c == ')';
  });
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return safe && std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords);
}

// Characters that YAML takes for line ends, or allows only escaped.
bool NeedsEscape(uint32_t code_point) {
  return (code_point >= 0x7F && code_point < 0xA0) || code_point == 0x2028 || code_point == 0x2029 ||
         code_point == 0xFEFF || code_point == 0xFFFE || code_point == 0xFFFF;
}

uint32_t CodePoint(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  uint32_t code_point = character.size() == 1   ? lead
                        : character.size() == 2 ? lead & 0x1Fu
                        : character.size() == 3 ? lead & 0x0Fu
                                                : lead & 0x07u;
  for (const char c : character.substr(1))
    code_point = code_point << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
  return code_point;
}

}  // namespace

std::string QuotedYaml(std::string_view text) {
  const std::string json = QuoteJson(text);  // valid UTF-8 from here on
  std::string quoted;
  for (size_t i = 0; i < json.size();) {
    const std::string_view character =
        std::string_view(json).substr(i, Utf8SequenceLength(std::string_view(json).substr(i)));
    const uint32_t code_point = CodePoint(character);
    const bool begins_reference = code_point == '$' && json[i + 1] == '{';
    if (NeedsEscape(code_point) || begins_reference) {
      quoted += fmt::format("\\u{:04x}", code_point);
    } else {
      quoted += character;
    }
    i += character.size();
  }
  return quoted;
}

std::string YamlText(std::string_view text) {
  return IsPlain(text) ? std::string(text) : QuotedYaml(text);
}

std::string YamlComment(std::string_view text) {
  if (text.empty()) return "";
  // As in a quoted text, control characters are escaped; the quotes themselves need not be.
  std::string comment = QuotedYaml(text);
  comment = comment.substr(1, comment.size() - 2);
  std::string unquoted;
  for (size_t i = 0; i < comment.size(); ++i) {
    if (comment[i] == '\\' && (comment[i + 1] == '"' || comment[i + 1] == '\\')) ++i;
    unquoted += comment[i];
  }
  return "  # " + unquoted;
}

}  // namespace forebay::infer
