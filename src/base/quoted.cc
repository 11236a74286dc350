#include "base/quoted.h"

#include <fmt/format.h>

namespace forebay {

std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 60;
  std::string quoted = "'";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool character_begins = (byte & 0xC0) != 0x80;
    if (i >= kLongest && character_begins) return quoted + "...'";
    if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += text[i];
    }
  }
  return quoted + "'";
}

}  // namespace forebay
