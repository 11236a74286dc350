#include "contract/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace forebay {
namespace {

std::string Character(char c) {
  if (c == ' ') return "a space";
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return "a character that is not ASCII";
  if (byte < 0x20) return "a control character";
  return fmt::format("'{}'", c);
}

}  // namespace

std::string FieldNameProblem(std::string_view name) {
  if (name.size() > kMaxFieldName)
    return fmt::format("has {} bytes, more than {}", name.size(), kMaxFieldName);
  return name.find('\0') == std::string_view::npos ? "" : "contains a NUL";
}

std::string NearestTableName(std::string_view name) {
  const auto is_unsafe = [](char c) {
    return !IsLetter(c) && !IsDigit(c) && static_cast<unsigned char>(c) < 0x80 &&
           std::string_view("_-. ").find(c) == std::string_view::npos;
  };
  std::string nearest(name);
  std::replace_if(nearest.begin(), nearest.end(), is_unsafe, '_');
  nearest.erase(0, std::min(nearest.find_first_not_of("_. "), nearest.size()));  // readers skip "_x" and ".x"
  while (nearest.size() > kMaxTableName || !IsUtf8(nearest) || nearest.ends_with(' ')) nearest.pop_back();
  if (nearest.empty()) return "table";
  return LowerCase(nearest) == "quarantine" ? nearest + '_' : nearest;
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
  for (char& c : lower) c = LowerCase(c);
  return lower;
}

std::string NameSet::Add(const std::string& name, int line) {
  const auto [first, added] = names_.emplace(name, Entry{name, line});
  return added ? "" : fmt::format("duplicate name, first used in line {}", first->second.line);
}

std::string NameSet::AddIgnoringCase(const std::string& name, int line) {
  const auto [entry, added] = names_.emplace(LowerCase(name), Entry{name, line});
  if (added) return "";
  const auto& [first, first_line] = entry->second;
  return first == name ? fmt::format("duplicate name, first used in line {}", first_line)
                       : fmt::format("the name differs from '{}' in line {} only in case", first, first_line);
}

}  // namespace forebay
