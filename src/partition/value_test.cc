#include "partition/value.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace forebay {
namespace {

Field FieldOf(FieldType type) {
  Field field;
  field.name = "field";
  field.type = type;
  return field;
}

TEST(PartitionValue, TransformsOfTimes) {
  const int64_t half_past_seven = int64_t{20'391} * kMicrosPerDay + 15 * kMicrosPerHour / 2;
  const Field timestamp = FieldOf(FieldType::kTimestamp);
  EXPECT_EQ(FormatPartitionValue(timestamp, PartitionTransform::kDate, half_past_seven), "2025-10-30");
  EXPECT_EQ(FormatPartitionValue(timestamp, PartitionTransform::kHour, half_past_seven), "2025-10-30-07");
  EXPECT_EQ(FormatPartitionValue(timestamp, PartitionTransform::kHour, int64_t{-1}), "1969-12-31-23");
  const Field date = FieldOf(FieldType::kDate);
  EXPECT_EQ(FormatPartitionValue(date, PartitionTransform::kDate, int64_t{-1}), "1969-12-31");
}

TEST(PartitionValue, IdentitiesAreParsedToTheSameValue) {
  const std::pair<FieldType, PartitionValue> values[] = {
      {FieldType::kString, "New York"},   {FieldType::kString, ""},
      {FieldType::kInteger, INT64_MIN},   {FieldType::kInteger, int64_t{42}},
      {FieldType::kBoolean, int64_t{0}},  {FieldType::kBoolean, int64_t{1}},
      {FieldType::kDate, int64_t{20391}}, {FieldType::kDate, int64_t{-719'528}}};
  for (const auto& [type, value] : values) {
    const Field field = FieldOf(type);
    const std::string text = FormatPartitionValue(field, PartitionTransform::kIdentity, value);
    EXPECT_EQ(ParsePartitionValue(field, text), value) << text;
  }
}

TEST(PartitionValue, OtherTextIsNotAValue) {
  const std::pair<FieldType, const char*> others[] = {{FieldType::kInteger, ""},
                                                      {FieldType::kInteger, "1.0"},
                                                      {FieldType::kInteger, "99999999999999999999"},
                                                      {FieldType::kInteger, "1 "},
                                                      {FieldType::kBoolean, "True"},
                                                      {FieldType::kBoolean, "1"},
                                                      {FieldType::kDate, ""},
                                                      {FieldType::kDate, "2025-02-30"},
                                                      {FieldType::kDate, "2025-10-30-07"},
                                                      {FieldType::kNumber, "1.5"},
                                                      {FieldType::kTimestamp, "2025-10-30T00:00:00Z"}};
  for (const auto& [type, text] : others)
    EXPECT_EQ(ParsePartitionValue(FieldOf(type), text), std::nullopt) << text;
}

}  // namespace
}  // namespace forebay
