// The place of a value within its record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forebay {

// Linked on the stack of a decoder that descends into a record, so that it costs nothing until a message
// needs it.
struct FieldPath {
  const FieldPath* up = nullptr;  // nullptr: a member of the record itself
  std::string_view name;          // of a member
  int64_t index = -1;             // of an array's element; -1 for a member
};

// "items[2].quantity"; empty for nullptr, the record as a whole.
std::string PathText(const FieldPath* path);

}  // namespace forebay
