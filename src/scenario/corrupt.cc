#include "scenario/corrupt.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "base/assert.h"
#include "scenario/json_edit.h"

namespace forebay {
namespace {

constexpr int64_t kDecoderDepth = 64;
constexpr int64_t kDecoderBytes = 1024 * 1024;

// One way to break a rule: this member, with this JSON text as its value.
struct Change {
  const char* member;
  const char* value;
};

template <size_t N>
void ApplyOne(const Change (&changes)[N], Random& random, std::string* value) {
  const Change& change = random.Of(changes);
  SetMember(value, change.member, change.value);
}

std::string Concat(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string InQuotes(std::string_view text) {
  return Concat({"\"", text, "\""});
}

std::string Repeat(std::string_view text, int64_t times) {
  std::string repeated;
  for (int64_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

constexpr const char* kClickFields[] = {"event_id",   "event_time", "event_type", "user_id",
                                        "session_id", "country",    "device",     "page"};
constexpr const char* kOrderFields[] = {"order_id",   "order_time", "user_id",  "session_id", "status",
                                        "country",    "currency",   "customer", "items",      "subtotal",
                                        "shipping",   "total",      "segment",  "newsletter", "quantity",
                                        "product_id", "unit_price"};

const char* RequiredField(ShopTable table, Random& random) {
  return table == ShopTable::kClicks ? random.Of(kClickFields) : random.Of(kOrderFields);
}

void BreakUtf8(Random& random, std::string* value) {
  static constexpr const char* kBad[] = {"\xff",     "\xc3(",        "\xe2\x82",
                                         "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                         "\\ud800"};  // the last one is a lone surrogate
  const std::string bad = InQuotes(Concat({"caf", random.Of(kBad), " au lait"}));
  if (random.Percent(50)) {
    SetMember(value, "session_id", bad);
  } else {
    AppendMember(value, Concat({"\"note\":", bad}));
  }
}

void BreakJson(Random& random, std::string* value) {
  switch (random.Below(8)) {
    case 0:
    case 1:
    case 2: {  // truncated, but not within a character
      size_t size = 1 + random.Below(value->size() - 1);
      while ((static_cast<unsigned char>((*value)[size]) & 0xc0) == 0x80) --size;
      value->resize(size);
      return;
    }
    case 3:
      *value += random.Percent(50) ? '}' : 'x';
      return;
    case 4:
      *value += *value;
      return;
    case 5:
      value->insert(value->end() - 1, ',');
      return;
    case 6:
      AppendMember(value, random.Percent(50) ? "\"score\":NaN" : "\"score\":007");
      return;
    default:
      std::replace(value->begin(), value->end(), '"', '\'');
  }
}

void BreakObject(Random& random, std::string* value) {
  switch (random.Below(5)) {
    case 0:
    case 1:
      *value = Concat({"[", *value, "]"});
      return;
    case 2:
      *value = std::to_string(random.Below(1'000'000));
      return;
    case 3:
      *value = random.Percent(50) ? InQuotes("heartbeat") : Concat({"true"});
      return;
    default:
      *value = Concat({"[]"});
  }
}

void RepeatMember(ShopTable table, Random& random, std::string* value) {
  const std::string member = MemberText(*value, RequiredField(table, random));
  // Inserted beside the original, so that a nested member is repeated within its own object.
  value->insert(value->find(member), Concat({member, ","}));
}

void NestDeeply(Random& random, std::string* value) {
  const int64_t levels = random.Between(kDecoderDepth + 6, 5 * kDecoderDepth);
  const bool arrays = random.Percent(50);
  AppendMember(value, Concat({"\"tree\":", Repeat(arrays ? "[" : "{\"a\":", levels), "0",
                              Repeat(arrays ? "]" : "}", levels)}));
}

void Inflate(Random& random, std::string* value) {
  const int64_t words = (kDecoderBytes + random.Between(8, 65'536)) / 8;
  std::string padding;
  padding.reserve(static_cast<size_t>(words) * 8 + 16);
  padding = "\"padding\":\"";
  for (int64_t i = 0; i < words; ++i) padding += random.Percent(50) ? "Forebay " : "is deep ";
  padding += '"';
  AppendMember(value, padding);
}

void LoseField(ShopTable table, Random& random, std::string* value) {
  const char* field = RequiredField(table, random);
  if (random.Percent(30)) {
    SetMember(value, field, "null");
  } else {
    RemoveMember(value, field);
  }
}

void BreakType(ShopTable table, Random& random, std::string* value) {
  static constexpr Change kClicks[] = {
      {"price", "\"twelve\""}, {"price", "true"},     {"quantity", "\"two\""},
      {"quantity", "1.5"},     {"quantity", "[1]"},   {"session_id", "12345"},
      {"country", "49"},       {"device", "false"},   {"page", "{\"path\":\"/cart\"}"},
      {"event_type", "7"},     {"user_id", "[\"u\"]"}};
  static constexpr Change kOrders[] = {
      {"items", "{}"},          {"items", "\"none\""},     {"customer", "\"vip\""}, {"customer", "[]"},
      {"subtotal", "\"much\""}, {"newsletter", "\"yes\""}, {"newsletter", "1"},     {"total", "true"},
      {"status", "3"},          {"quantity", "\"one\""},   {"quantity", "2.5"},     {"unit_price", "{}"}};
  if (table == ShopTable::kClicks) {
    ApplyOne(kClicks, random, value);
  } else {
    ApplyOne(kOrders, random, value);
  }
}

void BreakRange(ShopTable table, Random& random, std::string* value) {
  static constexpr Change kClicks[] = {{"price", "-12.50"},         {"price", "-0.01"},
                                       {"price", "12345678901.00"}, {"price", "19.999"},
                                       {"quantity", "0"},           {"quantity", "-1"},
                                       {"quantity", "1001"},        {"quantity", "99999999999999999999"}};
  static constexpr Change kOrders[] = {{"total", "-5.00"},      {"total", "0.001"},
                                       {"quantity", "0"},       {"quantity", "1001"},
                                       {"unit_price", "-0.01"}, {"subtotal", "1234567890123.00"},
                                       {"shipping", "4.955"}};
  if (table == ShopTable::kClicks) {
    ApplyOne(kClicks, random, value);
  } else if (random.Percent(15)) {
    // Discount rates are rare: add one to the first item, or corrupt the first existing one.
    const std::string price = MemberText(*value, "unit_price");
    if (!HasMember(*value, "discount_rate")) value->insert(value->find(price), "\"discount_rate\":0,");
    SetMember(value, "discount_rate", random.Percent(50) ? "1.25" : "-0.1");
  } else {
    ApplyOne(kOrders, random, value);
  }
}

void BreakTime(ShopTable table, Random& random, std::string* value) {
  static constexpr const char* kBad[] = {"2025-13-01T10:00:00.000Z",
                                         "2025-02-30T10:00:00.000Z",
                                         "2025-06-01T25:00:00.000Z",
                                         "2025-06-01T10:61:00.000Z",
                                         "2025-06-01T10:00:00.000",
                                         "01.06.2025 10:00",
                                         "yesterday",
                                         ""};
  static constexpr const char* kFarAhead[] = {"9999-12-31T23:59:59.000Z", "9999-01-01T00:00:00.000Z"};
  const char* const time = table == ShopTable::kClicks ? "event_time" : "order_time";
  if (random.Percent(25)) {
    SetMember(value, time, InQuotes(random.Of(kFarAhead)));
  } else if (random.Percent(20) && HasMember(*value, "since")) {
    SetMember(value, "since", random.Percent(50) ? "\"2023-02-29\"" : "\"last year\"");
  } else {
    SetMember(value, time, InQuotes(random.Of(kBad)));
  }
}

void BreakEnum(ShopTable table, Random& random, std::string* value) {
  static constexpr Change kClicks[] = {{"event_type", "\"purchase\""},
                                       {"event_type", "\"VIEW\""},
                                       {"event_type", "\"\""},
                                       {"device", "\"watch\""},
                                       {"device", "\"Desktop\""}};
  static constexpr Change kOrders[] = {{"status", "\"shipped\""},
                                       {"status", "\"PAID\""},
                                       {"status", "\"\""},
                                       {"segment", "\"gold\""},
                                       {"segment", "\"VIP\""}};
  if (table == ShopTable::kClicks) {
    ApplyOne(kClicks, random, value);
  } else {
    ApplyOne(kOrders, random, value);
  }
}

void BreakPattern(Random& random, std::string* value) {
  static constexpr Change kChanges[] = {
      {"country", "\"de\""},   {"country", "\"DEU\""},   {"country", "\"D1\""}, {"country", "\"\""},
      {"currency", "\"eur\""}, {"currency", "\"EURO\""}, {"currency", "\"€\""}};
  ApplyOne(kChanges, random, value);
}

void BreakLength(ShopTable table, Random& random, std::string* value) {
  // Letters of one byte and of two: the length is counted in characters.
  const std::string_view letter = random.Percent(50) ? "x" : "ä";
  if (table == ShopTable::kOrders) {
    SetMember(value, "coupon", InQuotes(Repeat(letter, random.Between(41, 80))));
  } else if (random.Percent(40)) {
    SetMember(value, "search_query", InQuotes(Repeat(letter, random.Between(201, 400))));
  } else {
    SetMember(value, "user_id",
              random.Percent(50) ? InQuotes("u") : InQuotes(Repeat(letter, random.Between(21, 40))));
  }
}

}  // namespace

void Corrupt(ShopTable table, Reason reason, Random random, std::string* value) {
  switch (reason) {
    case Reason::kNotUtf8:
      return BreakUtf8(random, value);
    case Reason::kNotJson:
      return BreakJson(random, value);
    case Reason::kNotAnObject:
      return BreakObject(random, value);
    case Reason::kDuplicateMember:
      return RepeatMember(table, random, value);
    case Reason::kTooDeep:
      return NestDeeply(random, value);
    case Reason::kTooLarge:
      return Inflate(random, value);
    case Reason::kMissingField:
      return LoseField(table, random, value);
    case Reason::kWrongType:
      return BreakType(table, random, value);
    case Reason::kOutOfRange:
      return BreakRange(table, random, value);
    case Reason::kBadTimestamp:
      return BreakTime(table, random, value);
    case Reason::kNotInEnum:
      return BreakEnum(table, random, value);
    case Reason::kPatternMismatch:
      return BreakPattern(random, value);
    case Reason::kBadLength:
      return BreakLength(table, random, value);
  }
  FOREBAY_ASSERT(false);
}

void AddExtraMembers(Random random, std::string* value) {
  static constexpr const char* kExtras[] = {
      "\"app_version\":\"5.12.0\"",
      "\"ab_test\":{\"name\":\"checkout_button\",\"variant\":2}",
      "\"referrer\":\"https://example.com/gifts?utm=1\"",
      "\"utm\":{\"source\":\"newsletter\",\"tags\":[\"spring\",\"sale\"]}",
      "\"screen\":[390,844]",
      "\"loyalty_points\":120",
      "\"is_app\":true",
      "\"load_ms\":48.25",
      "\"opt_in\":null"};
  const uint64_t first = random.Below(std::size(kExtras));
  if (random.Percent(50)) {
    AppendMember(value, kExtras[first]);
  } else {
    PrependMember(value, kExtras[first]);
  }
  if (random.Percent(30))
    AppendMember(value, kExtras[(first + 1 + random.Below(std::size(kExtras) - 1)) % std::size(kExtras)]);
}

}  // namespace forebay
