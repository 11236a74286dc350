#include "base/hex.h"

#include <sys/random.h>

#include "base/assert.h"

namespace forebay {

std::string HexDigits(std::span<const unsigned char> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::array<unsigned char, 16> RandomBits() {
  std::array<unsigned char, 16> bits;
  // getrandom(2) always returns all of up to 256 bytes once the pool of the kernel is initialized. That is
  // long before any process can start Forebay.
  FOREBAY_ASSERT(::getrandom(bits.data(), bits.size(), 0) == static_cast<ssize_t>(bits.size()));
  return bits;
}

}  // namespace forebay
