#include "partition/hive_value.h"

#include "base/utf8.h"

namespace forebay {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

constexpr bool StandsForItself(unsigned char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         byte == '_' || byte == '-' || byte == '.' || byte >= 0x80;
}

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> EncodePartitionValue(std::string_view value) {
  if (value.empty() || value.size() > kMaxEncodedPartitionValue || value == kHiveNull) return std::nullopt;
  if (!IsUtf8(value) || value.find('\0') != std::string_view::npos) return std::nullopt;
  std::string encoded;
  encoded.reserve(value.size());
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (StandsForItself(byte)) {
      encoded += c;
    } else {
      encoded += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    }
  }
  if (encoded.size() > kMaxEncodedPartitionValue) return std::nullopt;
  return encoded;
}

std::optional<std::string> DecodePartitionValue(std::string_view encoded) {
  std::string value;
  value.reserve(encoded.size());
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      value += encoded[i];
      continue;
    }
    if (i + 2 >= encoded.size()) return std::nullopt;
    const int high = HexValue(encoded[i + 1]);
    const int low = HexValue(encoded[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    value += static_cast<char>(high * 16 + low);
    i += 2;
  }
  // Each value has exactly one spelling: reject any text that the encoder would not have written.
  if (EncodePartitionValue(value) != encoded) return std::nullopt;
  return value;
}

}  // namespace forebay
