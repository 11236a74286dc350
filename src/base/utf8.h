// UTF-8 as the Unicode standard defines it (version 15, table 3-7): no overlong forms, no surrogates, nothing
// above U+10FFFF. The one place that knows it. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace forebay {

// The length of the character at the front of `text`, 1 to 4 bytes; 0 where there is none. REQUIRES: text is
// not empty.
size_t Utf8SequenceLength(std::string_view text);

bool IsUtf8(std::string_view bytes);

// Appends the character. REQUIRES: a code point up to U+10FFFF, and no surrogate.
void AppendUtf8(std::string* out, uint32_t code_point);

// REQUIRES: valid UTF-8.
int64_t CountCodePoints(std::string_view utf8);

}  // namespace forebay
