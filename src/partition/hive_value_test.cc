#include "partition/hive_value.h"

#include <gtest/gtest.h>

#include <random>

namespace forebay {
namespace {

TEST(HiveValue, PlainTextIsUnchanged) {
  EXPECT_EQ(EncodePartitionValue("2025-10-30"), "2025-10-30");
  EXPECT_EQ(EncodePartitionValue("a.B_c-9"), "a.B_c-9");
}

TEST(HiveValue, EverythingElseInAsciiIsEscaped) {
  EXPECT_EQ(EncodePartitionValue("New York"), "New%20York");
  EXPECT_EQ(EncodePartitionValue("a/b=c%d"), "a%2Fb%3Dc%25d");
  EXPECT_EQ(EncodePartitionValue("x:y*?[z]\n\x7f+~"), "x%3Ay%2A%3F%5Bz%5D%0A%7F%2B%7E");
}

TEST(HiveValue, NonAsciiCharactersAreUnchanged) {
  EXPECT_EQ(EncodePartitionValue("S\xc3\xa3o Paulo"), "S\xc3\xa3o%20Paulo");
  EXPECT_EQ(EncodePartitionValue("\xf0\x9f\x8c\x8a"), "\xf0\x9f\x8c\x8a");
}

TEST(HiveValue, UnencodableValuesAreRejected) {
  EXPECT_EQ(EncodePartitionValue(""), std::nullopt);
  EXPECT_EQ(EncodePartitionValue("__HIVE_DEFAULT_PARTITION__"), std::nullopt);
  EXPECT_EQ(EncodePartitionValue(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(HiveValue, LengthCountsWhenEncoded) {
  EXPECT_TRUE(EncodePartitionValue(std::string(200, 'x')));
  EXPECT_FALSE(EncodePartitionValue(std::string(201, 'x')));
  EXPECT_TRUE(EncodePartitionValue(std::string(66, ' ')));
  EXPECT_FALSE(EncodePartitionValue(std::string(67, ' ')));
}

TEST(HiveValue, OnlyUtf8IsEncoded) {
  for (const char* bad : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xff", "ok\xe2\x82"}) {
    EXPECT_EQ(EncodePartitionValue(bad), std::nullopt) << bad;
  }
}

TEST(HiveValue, DotsStayBelowTheParent) {
  // The directory is named "name=..", a single path component below its parent.
  EXPECT_EQ(EncodePartitionValue(".."), "..");
  EXPECT_EQ(EncodePartitionValue("../.."), "..%2F..");
}

TEST(HiveValue, DecodingIsTheInverseAndAcceptsNothingElse) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string value;
    for (size_t i = random() % 12; i-- > 0;) value += static_cast<char>(random() % 127 + 1);
    if (round % 3 == 0) value += "\xe2\x82\xac";
    const auto encoded = EncodePartitionValue(value);
    if (!encoded) continue;
    EXPECT_EQ(DecodePartitionValue(*encoded), value);
    EXPECT_EQ(encoded->find_first_of("/=*?[]{}\\: "), std::string::npos);
  }
  for (const char* other :
       {"", "%2f", "%41", "%", "%2", "a b", "a/b", "%GG", "%00", "__HIVE_DEFAULT_PARTITION__"}) {
    EXPECT_EQ(DecodePartitionValue(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace forebay
