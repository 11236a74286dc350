#include "decode/member_set.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(MemberSetTest, FindsEachAbsentMember) {
  for (const size_t members : {0, 1, 63, 64, 65, 255, 256, 257, 1000}) {
    MemberSet set(members);
    for (size_t i = 0; i < members; ++i) {
      ASSERT_FALSE(set.Find(i).present());
      if (i % 3 != 0) set.Find(i).Insert();
    }
    size_t absent = 0;
    for (size_t i = set.FirstAbsent(0); i < members; i = set.FirstAbsent(i + 1), ++absent) {
      ASSERT_EQ(i, absent * 3) << members;
      ASSERT_FALSE(set.Find(i).present());
      set.Find(i).Insert();
      ASSERT_TRUE(set.Find(i).present());
    }
    EXPECT_EQ(absent, (members + 2) / 3);
    EXPECT_EQ(set.FirstAbsent(0), members);
  }
}

}  // namespace
}  // namespace forebay
