#include "contract/ecma_pattern.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/utf8.h"

namespace forebay {
namespace {

constexpr std::string_view kLineEnds = "\\n\\r\\u2028\\u2029";
// PCRE2's \s covers ASCII white space only; the class adds the rest of ECMA-262's. The \s at both ends keeps
// the meaning of a hyphen next to the pattern's \s.
constexpr std::string_view kWhiteSpace =
    "\\s\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff\\s";

// Parses `digits`, all of it, as a hexadecimal number.
std::optional<uint32_t> Hex(std::string_view digits) {
  uint32_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [read, error] = std::from_chars(digits.data(), end, value, 16);
  if (error != std::errc() || read != end) return std::nullopt;
  return value;
}

class Rewriter {
 public:
  explicit Rewriter(std::string_view pattern)
      : in_(pattern), dot_is_any_(pattern.find("(?s") != std::string_view::npos) {}

  PcrePattern Run() {
    while (at_ < in_.size()) Next();
    out_.source.push_back(in_.size());
    return std::move(out_);
  }

 private:
  void Next() {
    const char c = in_[at_];
    if (c == '\\' && at_ + 1 < in_.size()) return Escape();
    if (c == '.' && !in_class_ && !dot_is_any_) return Put(fmt::format("[^{}]", kLineEnds), 1);
    if (in_class_ && in_.substr(at_, 2) == "[:") {  // [:alpha:], a PCRE2 extension
      const size_t end = in_.find(":]", at_);
      if (end != std::string_view::npos) return Copy(end + 2 - at_);
    }
    if (c == '[') in_class_ = true;
    if (c == ']') in_class_ = false;
    Copy(1);
  }

  void Escape() {
    switch (in_[at_ + 1]) {
      case 's':
        return Put(in_class_ ? std::string(kWhiteSpace) : fmt::format("[{}]", kWhiteSpace), 2);
      case 'S':
        return in_class_ ? Copy(2) : Put(fmt::format("[^{}]", kWhiteSpace), 2);
      case 'v':
        return Put("\\x0b", 2);
      case 'u':
        return CodePoint();
      case 'Q': {  // a PCRE2 extension: everything up to \E is literal
        const size_t end = in_.find("\\E", at_);
        return Copy((end == std::string_view::npos ? in_.size() : end + 2) - at_);
      }
      default:
        return Copy(2);
    }
  }

  // Rewrites \u{1F600} and \ud83d\ude00. Leaves \u00e4 unchanged.
  void CodePoint() {
    const std::string_view rest = in_.substr(at_ + 2);
    if (rest.starts_with('{')) {
      const size_t close = rest.find('}');
      const auto value = close == std::string_view::npos ? std::nullopt : Hex(rest.substr(1, close - 1));
      if (value && *value <= 0x10FFFF) return Put(Spelled(*value), 2 + close + 1);
    } else if (rest.size() >= 10 && rest.substr(4, 2) == "\\u") {
      const auto high = Hex(rest.substr(0, 4));
      const auto low = Hex(rest.substr(6, 4));
      if (high && low && *high >> 10 == 0x36 && *low >> 10 == 0x37) {
        return Put(Spelled(0x10000 + ((*high & 0x3FF) << 10) + (*low & 0x3FF)), 12);
      }
    }
    Copy(2);
  }

  static std::string Spelled(uint32_t code_point) {
    if (code_point <= 0xFFFF) return fmt::format("\\u{:04x}", code_point);
    std::string text;
    AppendUtf8(&text, code_point);
    return text;
  }

  // Writes `text` in place of the next `source_bytes` bytes of the pattern.
  void Put(std::string_view text, size_t source_bytes) {
    out_.text += text;
    out_.source.insert(out_.source.end(), text.size(), at_);
    at_ += source_bytes;
  }
  void Copy(size_t count) {
    for (; count > 0; --count) Put(in_.substr(at_, 1), 1);
  }

  std::string_view in_;
  size_t at_ = 0;
  bool in_class_ = false;
  // Set if the pattern contains PCRE2's (?s) anywhere; the scope of the option is not tracked.
  bool dot_is_any_;
  PcrePattern out_;
};

}  // namespace

PcrePattern FromEcma(std::string_view pattern) {
  return Rewriter(pattern).Run();
}

}  // namespace forebay
