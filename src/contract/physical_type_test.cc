#include "contract/physical_type.h"

#include <gtest/gtest.h>

#include <string>

namespace forebay {
namespace {

using Kind = PhysicalType::Kind;

TEST(PhysicalTypes, KindsInAnySpelling) {
  const std::pair<const char*, Kind> cases[] = {
      {"varchar", Kind::kText},
      {"character varying(30)", Kind::kText},
      {"STRING", Kind::kText},
      {"nvarchar(max)", Kind::kText},
      {"uuid", Kind::kText},
      {"BYTEA", Kind::kBinary},
      {"int", Kind::kInteger},
      {"bigint(20) unsigned", Kind::kInteger},
      {"NUMERIC", Kind::kDecimal},
      {"double precision", Kind::kFloat},
      {"Nullable(Float64)", Kind::kFloat},
      {"bool", Kind::kBoolean},
      {"date", Kind::kDate},
      {"time", Kind::kTime},
      {"TIMESTAMP", Kind::kTimestamp},
      {"TIMESTAMP(6)", Kind::kTimestamp},
      {"timestamp(3)  with time zone", Kind::kInstant},
      {"TIMESTAMP_TZ", Kind::kInstant},
      {"timestamptz", Kind::kInstant},
      {"TIMESTAMP_NTZ(9)", Kind::kLocalTimestamp},
      {"datetime2(7)", Kind::kLocalTimestamp},
      {"STRUCT<a: INT, b: ARRAY<STRING>>", Kind::kObject},
      {"ARRAY<STRING>", Kind::kArray},
      {"text[]", Kind::kArray},
      {"map<string,int>", Kind::kMap},
      {"jsonb", Kind::kJson},
      {"VARIANT", Kind::kJson},
      {"", Kind::kUnknown},
      {"hstore", Kind::kUnknown},
      {"decimal(12", Kind::kUnknown},
      {"(5)", Kind::kUnknown},
  };
  for (const auto& [text, kind] : cases) EXPECT_EQ(ParsePhysicalType(text).kind, kind) << text;
}

TEST(PhysicalTypes, LengthsOfText) {
  EXPECT_EQ(ParsePhysicalType("VARCHAR(255)").length, 255);
  EXPECT_EQ(ParsePhysicalType("varchar2(20 CHAR)").length, 20);
  EXPECT_EQ(ParsePhysicalType("char ( 2 )").length, 2);
  EXPECT_EQ(ParsePhysicalType("nvarchar(max)").length, std::nullopt);
  EXPECT_EQ(ParsePhysicalType("text").length, std::nullopt);
  EXPECT_EQ(ParsePhysicalType("varbinary(16)").length, std::nullopt) << "of bytes, not of text";
}

TEST(PhysicalTypes, SizesOfIntegers) {
  const auto is = [](const char* text, int32_t bits, bool is_unsigned) {
    const PhysicalType type = ParsePhysicalType(text);
    EXPECT_EQ(type.kind, Kind::kInteger) << text;
    EXPECT_EQ(type.bits, bits) << text;
    EXPECT_EQ(type.is_unsigned, is_unsigned) << text;
  };
  is("INT", 32, false);
  is("INT(11)", 32, false);
  is("bigint", 64, false);
  is("SMALLINT", 16, false);
  is("TINYINT(1)", 16, false);
  is("int unsigned", 32, true);
  is("UInt8", 8, true);
  is("INT256", 256, false);
}

TEST(PhysicalTypes, DigitsOfDecimals) {
  const auto is = [](const char* text, std::optional<int32_t> precision, int32_t scale) {
    const PhysicalType type = ParsePhysicalType(text);
    EXPECT_EQ(type.kind, Kind::kDecimal) << text;
    EXPECT_EQ(type.precision, precision) << text;
    EXPECT_EQ(type.scale, scale) << text;
  };
  is("DECIMAL(12,2)", 12, 2);
  is("number( 38 , 18 )", 38, 18);
  is("Decimal(9)", 9, 0);
  is("NUMERIC", std::nullopt, 0);
  is("Decimal64(4)", 18, 4);
  is("BIGNUMERIC(76,38)", 76, 38);
  is("NUMBER(5,-2)", 7, 0);
  is("NUMBER(3,5)", 5, 5);
  is("NUMBER(*,2)", std::nullopt, 0);
}

}  // namespace
}  // namespace forebay
