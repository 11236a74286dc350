#include "contract/reason.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(Reason, NamesAreFixed) {
  // Lakes and receipts store these names: add new ones, but never change one.
  std::vector<std::string_view> names;
  for (const Reason reason : AllReasons()) names.push_back(ReasonName(reason));
  EXPECT_THAT(
      names, testing::ElementsAre("not_utf8", "not_json", "not_an_object", "duplicate_member", "too_deep",
                                  "too_large", "missing_field", "wrong_type", "out_of_range", "bad_timestamp",
                                  "not_in_enum", "pattern_mismatch", "bad_length"));
}

TEST(Reason, NamesAndReasonsAreOneToOne) {
  for (const Reason reason : AllReasons()) EXPECT_EQ(ReasonFromName(ReasonName(reason)), reason);
  EXPECT_EQ(ReasonFromName("NOT_JSON"), std::nullopt);
  EXPECT_EQ(ReasonFromName(""), std::nullopt);
}

}  // namespace
}  // namespace forebay
