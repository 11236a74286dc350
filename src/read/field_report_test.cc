#include "read/field_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FieldReport, AFieldThatIsAlwaysMissingMayBeMisspelled) {
  const FieldSums sums{344, {{"Sex", 344}, {"deck", 12}}, {{"sex", 344}, {"cabin", 300}, {"boat", 344}}};
  EXPECT_THAT(MisspellingHints(sums),
              ElementsAre("`sex` is always missing; `Sex` is unknown in 344 of 344 rows"));
  const std::string text = FieldSumsText(sums, 2);
  EXPECT_THAT(text, HasSubstr("  `sex` is always missing; `Sex` is unknown in 344 of 344 rows: is one"));
  EXPECT_THAT(text, HasSubstr("  fields without a value in any of 344 rows: boat, sex\n"));
  EXPECT_THAT(text, HasSubstr("with their rows: Sex (344), deck (12)\n"));
}

TEST(FieldReport, OnlyMembersOfTheSameObjectAreCompared) {
  const FieldSums sums{9, {{"owner.Sex", 9}, {"items[].Size", 9}}, {{"sex", 9}, {"items[].size", 9}}};
  EXPECT_THAT(MisspellingHints(sums),
              ElementsAre("`items[].size` is always missing; `items[].Size` is unknown in 9 of 9 rows"));
}

TEST(FieldReport, NothingToTellIsNothing) {
  EXPECT_EQ(FieldSumsText({9, {}, {{"sex", 8}}}, 2), "");
  EXPECT_THAT(MisspellingHints({9, {{"Sex", 9}}, {{"sex", 8}}}), IsEmpty());
}

}  // namespace
}  // namespace forebay
