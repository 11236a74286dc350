#include "contract/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace forebay {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string Character(char c) {
  if (c == ' ') return "a space";
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return "a character that is not ASCII";
  if (byte < 0x20) return "a control character";
  return fmt::format("'{}'", c);
}

}  // namespace

std::string UnsafeNameProblem(std::string_view name, size_t max_length) {
  if (name.empty()) return "is empty";
  if (name.size() > max_length)
    return fmt::format("has {} characters, more than {}", name.size(), max_length);
  if (IsDigit(name.front())) return "begins with a digit";
  const auto unsafe =
      std::find_if(name.begin(), name.end(), [](char c) { return !IsLetter(c) && !IsDigit(c) && c != '_'; });
  return unsafe == name.end() ? "" : "contains " + Character(*unsafe);
}

std::string TopicNameProblem(std::string_view name) {
  if (name == "." || name == "..") return "is reserved";
  if (name.size() > 249) return fmt::format("has {} characters, more than 249", name.size());
  const auto unsafe = std::find_if(name.begin(), name.end(), [](char c) {
    return !IsLetter(c) && !IsDigit(c) && c != '_' && c != '-' && c != '.';
  });
  return unsafe == name.end() ? "" : "contains " + Character(*unsafe);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string NameSet::Add(const std::string& name, int line) {
  if (name.empty()) return "";
  const auto [entry, added] = names_.emplace(LowerCase(name), Entry{name, line});
  if (added) return "";
  const auto& [first, first_line] = entry->second;
  return first == name ? fmt::format("duplicate name, first used in line {}", first_line)
                       : fmt::format("the name differs from '{}' in line {} only in case", first, first_line);
}

}  // namespace forebay
