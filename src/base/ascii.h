// Classes of ASCII characters, whatever the locale is.
#pragma once

namespace forebay {

constexpr bool IsDigit(char c) {
  return static_cast<unsigned char>(c - '0') < 10;
}
constexpr bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace forebay
