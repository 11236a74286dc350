// The fast path must accept exactly the values that full validation accepts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decode/testing.h"

namespace forebay {
namespace {

using testing::MakeField;
using testing::TestDecoder;

// The lookup learns the order of members, and forgets orders that no longer occur.
TEST(JsonFastPathTest, FollowsRecordsOfSeveralShapes) {
  TestDecoder decoder({MakeField("a", FieldType::kInteger), MakeField("b", FieldType::kInteger),
                       MakeField("c", FieldType::kInteger), MakeField("d", FieldType::kInteger)});
  const std::vector<std::string> shapes = {R"("a":1,"b":2,"c":3,"d":4)", R"("b":2,"d":4)", R"("d":4,"a":1)",
                                           R"("c":3)", R"("c":3,"b":2,"a":1)"};
  for (int round = 0; round < 3; ++round) {
    for (const std::string& shape : shapes) {
      ASSERT_EQ(decoder.VerdictOfMembers(shape), "row") << shape;
      for (size_t i = 0; i < 4; ++i) {
        const std::string name(1, static_cast<char>('a' + i));
        ASSERT_EQ(decoder.slot(i).is_null(), shape.find(name) == std::string::npos) << shape << " " << name;
        if (!decoder.slot(i).is_null()) {
          ASSERT_EQ(decoder.slot(i).as_int(), static_cast<int64_t>(i) + 1);
        }
      }
      const std::string repeated = shape + "," + shape;
      ASSERT_EQ(decoder.VerdictOfMembers(repeated), "duplicate_member") << shape;
      ASSERT_EQ(decoder.VerdictOfMembers(repeated + R"(,"more":"of some length")"), "duplicate_member")
          << shape;
    }
  }
}

TEST(JsonFastPathTest, DistinguishesLongNames) {
  TestDecoder decoder({MakeField("a_name_as_long_as_this_one", FieldType::kInteger),
                       MakeField("a_name_as_long_as_this_two", FieldType::kInteger)});
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(decoder.VerdictOfMembers(
                  R"("a_name_as_long_as_this_two":2,"a_name_as_long_as_this_one":1,"more":"of some length")"),
              "row");
    ASSERT_EQ(decoder.slot(0).as_int(), 1);
    ASSERT_EQ(decoder.slot(1).as_int(), 2);
    ASSERT_EQ(decoder.VerdictOfMembers(R"("a_name_as_long_as_this_too":2,"more":"of some length")"), "row");
    ASSERT_TRUE(decoder.slot(0).is_null());
    ASSERT_TRUE(decoder.slot(1).is_null());
  }
}

// A field `v` of every type, with and without rules.
std::vector<Field> EveryField() {
  std::vector<Field> fields;
  for (const FieldType type :
       {FieldType::kString, FieldType::kInteger, FieldType::kNumber, FieldType::kDecimal, FieldType::kBoolean,
        FieldType::kDate, FieldType::kTimestamp}) {
    fields.push_back(MakeField("v", type));
  }
  const auto add = [&](FieldType type) -> Field& { return fields.emplace_back(MakeField("v", type)); };
  Field& limited = add(FieldType::kString);
  limited.min_length = 2;
  limited.max_length = 4;
  add(FieldType::kString).enum_values = {"ab", "abc"};
  add(FieldType::kString).pattern = "^a";
  add(FieldType::kInteger).bits = 32;
  Field& bounded = add(FieldType::kInteger);
  bounded.minimum = Bound{.exact = 0, .exclusive = true};
  bounded.maximum = Bound{.exact = 12, .exclusive = true};
  add(FieldType::kInteger).minimum = Bound{.exact = INT64_MAX, .exclusive = true};
  add(FieldType::kDecimal).minimum = Bound{.exact = 0};
  Field& fine = add(FieldType::kDecimal);
  fine.precision = 38;
  fine.scale = 20;
  add(FieldType::kNumber).maximum = Bound{.number = 0.5};
  add(FieldType::kTimestamp).minimum = Bound{.exact = testing::kKafkaMs * 1000};
  add(FieldType::kTimestamp).timestamp_format = TimestampFormat::kEpochMillis;
  return fields;
}

// Values as written in a record: valid ones, invalid ones, and text that is not JSON.
std::vector<std::string> EveryValue() {
  std::vector<std::string> values = {R"("")",
                                     R"("a")",
                                     R"("ab")",
                                     R"("abc")",
                                     R"("abcd")",
                                     R"("abcde")",
                                     R"("a b")",
                                     R"("a\"b")",
                                     R"("a\n")",
                                     R"("zz")",
                                     "\"a\xC3\xBC\"",
                                     "\"a\xC3\"",
                                     "\"a\tb\"",
                                     R"("2025-10-30")",
                                     R"("2025-02-29")",
                                     R"("2025-10-30T12:00:00Z")",
                                     R"("2025-10-30T12:00:00.123456789+05:30")",
                                     R"("2025-10-30T11:59:59Z")",
                                     R"("2025-10-30T12:00:00")",
                                     R"("2016-12-31T23:59:60Z")"};
  for (const char* other : {"null", "true", "false", "tru", "falsey", "{}", "[]",  "nul", "\"",  "",
                            "-",    "+1",   ".5",    "1.",  "1.e5",   "01", "-01", "00",  "1 2", "1x"}) {
    values.emplace_back(other);
  }
  for (const char* number : {"0",
                             "1",
                             "7",
                             "11",
                             "12",
                             "13",
                             "5.0",
                             "5.5",
                             "0.5",
                             "0.25",
                             "0.1",
                             "3.90",
                             "3.905",
                             "3.900",
                             "1e2",
                             "1E-2",
                             "0.30000000000000004",
                             "2147483647",
                             "2147483648",
                             "9007199254740992",
                             "9007199254740993",
                             "123888469.51962925",
                             "9999999999.99",
                             "10000000000",
                             "999999999999999999",
                             "1000000000000000000",
                             "9223372036854775807",
                             "9223372036854775808",
                             "123456789012345678.5",
                             "0.000000000000000001",
                             "0.12345678901234567890",
                             "18446744073709551617",
                             "1761825600000",
                             "0.00",
                             "1.7976931348623157e308"}) {
    values.emplace_back(number);
    values.emplace_back("-" + std::string(number));
  }
  return values;
}

