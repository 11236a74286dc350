// Bytes as lower-case hex digits, and random bytes from the kernel.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace forebay {

std::string HexDigits(std::span<const unsigned char> bytes);

// 128 bits from getrandom(2).
std::array<unsigned char, 16> RandomBits();

}  // namespace forebay
