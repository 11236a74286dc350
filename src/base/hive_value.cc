#include "base/hive_value.h"

namespace forebay {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

constexpr bool StandsForItself(unsigned char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         byte == '_' || byte == '-' || byte == '.' || byte >= 0x80;
}

// The length of the well-formed UTF-8 sequence at the front of `text` (Unicode 15, table 3-7), or 0.
size_t Utf8SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  const unsigned second = byte(1);
  if (lead >= 0xE0 && lead <= 0xEF) {
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

bool IsUtf8WithoutNul(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8SequenceLength(text.substr(i));
    if (length == 0 || text[i] == '\0') return false;
    i += length;
  }
  return true;
}

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> EncodePartitionValue(std::string_view value) {
  if (value.empty() || value.size() > kMaxEncodedPartitionValue || value == kHiveNull) return std::nullopt;
  if (!IsUtf8WithoutNul(value)) return std::nullopt;
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
  // One spelling for each value: what the encoder would not have written is not ours.
  if (EncodePartitionValue(value) != encoded) return std::nullopt;
  return value;
}

}  // namespace forebay
