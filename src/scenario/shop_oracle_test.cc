#include "scenario/shop_oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/src.hpp>
#include <cmath>
#include <optional>
#include <regex>
#include <set>

#include "base/time.h"

namespace forebay {
namespace {

namespace json = boost::json;

enum class Kind { kText, kInteger, kMoney, kRate, kFlag, kInstant, kDate, kObject, kList };

struct Rule {
  const char* name;
  Kind kind;
  bool required = true;
  std::vector<std::string> allowed = {};
  const char* pattern = nullptr;
  size_t least_length = 0;
  size_t most_length = SIZE_MAX;
  double least = -INFINITY;
  double most = INFINITY;
  std::vector<Rule> members = {};
};

constexpr const char* kCountryPattern = "[A-Z]{2}";
constexpr const char* kCurrencyPattern = "[A-Z]{3}";

const std::vector<Rule>& ClickRules() {
  static const std::vector<Rule> rules = {
      {"event_id", Kind::kText},
      {"event_time", Kind::kInstant},
      {"event_type", Kind::kText, true, {"search", "view", "cart", "checkout"}},
      {"user_id", Kind::kText, true, {}, nullptr, 2, 20},
      {"session_id", Kind::kText},
      {"product_id", Kind::kText, false},
      {"category", Kind::kText, false},
      {"search_query", Kind::kText, false, {}, nullptr, 0, 200},
      {"price", Kind::kMoney, false, {}, nullptr, 0, SIZE_MAX, 0, 9'999'999'999.99},
      {"currency", Kind::kText, false, {}, kCurrencyPattern},
      {"quantity", Kind::kInteger, false, {}, nullptr, 0, SIZE_MAX, 1, 1000},
      {"country", Kind::kText, true, {}, kCountryPattern},
      {"device", Kind::kText, true, {"desktop", "mobile", "tablet"}},
      {"page", Kind::kText},
  };
  return rules;
}

const std::vector<Rule>& OrderRules() {
  constexpr double kMaxMoney = 999'999'999'999.99;
  static const std::vector<Rule> customer = {{"segment", Kind::kText, true, {"new", "returning", "vip"}},
                                             {"since", Kind::kDate, false},
                                             {"newsletter", Kind::kFlag}};
  static const std::vector<Rule> item = {
      {"product_id", Kind::kText},
      {"quantity", Kind::kInteger, true, {}, nullptr, 0, SIZE_MAX, 1, 1000},
      {"unit_price", Kind::kMoney, true, {}, nullptr, 0, SIZE_MAX, 0, 9'999'999'999.99},
      {"discount_rate", Kind::kRate, false, {}, nullptr, 0, SIZE_MAX, 0, 1}};
  static const std::vector<Rule> rules = {
      {"order_id", Kind::kText},
      {"order_time", Kind::kInstant},
      {"user_id", Kind::kText},
      {"session_id", Kind::kText},
      {"status", Kind::kText, true, {"placed", "paid", "cancelled"}},
      {"country", Kind::kText, true, {}, kCountryPattern},
      {"currency", Kind::kText, true, {}, kCurrencyPattern},
      {"customer", Kind::kObject, true, {}, nullptr, 0, SIZE_MAX, -INFINITY, INFINITY, customer},
      {"items", Kind::kList, true, {}, nullptr, 0, SIZE_MAX, -INFINITY, INFINITY, item},
      {"subtotal", Kind::kMoney, true, {}, nullptr, 0, SIZE_MAX, -kMaxMoney, kMaxMoney},
      {"shipping", Kind::kMoney, true, {}, nullptr, 0, SIZE_MAX, -kMaxMoney, kMaxMoney},
      {"total", Kind::kMoney, true, {}, nullptr, 0, SIZE_MAX, 0, kMaxMoney},
      {"coupon", Kind::kText, false, {}, nullptr, 0, 40}};
  return rules;
}

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Well-formed UTF-8 as defined by table 3-7 of the Unicode Standard.
bool IsUtf8(std::string_view text) {
  const auto at = [text](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  for (size_t i = 0; i < text.size();) {
    const unsigned lead = at(i++);
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at(i) < low || at(i) > high) return false;
    ++i;
    for (int more = lead < 0xe0 ? 0 : lead < 0xf0 ? 1 : 2; more > 0; --more, ++i) {
      if (at(i) < 0x80 || at(i) > 0xbf) return false;
    }
  }
  return true;
}

size_t DepthOf(const json::value& value) {
  size_t deepest = 0;
  if (value.is_object()) {
    for (const auto& member : value.get_object()) deepest = std::max(deepest, DepthOf(member.value()));
    return deepest + 1;
  }
  if (!value.is_array()) return 0;
  for (const json::value& element : value.get_array()) deepest = std::max(deepest, DepthOf(element));
  return deepest + 1;
}

size_t CountMembers(const json::value& value) {
  size_t count = 0;
  if (value.is_object()) {
    for (const auto& member : value.get_object()) count += 1 + CountMembers(member.value());
  } else if (value.is_array()) {
    for (const json::value& element : value.get_array()) count += CountMembers(element);
  }
  return count;
}

size_t CountNamesIn(std::string_view text) {
  size_t count = 0;
  for (size_t at = text.find("\":"); at != std::string_view::npos; at = text.find("\":", at + 1)) ++count;
  return count;
}

using Broken = std::set<Reason>;

void JudgeMembers(const json::object& object, const std::vector<Rule>& rules, Broken* broken);

void JudgeText(const std::string& text, const Rule& rule, Broken* broken) {
  if (!rule.allowed.empty() && std::count(rule.allowed.begin(), rule.allowed.end(), text) == 0) {
    broken->insert(Reason::kNotInEnum);
  }
  if (rule.pattern != nullptr && !std::regex_match(text, std::regex(rule.pattern))) {
    broken->insert(Reason::kPatternMismatch);
  }
  const size_t length = CountCharacters(text);
  if (length < rule.least_length || length > rule.most_length) broken->insert(Reason::kBadLength);
}

void JudgeNumber(double number, const Rule& rule, Broken* broken) {
  const bool cents = rule.kind != Kind::kMoney || std::fabs(number * 100 - std::round(number * 100)) < 1e-3;
  if (number < rule.least || number > rule.most || !cents) broken->insert(Reason::kOutOfRange);
}

void JudgeValue(const json::value& value, const Rule& rule, Broken* broken) {
  const bool whole = value.is_number() && value.to_number<double>() == std::floor(value.to_number<double>());
  switch (rule.kind) {
    case Kind::kText:
      if (value.is_string()) return JudgeText(std::string(value.get_string()), rule, broken);
      break;
    case Kind::kInteger:
      if (whole) return JudgeNumber(value.to_number<double>(), rule, broken);
      break;
    case Kind::kMoney:
    case Kind::kRate:
      if (value.is_number()) return JudgeNumber(value.to_number<double>(), rule, broken);
      break;
    case Kind::kFlag:
      if (value.is_bool()) return;
      break;
    case Kind::kInstant:
      if (!value.is_string()) break;
      // The year 9999 is well formed, but too far ahead of any Kafka timestamp.
      if (InstantMs(value.get_string()) < 0 || value.get_string().starts_with("9999")) {
        broken->insert(Reason::kBadTimestamp);
      }
      return;
    case Kind::kDate:
      if (!value.is_string()) break;
      if (!ParseDate(std::string_view(value.get_string()))) broken->insert(Reason::kBadTimestamp);
      return;
    case Kind::kObject:
      if (value.is_object()) return JudgeMembers(value.get_object(), rule.members, broken);
      break;
    case Kind::kList:
      if (!value.is_array()) break;
      for (const json::value& element : value.get_array()) {
        if (element.is_object()) {
          JudgeMembers(element.get_object(), rule.members, broken);
        } else {
          broken->insert(Reason::kWrongType);
        }
      }
      return;
  }
  broken->insert(Reason::kWrongType);
}

void JudgeMembers(const json::object& object, const std::vector<Rule>& rules, Broken* broken) {
  for (const Rule& rule : rules) {
    const json::value* value = object.if_contains(rule.name);
    if (value != nullptr && !value->is_null()) {
      JudgeValue(*value, rule, broken);
    } else if (rule.required) {
      broken->insert(Reason::kMissingField);
    }
  }
}

std::vector<Reason> Oracle(std::string_view value, const std::vector<Rule>& rules) {
  constexpr size_t kMaxBytes = 1024 * 1024;
  constexpr size_t kMaxLevels = 64;
  Broken broken;
  if (value.size() > kMaxBytes) broken.insert(Reason::kTooLarge);
  if (!IsUtf8(value) || value.find("\\ud800") != std::string_view::npos) return {Reason::kNotUtf8};
  json::parse_options options;
  options.max_depth = 2000;
  json::error_code error;
  const json::value root = json::parse(json::string_view(value.data(), value.size()), error, {}, options);
  if (error) return {Reason::kNotJson};
  if (!root.is_object()) return {Reason::kNotAnObject};
  if (DepthOf(root) > kMaxLevels) broken.insert(Reason::kTooDeep);
  if (CountMembers(root) != CountNamesIn(value)) broken.insert(Reason::kDuplicateMember);
  JudgeMembers(root.get_object(), rules, &broken);
  return {broken.begin(), broken.end()};
}

}  // namespace

std::vector<Reason> JudgeClick(std::string_view value) {
  return Oracle(value, ClickRules());
}
std::vector<Reason> JudgeOrder(std::string_view value) {
  return Oracle(value, OrderRules());
}

int64_t InstantMs(std::string_view text) {
  static const std::regex form(R"((\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z)");
  std::cmatch parts;
  if (!std::regex_match(text.begin(), text.end(), parts, form)) return -1;
  const std::optional<int32_t> day = ParseDate(parts.str(1));
  const int hours = std::stoi(parts.str(2));
  const int minutes = std::stoi(parts.str(3));
  const int seconds = std::stoi(parts.str(4));
  if (!day || hours > 23 || minutes > 59 || seconds > 59) return -1;
  return *day * kMillisPerDay + (hours * 60 + minutes) * 60'000 + seconds * 1000 + std::stoi(parts.str(5));
}

namespace {

TEST(ShopOracleTest, FindsEveryBrokenRule) {
  const std::string good =
      R"({"event_id":"1","event_time":"2025-03-03T00:00:00.000Z","event_type":"view","user_id":"u1","session_id":"s",)"
      R"("country":"DE","device":"mobile","page":"/"})";
  EXPECT_EQ(JudgeClick(good), std::vector<Reason>());
  EXPECT_EQ(JudgeClick(good + "}"), std::vector<Reason>{Reason::kNotJson});
  EXPECT_EQ(JudgeClick("[]"), std::vector<Reason>{Reason::kNotAnObject});
  EXPECT_EQ(JudgeClick("{}"), std::vector<Reason>{Reason::kMissingField});
  EXPECT_EQ(JudgeClick(R"({"event_time":"","device":1})"),
            (std::vector<Reason>{Reason::kMissingField, Reason::kWrongType, Reason::kBadTimestamp}));
}

}  // namespace
}  // namespace forebay
