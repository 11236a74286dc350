// Values that are not as the contract says, where it says what becomes of them.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "decode/record_decoder.h"
#include "decode/testing.h"
#include "decode/values.h"

namespace forebay {
namespace {

using testing::MakeField;
using testing::TestDecoder;

std::optional<int64_t> ParseTimestampOf(const char* text) {
  int64_t micros = 0;
  return ParseRfc3339(text, &micros) ? std::optional(micros) : std::nullopt;
}

TEST(Leniency, TimestampsWithoutAnOffsetAreThoseOfTheDefaultZone) {
  Field local = MakeField("t", FieldType::kTimestamp);
  local.default_zone = "Europe/Berlin";
  TestDecoder decoder({local});
  const std::pair<const char*, const char*> cases[] = {
      {"2025-07-01 12:00", "2025-07-01T10:00:00Z"},
      {"2025-01-01T12:00:00.5", "2025-01-01T11:00:00.500Z"},
      {"2025-10-26T02:30:00", "2025-10-26T00:30:00Z"},  // comes twice: the first
      {"2025-03-30T02:30:00", "2025-03-30T01:30:00Z"},  // is skipped: 03:30
      {"2025-07-01T12:00:00Z", "2025-07-01T12:00:00Z"}};
  for (const auto& [text, instant] : cases) {
    ASSERT_EQ(decoder.VerdictOfMembers(std::string("\"t\":\"") + text + "\""), "row") << text;
    EXPECT_EQ(decoder.slot(0).as_int(), *ParseTimestampOf(instant)) << text;
  }
}

Field Lenient(Field field) {
  field.null_if_wrong = true;
  return field;
}

TEST(Leniency, WrongValuesOfLenientFieldsBecomeNullAndAreKept) {
  Field object = Lenient(MakeField("o", FieldType::kObject));
  object.fields = {MakeField("x", FieldType::kInteger, true), MakeField("y", FieldType::kString)};
  TestDecoder decoder(
      {Lenient(MakeField("n", FieldType::kInteger)), object, MakeField("s", FieldType::kString)});
  ASSERT_EQ(decoder.VerdictOfMembers(R"("n": "six" ,"o":{"y":"a","z":1},"s":"t")"), "row");
  EXPECT_TRUE(decoder.slot(0).is_null());
  EXPECT_TRUE(decoder.slot(1).is_null()) << "x is missing";
  EXPECT_EQ(decoder.decoder->extra(), R"({"n":"six","o":{"y":"a","z":1}})") << "z is in the object";
  EXPECT_EQ(decoder.decoder->TakeUnknownMembers(),
            (std::map<std::string, int64_t>{{"n (became null)", 1}, {"o (became null)", 1}}));
  ASSERT_EQ(decoder.VerdictOfMembers(R"("n":6,"o":{"x":1,"z":1},"s":"t")"), "row");
  EXPECT_EQ(decoder.slot(0).as_int(), 6);
  EXPECT_EQ(decoder.decoder->extra(), R"({"/o/z":1})");
  EXPECT_NE(decoder.VerdictOfMembers(R"("s":5,"n":"six")"), "row") << "another field is wrong, too";
  EXPECT_EQ(decoder.decoder->rejection().all.size(), 1u) << "the lenient one is no violation";
  EXPECT_NE(decoder.VerdictOfMembers(R"("n":{"a":1,"a":2})"), "row") << "not JSON without doubled members";
}

TEST(Leniency, CoercesWhatTheFieldAllows) {
  Field number = MakeField("n", FieldType::kInteger);
  number.coercions.numbers_in_strings = number.coercions.empty_as_null = true;
  Field flag = MakeField("f", FieldType::kBoolean);
  flag.coercions.numbers_as_booleans = true;
  Field text = MakeField("t", FieldType::kString);
  text.coercions.empty_as_null = true;
  TestDecoder decoder({number, flag, text, MakeField("strict", FieldType::kInteger)});
  ASSERT_EQ(decoder.VerdictOfMembers(R"("n":"7","f":1,"t":"")"), "row");
  EXPECT_EQ(decoder.slot(0).as_int(), 7);
  EXPECT_EQ(decoder.slot(1).as_int(), 1);
  EXPECT_TRUE(decoder.slot(2).is_null());
  ASSERT_EQ(decoder.VerdictOfMembers(R"("n":"","f":false,"t":" ")"), "row");
  EXPECT_TRUE(decoder.slot(0).is_null());
  EXPECT_EQ(decoder.slot(2).as_string(), " ");
  for (const char* const wrong : {R"("n":" 7")", R"("n":"7x")", R"("n":"0x7")", R"("f":2)", R"("f":"1")",
                                  R"("f":1.0)", R"("strict":"7")", R"("strict":"")"}) {
    EXPECT_NE(decoder.VerdictOfMembers(wrong), "row") << wrong;
  }
}

}  // namespace
}  // namespace forebay
