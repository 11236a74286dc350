// Strips surrounding white space.
#pragma once

#include <string_view>

namespace forebay {

// The text without spaces, tabs and line ends at either end.
inline std::string_view Trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace forebay
