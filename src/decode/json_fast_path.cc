#include "decode/json_fast_path.h"

#include "decode/values.h"

namespace forebay {
namespace {

// Skips the white space that most programs write: none, or one space after ':' and ','.
const char* SkipOneSpace(const char* p, const char* end) {
  return p + (p != end && *p == ' ' ? 1 : 0);
}

// True if a value that was read up to `p` certainly ends there.
bool Ended(const char* p, const char* end) {
  return p != end && (*p == ',' || *p == '}');
}

// Computes the number times 10^scale; false if the result is not exact, or might not fit. REQUIRES:
// number.plain.
bool ScaleFastNumber(const JsonNumber& number, int32_t scale, int64_t* value) {
  constexpr int32_t kMaxShift = 18;  // of 64 bits
  const int32_t shift = scale - number.fraction_digits;
  if (shift < 0 || shift > kMaxShift) return false;
  return !__builtin_mul_overflow(number.mantissa,
                                 static_cast<int64_t>(kPowersOfTen[static_cast<size_t>(shift)]), value);
}

// Computes the double nearest to the number; false if a single division might not yield it. Both operands are
// exact, and the division rounds once: W. D. Clinger, "How to Read Floating Point Numbers Accurately", PLDI
// 1990. REQUIRES: number.plain.
bool FastDouble(const JsonNumber& number, double* value) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (number.mantissa > kExact || number.mantissa < -kExact) return false;
  // At most 10^18, which fits 64 bits and is exact as a double.
  const auto power = static_cast<int64_t>(kPowersOfTen[static_cast<size_t>(number.fraction_digits)]);
  *value = static_cast<double>(number.mantissa) / static_cast<double>(power);
  if (number.mantissa == 0 && number.text.front() == '-') *value = -0.0;
  return true;
}

// Each of these returns the end of the value, at a comma or closing brace. Returns null and leaves the slots
// unchanged if the value is not one for the fast path.

const char* AcceptFastString(JsonNode& node, const char* p, const char* end, RowBuilder& row) {
  if (p == end || *p != '"') return nullptr;
  const char* const close = JsonReader::FindSpecial(p + 1, end);
  if (close == end || *close != '"' || !Ended(close + 1, end)) return nullptr;
  const std::string_view text(p + 1, static_cast<size_t>(close - p - 1));
  const FastPathRules& rules = node.fast;
  Slot slot = Slot::String(text);
  if (rules.kind == FastPathRules::Kind::kText) {
    const auto size = static_cast<int64_t>(text.size());
    if (size < rules.min || size > rules.max) return nullptr;
  } else if (rules.kind == FastPathRules::Kind::kCached) {
    const auto code = node.accepted->Find(text);
    if (!code) return nullptr;
    slot = Slot::String(text, *code);
  } else {
    int64_t micros = 0;
    if (!ParseRfc3339(text, &node.known_date, &micros) || micros < rules.min || micros > rules.max)
      return nullptr;
    slot = Slot::Int(micros);
  }
  row.Push(node.index, slot);
  return close + 1;
}

const char* AcceptFastNumber(const JsonNode& node, const char* p, const char* end, RowBuilder& row) {
  JsonNumber number;
  if (!JsonReader::ScanNumber(&p, end, &number) || !number.plain || !Ended(p, end)) return nullptr;
  const FastPathRules& rules = node.fast;
  Slot slot = Slot::Null();
  if (rules.kind == FastPathRules::Kind::kDouble) {
    double value = 0;
    if (!FastDouble(number, &value)) return nullptr;
    slot = Slot::Double(value);
  } else {
    int64_t value = 0;
    if (!ScaleFastNumber(number, rules.scale, &value) || value < rules.min || value > rules.max)
      return nullptr;
    slot = rules.kind == FastPathRules::Kind::kInteger ? Slot::Int(value) : Slot::Decimal(value);
  }
  row.Push(node.index, slot);
  return p;
}

const char* AcceptFastBoolean(const JsonNode& node, const char* p, const char* end, RowBuilder& row) {
  const std::string_view rest(p, static_cast<size_t>(end - p));
  const bool is_true = rest.starts_with("true");
  if (!is_true && !rest.starts_with("false")) return nullptr;
  const char* const behind = p + (is_true ? 4 : 5);
  if (!Ended(behind, end)) return nullptr;
  row.Push(node.index, Slot::Int(is_true ? 1 : 0));
  return behind;
}

const char* AcceptFastValue(JsonNode& node, const char* p, const char* end, RowBuilder& row) {
  switch (node.fast.kind) {
    case FastPathRules::Kind::kText:
    case FastPathRules::Kind::kCached:
    case FastPathRules::Kind::kTime:
      return AcceptFastString(node, p, end, row);
    case FastPathRules::Kind::kInteger:
    case FastPathRules::Kind::kDecimal:
    case FastPathRules::Kind::kDouble:
      return AcceptFastNumber(node, p, end, row);
    case FastPathRules::Kind::kBoolean:
      return AcceptFastBoolean(node, p, end, row);
    case FastPathRules::Kind::kNone:
      break;
  }
  return nullptr;
}

}  // namespace

bool AcceptFastMembers(JsonNode& object, JsonReader& reader, int* previous, MemberSet& present,
                       RowBuilder& row) {
  const char* const end = reader.end();
  const char* p = reader.position();
  int at = *previous;
  bool closed = false;
  while (!closed) {
    const int predicted = object.members.MatchPredicted(at, p, end);
    if (predicted == MemberLookup::kUnknown) break;
    const auto member = static_cast<size_t>(predicted);
    MemberSet::Entry entry = present.Find(member);
    if (entry.present()) break;
    const char* const value = SkipOneSpace(p + object.members.written_size(predicted), end);
    const char* const behind = AcceptFastValue(object.children[member], value, end, row);
    if (behind == nullptr) break;
    entry.Insert();
    at = predicted;
    closed = *behind == '}';
    p = closed ? behind + 1 : SkipOneSpace(behind + 1, end);
  }
  *previous = at;
  reader.set_position(p);
  return closed;
}

}  // namespace forebay
