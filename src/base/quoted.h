// Quotes text for messages.
#pragma once

#include <string>
#include <string_view>

namespace forebay {

// The text in single quotes: shortened after 60 bytes, control characters escaped.
std::string Quoted(std::string_view text);

}  // namespace forebay
