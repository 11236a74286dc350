#include "infer/references.h"

#include <algorithm>

#include "contract/field_place.h"

namespace forebay::infer {
std::string ReferenceTo(const Table& table, const FieldPlace& place) {
  const auto is_taken = [&](const std::string& text) {
    return !text.empty() && FindPlace(table.fields, text) == place;
  };
  if (std::string path = PathAt(table, place); is_taken(path)) return path;
  std::string pointer;
  FieldPlace above;
  for (const size_t index : place) {
    above.push_back(index);
    pointer += '/';
    for (const char c : FieldAt(table, above).name)
      pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return is_taken(pointer) ? pointer : "";
}

std::string TransformArgument(const std::string& reference) {
  const bool plain = std::all_of(reference.begin(), reference.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '/';
  });
  return plain                                      ? reference
         : reference.find('"') == std::string::npos ? '"' + reference + '"'
                                                    : '`' + reference + '`';
}

}  // namespace forebay::infer
