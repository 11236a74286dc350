#include "decode/json_text.h"

#include <array>
#include <cstring>

#include "base/row_hash.h"
#include "base/utf8.h"

namespace forebay {
namespace {

bool IsDigit(char c) {
  return static_cast<unsigned char>(c - '0') < 10;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The value of the four hex digits at p, or -1.
int32_t Hex4(const char* p, const char* end) {
  if (end - p < 4) return -1;
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexDigit(p[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

char SimpleEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

std::string_view JsonTypeName(JsonType type) {
  static constexpr std::array<std::string_view, 8> kNames = {"an object", "an array", "a string", "a number",
                                                             "true",      "false",    "null",     "nothing"};
  return kNames[static_cast<size_t>(type)];
}

void JsonReader::Reset(std::string_view text, std::string* arena, int max_depth) {
  p_ = text.data();
  end_ = p_ + text.size();
  arena_ = arena;
  max_depth_ = max_depth;
}

JsonError JsonReader::ReadStringSlow(const char* begin, std::string_view* value) {
  // Up to the first escape the text itself is the value; from then on the value is copied to the arena.
  const char* copied_to = nullptr;
  const size_t arena_begin = arena_->size();
  while (p_ < end_) {
    if (*p_ == '"') {
      if (copied_to == nullptr) {
        *value = std::string_view(begin, static_cast<size_t>(p_ - begin));
      } else {
        arena_->append(copied_to, p_);
        *value = std::string_view(*arena_).substr(arena_begin);
      }
      ++p_;
      return JsonError::kNone;
    }
    if (static_cast<signed char>(*p_) < 0) {
      const size_t length = Utf8SequenceLength({p_, static_cast<size_t>(end_ - p_)});
      if (length == 0) return JsonError::kNotUtf8;
      p_ += length;
    } else if (*p_ == '\\') {
      arena_->append(copied_to == nullptr ? begin : copied_to, p_);
      ++p_;
      if (const JsonError error = ReadEscape(); error != JsonError::kNone) return error;
      copied_to = p_;
    } else {
      return JsonError::kSyntax;  // a control character
    }
    p_ = FindSpecial(p_, end_);
  }
  return JsonError::kSyntax;
}

JsonError JsonReader::ReadEscape() {
  if (p_ == end_) return JsonError::kSyntax;
  const char kind = *p_++;
  if (kind != 'u') {
    const char c = SimpleEscape(kind);
    if (c == 0) return JsonError::kSyntax;
    arena_->push_back(c);
    return JsonError::kNone;
  }
  const int32_t unit = Hex4(p_, end_);
  if (unit < 0) return JsonError::kSyntax;
  p_ += 4;
  if (unit < 0xD800 || unit > 0xDFFF) {
    AppendUtf8(arena_, static_cast<uint32_t>(unit));
    return JsonError::kNone;
  }
  if (unit > 0xDBFF || end_ - p_ < 2 || p_[0] != '\\' || p_[1] != 'u') return JsonError::kBadEscape;
  const int32_t low = Hex4(p_ + 2, end_);
  if (low < 0) return JsonError::kSyntax;
  if (low < 0xDC00 || low > 0xDFFF) return JsonError::kBadEscape;
  p_ += 6;
  AppendUtf8(arena_,
             0x10000u + (static_cast<uint32_t>(unit - 0xD800) << 10) + static_cast<uint32_t>(low - 0xDC00));
  return JsonError::kNone;
}

bool JsonReader::ScanNumber(const char** position, const char* end, JsonNumber* number) {
  const char*& p = *position;
  const char* const begin = p;
  const bool negative = p < end && *p == '-';
  if (negative) ++p;
  const char* const digits = p;
  uint64_t magnitude = 0;  // arbitrary for more than 18 digits
  const auto read_digits = [&] {
    const char* const first = p;
    while (p < end && IsDigit(*p)) magnitude = magnitude * 10 + static_cast<uint64_t>(*p++ - '0');
    return p - first;
  };
  auto digit_count = read_digits();
  if (digit_count == 0 || (digit_count > 1 && *digits == '0')) return false;
  number->fraction_digits = 0;
  if (p < end && *p == '.') {
    ++p;
    const auto fraction_digits = read_digits();
    if (fraction_digits == 0) return false;
    number->fraction_digits = static_cast<int32_t>(fraction_digits);
    digit_count += fraction_digits;
  }
  number->plain = digit_count <= 18;
  number->mantissa = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  if (p < end && (*p == 'e' || *p == 'E')) {
    number->plain = false;
    ++p;
    if (p < end && (*p == '+' || *p == '-')) ++p;
    if (read_digits() == 0) return false;
  }
  number->text = std::string_view(begin, static_cast<size_t>(p - begin));
  return true;
}

JsonError JsonReader::ReadLiteral(JsonType type) {
  const std::string_view literal = JsonTypeName(type);
  if (static_cast<size_t>(end_ - p_) < literal.size() ||
      std::memcmp(p_, literal.data(), literal.size()) != 0) {
    return JsonError::kSyntax;
  }
  p_ += literal.size();
  return JsonError::kNone;
}

JsonError JsonReader::Skip(int depth, std::string_view* raw) {
  const JsonType type = Peek();
  const char* const begin = p_;
  JsonError error = JsonError::kNone;
  switch (type) {
    case JsonType::kObject:
      error = SkipObject(depth);
      break;
    case JsonType::kArray:
      error = SkipArray(depth);
      break;
    case JsonType::kString: {
      std::string_view ignored;
      error = ReadString(&ignored);
      break;
    }
    case JsonType::kNumber: {
      JsonNumber ignored;
      error = ReadNumber(&ignored);
      break;
    }
    case JsonType::kTrue:
    case JsonType::kFalse:
    case JsonType::kNull:
      error = ReadLiteral(type);
      break;
    case JsonType::kNone:
      return JsonError::kSyntax;
  }
  if (raw != nullptr) *raw = std::string_view(begin, static_cast<size_t>(p_ - begin));
  return error;
}

JsonError JsonReader::SkipObject(int depth) {
  if (depth >= max_depth_) return JsonError::kTooDeep;
  ++p_;
  if (Consume('}')) return JsonError::kNone;
  MemberNames names;
  do {
    if (Peek() != JsonType::kString) return JsonError::kSyntax;
    std::string_view name;
    if (const JsonError error = ReadString(&name); error != JsonError::kNone) return error;
    if (!Consume(':')) return JsonError::kSyntax;
    if (!names.Insert(name)) return JsonError::kDuplicateMember;
    if (const JsonError error = Skip(depth + 1, nullptr); error != JsonError::kNone) return error;
  } while (Consume(','));
  return Consume('}') ? JsonError::kNone : JsonError::kSyntax;
}

JsonError JsonReader::SkipArray(int depth) {
  if (depth >= max_depth_) return JsonError::kTooDeep;
  ++p_;
  if (Consume(']')) return JsonError::kNone;
  do {
    if (const JsonError error = Skip(depth + 1, nullptr); error != JsonError::kNone) return error;
  } while (Consume(','));
  return Consume(']') ? JsonError::kNone : JsonError::kSyntax;
}

bool MemberNames::Insert(std::string_view name) {
  constexpr size_t kLinear = 16;
  if (!table_.empty()) return InsertHashed(name);
  for (const std::string_view seen : names_) {
    if (seen == name) return false;
  }
  names_.push_back(name);
  if (names_.size() == kLinear) Rehash(kLinear * 4);
  return true;
}

bool MemberNames::InsertHashed(std::string_view name) {
  if (names_.size() * 2 > table_.size()) Rehash(table_.size() * 2);
  const size_t mask = table_.size() - 1;
  size_t slot = XXH3_64bits(name.data(), name.size()) & mask;
  for (; table_[slot] != 0; slot = (slot + 1) & mask) {
    if (names_[table_[slot] - 1] == name) return false;
  }
  names_.push_back(name);
  table_[slot] = static_cast<uint32_t>(names_.size());
  return true;
}

void MemberNames::Rehash(size_t slots) {
  table_.assign(slots, 0);
  for (size_t i = 0; i < names_.size(); ++i) {
    size_t slot = XXH3_64bits(names_[i].data(), names_[i].size()) & (slots - 1);
    while (table_[slot] != 0) slot = (slot + 1) & (slots - 1);
    table_[slot] = static_cast<uint32_t>(i + 1);
  }
}

}  // namespace forebay
