// A strict JSON (RFC 8259) reader over one complete text: the tokens, without a document tree.
//
// The decoder walks a record with it and takes each value straight into a column. All functions advance the
// cursor past what they read, or leave it anywhere and report an error: after an error the text is refused as
// a whole. Not thread-safe; never allocates on the paths that records usually take.
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

// What a number token looks like; `text` is the token as it stands in the record.
struct JsonNumber {
  std::string_view text;
  // No exponent, and at most 18 digits: it is mantissa * 10^-fraction_digits. Only then are these two to be
  // read.
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

  // The type of the value that begins here, after white space. kNone at the end or at a byte that begins no
  // value.
  JsonType Peek() {
    SkipSpace();
    return p_ == end_ ? JsonType::kNone : kTypeOf[static_cast<unsigned char>(*p_)];
  }

  // Consumes one punctuation byte after white space; false if it is not there.
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

  // REQUIRES for each: Peek() said so.
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

  // Reads any value with all that is in it; checks everything, duplicate members included. Sets `raw` (if not
  // null) to its text.
  JsonError Skip(int depth, std::string_view* raw);

  const char* position() const { return p_; }
  const char* end() const { return end_; }
  // For callers that matched bytes themselves. REQUIRES: position() <= p <= end().
  void set_position(const char* p) { p_ = p; }
  int max_depth() const { return max_depth_; }

  // Moves *p behind the number that begins there; false, and *p stands where it went wrong, if none does.
  static bool ScanNumber(const char** p, const char* end, JsonNumber* number);
  // The first byte that a plain string cannot hold: quote, backslash, control character, or beyond ASCII.
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

// A set of member names of one object, for finding duplicates: linear while small, hashed when a hostile
// record makes it large. The views must stay valid until Clear().
class MemberNames {
 public:
  void Clear() {
    names_.clear();
    table_.clear();
  }
  // False if the name was there already.
  bool Insert(std::string_view name);

 private:
  bool InsertHashed(std::string_view name);
  void Rehash(size_t slots);

  std::vector<std::string_view> names_;
  std::vector<uint32_t> table_;  // index + 1 into names_; empty while linear search is cheaper
};

}  // namespace forebay