// The verdict, or the complete value of an accepted record.
std::string Read(TestDecoder& decoder, const std::string& member) {
  const std::string verdict = decoder.VerdictOfMembers(member);
  if (verdict != "row" || decoder.slot(0).is_null()) return verdict;
  const Slot& slot = decoder.slot(0);
  switch (decoder.table.fields.back().type) {
    case FieldType::kString:
      return fmt::format("'{}' {}", slot.as_string(), slot.enum_code());
    case FieldType::kNumber:
      return fmt::format("{:a}", slot.as_double());
    default:
      return fmt::format("{} {}", static_cast<int64_t>(slot.as_decimal() >> 64), slot.as_int());
  }
}

TEST(JsonFastPathTest, AgreesWithFullValidation) {
  int accepted = 0;
  for (const Field& field : EveryField()) {
    TestDecoder decoder({field});
    for (const std::string& value : EveryValue()) {
      // The fast path does not handle more than one space.
      const std::string validated = Read(decoder, "\"v\"  :  " + value + "  ");
      EXPECT_EQ(Read(decoder, "\"v\":" + value), validated) << value << " at the end";
      EXPECT_EQ(Read(decoder, "\"v\":" + value + ",\"more\":1"), validated) << value << " before a comma";
      EXPECT_EQ(Read(decoder, "\"v\": " + value + ", \"more\": 1"), validated) << value << " with spaces";
      accepted += decoder.VerdictOfMembers("\"v\":" + value) == "row" ? 1 : 0;
    }
  }
  EXPECT_GT(accepted, 400);
}

}  // namespace
}  // namespace forebay
