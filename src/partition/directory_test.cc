#include "partition/directory.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace forebay {
namespace {

TEST(PartitionDirectory, FormatsAndParsesLevels) {
  const std::vector<PartitionLevel> levels = {{"city", "New York/=%"}, {"date", "2025-10-30"}};
  EXPECT_EQ(FormatPartitionDirectory(levels), "city=New%20York%2F%3D%25/date=2025-10-30");
  EXPECT_EQ(ParsePartitionDirectory("city=New%20York%2F%3D%25/date=2025-10-30"), levels);
}

TEST(PartitionDirectory, OfATableWithoutLevelsIsEmpty) {
  EXPECT_EQ(FormatPartitionDirectory({}), "");
  EXPECT_EQ(ParsePartitionDirectory(""), std::vector<PartitionLevel>());
}

TEST(PartitionDirectory, NamesNullAsHiveDoes) {
  const std::vector<PartitionLevel> levels = {{"city", "__HIVE_DEFAULT_PARTITION__"}, {"n", "1"}};
  EXPECT_EQ(FormatPartitionDirectory(levels), "city=__HIVE_DEFAULT_PARTITION__/n=1");
  EXPECT_EQ(ParsePartitionDirectory("city=__HIVE_DEFAULT_PARTITION__/n=1"), levels);
}

TEST(PartitionDirectory, RefusesLevelsThatCannotBeADirectory) {
  EXPECT_EQ(FormatPartitionDirectory({{"date", ""}}), std::nullopt);
  EXPECT_EQ(FormatPartitionDirectory({{"", "x"}}), std::nullopt);
  EXPECT_EQ(FormatPartitionDirectory({{"a/b", "x"}}), std::nullopt);
  EXPECT_EQ(FormatPartitionDirectory({{"..", "x"}}), std::nullopt);
  EXPECT_EQ(FormatPartitionDirectory({{std::string(100, 'n'), std::string(160, 'v')}}), std::nullopt);
  for (const char* other : {"date", "date=", "/date=x", "date=x/", "date=x//country=y", "date=a b",
                            "../date=x", "date=../../etc", "date=x/..", "=x", "date=x=y", "date=%2f"}) {
    EXPECT_EQ(ParsePartitionDirectory(other), std::nullopt) << other;
  }
}

TEST(PartitionDirectory, FindsLevelsByName) {
  const std::vector<PartitionLevel> levels = {{"city", "Bern"}, {"date", "2025-10-30"}};
  ASSERT_NE(FindLevel(levels, "date"), nullptr);
  EXPECT_EQ(*FindLevel(levels, "date"), "2025-10-30");
  EXPECT_EQ(FindLevel(levels, "country"), nullptr);
}

TEST(PartitionDirectory, WithoutLevels) {
  EXPECT_EQ(WithoutLevels("city=Bern/date=2025-10-30", {"date", "hour"}), "city=Bern");
  EXPECT_EQ(WithoutLevels("city=New%20York/date=2025-10-30", {}), "city=New%20York/date=2025-10-30");
  EXPECT_EQ(WithoutLevels("date=2025-10-30", {"date"}), "");
  EXPECT_EQ(WithoutLevels("no directory", {"date"}), "no directory");
}

TEST(PartitionDirectory, TheDayOfARejectedRecord) {
  EXPECT_EQ(QuarantineDay(86'400'000), 1);
  EXPECT_EQ(QuarantineDay(86'399'999), 0);
  EXPECT_EQ(QuarantineDay(-1), 0);
}

TEST(PartitionDirectory, OfADay) {
  EXPECT_EQ(DateDirectory(20'391), "date=2025-10-30");
  EXPECT_EQ(ParsePartitionDirectory(DateDirectory(0)),
            (std::vector<PartitionLevel>{{"date", FormatDate(0)}}));
}

}  // namespace
}  // namespace forebay
