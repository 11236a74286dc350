// UTF-8 as defined by the Unicode standard (version 15, table 3-7): no overlong forms, no surrogates, nothing
// above U+10FFFF. All validation of UTF-8 in Forebay is here. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace forebay {

// The length of the character at the front of `text`, 1 to 4 bytes; 0 if it is not valid UTF-8. REQUIRES:
// text is not empty.
size_t Utf8SequenceLength(std::string_view text);

bool IsUtf8(std::string_view bytes);

// Appends the character. REQUIRES: code_point is at most U+10FFFF and not a surrogate.
void AppendUtf8(std::string* out, uint32_t code_point);

// REQUIRES: valid UTF-8.
int64_t CountCodePoints(std::string_view utf8);

}  // namespace forebay
