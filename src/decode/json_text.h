// A strict JSON (RFC 8259) reader over one complete text: tokens, without a document tree.
//
// The decoder walks a record with it and writes each value straight into a slot. Every function advances the
// cursor past the bytes that it read. After an error the cursor may be anywhere, and the whole text is
// rejected. Not thread-safe; never allocates on the paths that records usually take.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace forebay {

enum class JsonError : uint8_t {
  kNone,
  kSyntax,     // not JSON
  kBadEscape,  // \u escapes of lone surrogates: valid grammar, but not a Unicode string
  kNotUtf8,    // bytes that are not UTF-8
  kTooDeep,
  kDuplicateMember,
};

enum class JsonType : uint8_t { kObject, kArray, kString, kNumber, kTrue, kFalse, kNull, kNone };

std::string_view JsonTypeName(JsonType type);

// A number token; `text` is the token as written in the record.
struct JsonNumber {
  std::string_view text;
  // No exponent, and at most 18 digits: the value is mantissa * 10^-fraction_digits. These two are meaningful
  // only then.
  bool plain = false;
  int64_t mantissa = 0;
  int32_t fraction_digits = 0;
};

class JsonReader {
 public:
  static constexpr int kDefaultMaxDepth = 64;

  // `text` must outlive the reader's use of it. Strings with escapes are unescaped to the end of `arena`,
  // which must have room for text.size() more bytes, so that views into it stay valid.
  void Reset(std::string_view text, std::string* arena, int max_depth);

  // Skips white space and returns the type of the value that begins there; kNone at the end, or at a byte
  // that cannot begin a value.
  JsonType Peek() {
    SkipSpace();
    return p_ == end_ ? JsonType::kNone : kTypeOf[static_cast<unsigned char>(*p_)];
  }

  // Consumes one punctuation byte after white space; false if another byte comes next.
  bool Consume(char punctuation) {
    SkipSpace();
    if (p_ == end_ || *p_ != punctuation) return false;
    ++p_;
    return true;
  }
  bool AtEnd() {
    SkipSpace();
    return p_ == end_;
  }

  // REQUIRES for each: Peek() returned that type.
  JsonError ReadString(std::string_view* value) {
    const char* const begin = ++p_;
    p_ = FindSpecial(p_, end_);
    if (p_ < end_ && *p_ == '"') [[likely]] {
      *value = std::string_view(begin, static_cast<size_t>(p_ - begin));
      ++p_;
      return JsonError::kNone;
    }
    return ReadStringSlow(begin, value);
  }
  JsonError ReadNumber(JsonNumber* number) {
    return ScanNumber(&p_, end_, number) ? JsonError::kNone : JsonError::kSyntax;
  }
  JsonError ReadLiteral(JsonType type);

  // Reads any value with its nested values and checks everything, duplicate members included. Sets `raw` (if
  // not null) to its text.
  JsonError Skip(int depth, std::string_view* raw);

  const char* position() const { return p_; }
  const char* end() const { return end_; }
  // For callers that matched bytes themselves. REQUIRES: position() <= p <= end().
  void set_position(const char* p) { p_ = p; }
  int max_depth() const { return max_depth_; }

  // Moves *p past the number that begins there. Returns false if it is malformed, with *p at the first wrong
  // byte.
  static bool ScanNumber(const char** p, const char* end, JsonNumber* number);
  // The first byte from `p` on that a plain string cannot hold (a quote, a backslash, a control character, or
  // a byte beyond ASCII), or `end`.
  static const char* FindSpecial(const char* p, const char* end) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');
    while (end - p >= 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      // Signed comparison: bytes of 0x80 and above are negative, hence "less than space" as well.
      const __m128i special =
          _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                       _mm_cmplt_epi8(bytes, space));
      const int mask = _mm_movemask_epi8(special);
      if (mask != 0) return p + std::countr_zero(static_cast<unsigned>(mask));
      p += 16;
    }
#endif
    while (p < end && *p != '"' && *p != '\\' && static_cast<signed char>(*p) >= ' ') ++p;
    return p;
  }

 private:
  struct TypeTable {
    JsonType types[256];
    constexpr JsonType operator[](unsigned char byte) const { return types[byte]; }
  };
  static constexpr TypeTable MakeTypeTable() {
    TypeTable table{};
    for (JsonType& type : table.types) type = JsonType::kNone;
    for (unsigned char digit = '0'; digit <= '9'; ++digit) table.types[digit] = JsonType::kNumber;
    table.types[static_cast<unsigned char>('-')] = JsonType::kNumber;
    table.types[static_cast<unsigned char>('{')] = JsonType::kObject;
    table.types[static_cast<unsigned char>('[')] = JsonType::kArray;
    table.types[static_cast<unsigned char>('"')] = JsonType::kString;
    table.types[static_cast<unsigned char>('t')] = JsonType::kTrue;
    table.types[static_cast<unsigned char>('f')] = JsonType::kFalse;
    table.types[static_cast<unsigned char>('n')] = JsonType::kNull;
    return table;
  }
  static const TypeTable kTypeOf;

  void SkipSpace() {
    while (p_ < end_ && static_cast<unsigned char>(*p_) <= ' ' &&
           (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) {
      ++p_;
    }
  }
  JsonError ReadStringSlow(const char* begin, std::string_view* value);
  JsonError ReadEscape();
  JsonError SkipObject(int depth);
  JsonError SkipArray(int depth);

  const char* p_ = nullptr;
  const char* end_ = nullptr;
  std::string* arena_ = nullptr;
  int max_depth_ = kDefaultMaxDepth;
};

constexpr JsonReader::TypeTable JsonReader::kTypeOf = JsonReader::MakeTypeTable();

// The set of member names of one object, to find duplicates: linear while small, hashed when a hostile record
// makes it large. The views must stay valid until Clear().
class MemberNames {
 public:
  void Clear() {
    names_.clear();
    table_.clear();
  }
  // Returns false if the set already holds the name.
  bool Insert(std::string_view name);

 private:
  bool InsertHashed(std::string_view name);
  void Rehash(size_t slots);

  std::vector<std::string_view> names_;
  std::vector<uint32_t> table_;  // index into names_, plus 1; empty while linear search is cheaper
};

}  // namespace forebay
