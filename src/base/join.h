// Joins strings. (fmt::join in a checked format string triggers a false -Wstringop-overflow in g++ 12.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forebay {

inline std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) joined += separator;
    joined += part;
  }
  return joined;
}

}  // namespace forebay
