// A place in a text, for messages.
#pragma once

#include <cstdint>

namespace forebay {

// Both count from 1; `byte` counts in the line.
struct TextPosition {
  uint64_t line = 1;
  uint64_t byte = 1;
  bool operator==(const TextPosition&) const = default;
};

}  // namespace forebay
