// The formats of texts that ODCS names: uuid, email, ipv4 and others. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace forebay {

enum class TextFormat : uint8_t {
  kAny,  // says nothing that could be checked: password, binary
  kEmail,
  kUuid,
  kUri,
  kHostname,
  kIpv4,
  kIpv6,
  kDate,
  kTime,
  kDateTime,
  kBase64,  // ODCS and OpenAPI call it byte
};

// The format of this name; nothing for an unknown one.
std::optional<TextFormat> ParseTextFormat(std::string_view name);
// The inverse. REQUIRES: not kAny.
std::string_view TextFormatKey(TextFormat format);
// "a UUID": for messages.
std::string_view TextFormatName(TextFormat format);
// Whether the text has the format. Email and URI: the parts are there, and no white space.
bool HasTextFormat(std::string_view text, TextFormat format);

}  // namespace forebay
