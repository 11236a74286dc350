#include "contract/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace forebay {
namespace {

struct Reference {
  std::string name;
  std::optional<std::string> default_value;
  size_t size;  // of the text "${...}"
};

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// The reference at the beginning of `text`, which may be no reference at all: "${2}" is a part of a pattern.
std::optional<Reference> ParseReference(std::string_view text) {
  if (!text.starts_with("${")) return std::nullopt;
  const size_t end = std::min(text.find('}'), text.find('\n'));
  if (end == std::string_view::npos || text[end] != '}') return std::nullopt;
  const std::string_view inside = text.substr(2, end - 2);
  const size_t name_size =
      static_cast<size_t>(std::find_if_not(inside.begin(), inside.end(), IsNameCharacter) - inside.begin());
  if (name_size == 0 || (inside[0] >= '0' && inside[0] <= '9')) return std::nullopt;
  Reference reference{std::string(inside.substr(0, name_size)), std::nullopt, end + 1};
  const std::string_view rest = inside.substr(name_size);
  if (rest.empty()) return reference;
  if (!rest.starts_with(":-")) return std::nullopt;
  reference.default_value = rest.substr(2);
  return reference;
}

std::optional<std::string> ValueOf(const Reference& reference, int line, Diagnostics& diagnostics) {
  const char* const value = std::getenv(reference.name.c_str());
  if (value == nullptr || *value == '\0') {
    if (!reference.default_value) {
      diagnostics.AddNote(line, fmt::format("the environment variable {} is not set", reference.name),
                          fmt::format("${{{}}} stays as it is", reference.name));
    }
    return reference.default_value;
  }
  const std::string text = value;
  if (text.find_first_of("\r\n") == std::string::npos) return text;
  diagnostics.Add(line, fmt::format("the environment variable {} has several lines", reference.name),
                  "a value of one line was expected");
  return std::nullopt;
}

}  // namespace

std::string WithEnvironment(std::string_view yaml, Diagnostics& diagnostics) {
  std::string text;
  int line = 1;
  for (size_t i = 0; i < yaml.size();) {
    const bool escaped = yaml.substr(i).starts_with("$${");
    const std::optional<Reference> reference = ParseReference(yaml.substr(i + (escaped ? 1 : 0)));
    if (!reference) {
      line += yaml[i] == '\n' ? 1 : 0;
      text += yaml[i++];
      continue;
    }
    const std::string_view written = yaml.substr(i + (escaped ? 1 : 0), reference->size);
    text += escaped ? std::string(written)
                    : ValueOf(*reference, line, diagnostics).value_or(std::string(written));
    i += written.size() + (escaped ? 1 : 0);
  }
  return text;
}

}  // namespace forebay
