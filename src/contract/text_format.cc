#include "contract/text_format.h"

#include <arpa/inet.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "base/ascii.h"
#include "base/time.h"

namespace forebay {
namespace {

struct Named {
  std::string_view name;
  TextFormat format;
  std::string_view noun;
};

constexpr Named kFormats[] = {
    {"password", TextFormat::kAny, "a text"},
    {"binary", TextFormat::kAny, "a text"},
    {"email", TextFormat::kEmail, "an email address"},
    {"uuid", TextFormat::kUuid, "a UUID"},
    {"uri", TextFormat::kUri, "a URI"},
    {"hostname", TextFormat::kHostname, "a host name"},
    {"ipv4", TextFormat::kIpv4, "an IPv4 address"},
    {"ipv6", TextFormat::kIpv6, "an IPv6 address"},
    {"date", TextFormat::kDate, "a date (YYYY-MM-DD)"},
    {"time", TextFormat::kTime, "a time (HH:MM:SS)"},
    {"date-time", TextFormat::kDateTime, "a date and time in RFC 3339"},
    {"byte", TextFormat::kBase64, "base64"},
};

bool IsAlphanumeric(char c) {
  return IsDigit(c) || IsLetter(c);
}
bool IsHexDigit(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool HasSpace(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 0 && c <= ' '; });
}

bool IsEmail(std::string_view text) {
  const size_t at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && !HasSpace(text);
}

// RFC 9562, section 4: 8-4-4-4-12 hexadecimal digits.
bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !IsHexDigit(text[i])) return false;
  }
  return true;
}

// RFC 3986, section 3: a scheme, and something after the colon.
bool IsUri(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() || HasSpace(text))
    return false;
  const std::string_view scheme = text.substr(0, colon);
  return !IsDigit(scheme[0]) && std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return IsAlphanumeric(c) || c == '+' || c == '-' || c == '.';
  });
}

// RFC 1123, section 2.1.
bool IsHostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    const bool fits =
        !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
        std::all_of(label.begin(), label.end(), [](char c) { return IsAlphanumeric(c) || c == '-'; });
    if (!fits) return false;
    if (label.size() == text.size()) return true;
    text.remove_prefix(label.size() + 1);
  }
}

bool IsAddress(std::string_view text, int family) {
  unsigned char bytes[sizeof(in6_addr)];
  const std::string terminated(text);
  return terminated.size() == text.size() && text.find('\0') == std::string_view::npos &&
         inet_pton(family, terminated.c_str(), bytes) == 1;
}

// "2025-10-30T18:04:11.25Z", or with an offset.
bool IsDateTime(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || !ParseDate(text.substr(0, 10)))
    return false;
  std::string_view clock = text.substr(11);
  if (clock.back() == 'Z' || clock.back() == 'z') {
    clock.remove_suffix(1);
  } else {
    const std::string_view offset = clock.substr(clock.size() - std::min<size_t>(6, clock.size()));
    if ((offset[0] != '+' && offset[0] != '-') || !ParseTimeOfDay(offset.substr(1))) return false;
    clock.remove_suffix(6);
  }
  return clock.size() >= 8 && ParseTimeOfDay(clock).has_value();
}

// RFC 4648, section 4, padded.
bool IsBase64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  return std::all_of(text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding),
                     [](char c) { return IsAlphanumeric(c) || c == '+' || c == '/'; });
}

const Named& Find(TextFormat format) {
  return *std::find_if(std::begin(kFormats), std::end(kFormats),
                       [format](const Named& known) { return known.format == format; });
}

}  // namespace

std::optional<TextFormat> ParseTextFormat(std::string_view name) {
  for (const Named& known : kFormats) {
    if (known.name == name) return known.format;
  }
  return std::nullopt;
}

std::string_view TextFormatKey(TextFormat format) {
  return Find(format).name;
}

std::string_view TextFormatName(TextFormat format) {
  return Find(format).noun;
}

bool HasTextFormat(std::string_view text, TextFormat format) {
  switch (format) {
    case TextFormat::kAny:
      return true;
    case TextFormat::kEmail:
      return IsEmail(text);
    case TextFormat::kUuid:
      return IsUuid(text);
    case TextFormat::kUri:
      return IsUri(text);
    case TextFormat::kHostname:
      return IsHostname(text);
    case TextFormat::kIpv4:
      return IsAddress(text, AF_INET);
    case TextFormat::kIpv6:
      return IsAddress(text, AF_INET6);
    case TextFormat::kDate:
      return ParseDate(text).has_value();
    case TextFormat::kTime:
      return ParseTimeOfDay(text).has_value();
    case TextFormat::kDateTime:
      return IsDateTime(text);
    case TextFormat::kBase64:
      return IsBase64(text);
  }
  return false;
}

}  // namespace forebay
