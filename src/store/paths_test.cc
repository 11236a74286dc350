#include "store/paths.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(Paths, BatchFileNames) {
  EXPECT_EQ(FormatBatchFileName({BatchId(12), 0}), "b00000012-0.parquet");
  EXPECT_EQ(FormatBatchFileName({BatchId(123456789012), 345}), "b123456789012-345.parquet");
  EXPECT_EQ(ParseBatchFileName("b00000012-0.parquet"), (BatchFileName{BatchId(12), 0}));
  EXPECT_EQ(ParseBatchFileName("b123456789012-345.parquet"), (BatchFileName{BatchId(123456789012), 345}));
}

TEST(Paths, OtherSpellingsAreNotBatchFiles) {
  for (const char* name :
       {"b12-0.parquet", "b00000012-00.parquet", "b00000012.parquet", "b00000012-0.parquet.tmp",
        "c00000012-0.parquet", "b00000000-0.parquet", "b-0000012-0.parquet", "b00000012--1.parquet",
        "b00000012-+1.parquet", "b 0000012-0.parquet", "", "b.parquet", ".parquet",
        "b99999999999999999999-0.parquet", "b00000012-99999999999.parquet"}) {
    EXPECT_EQ(ParseBatchFileName(name), std::nullopt) << name;
  }
}

TEST(Paths, StagedNamesAreRandomAndRecognised) {
  const std::string name = RandomStagedName();
  EXPECT_TRUE(IsStagedName(name)) << name;
  EXPECT_NE(name, RandomStagedName());
  for (const char* other :
       {"", "s-.parquet", "s-0123456789abcdef0123456789abcde.parquet",
        "s-0123456789abcdef0123456789abcdeG.parquet", "s-0123456789abcdef0123456789ABCDEF.parquet",
        "s-0123456789abcdef/../../9abcdef.parquet", "b00000012-0.parquet"}) {
    EXPECT_FALSE(IsStagedName(other)) << other;
  }
}

TEST(Paths, TableDirectoryNames) {
  EXPECT_TRUE(IsTableDirectoryName("clicks"));
  EXPECT_TRUE(IsTableDirectoryName("quarantine"));
  for (const char* other : {"", "_forebay", ".", "..", "a/b", ".hidden"})
    EXPECT_FALSE(IsTableDirectoryName(other));
  EXPECT_FALSE(IsTableDirectoryName(std::string(201, 'x')));
}

TEST(Paths, OfALake) {
  const LakePaths paths("some/lake");
  EXPECT_EQ(paths.LedgerFile(), "some/lake/_forebay/ledger.db");
  EXPECT_EQ(paths.File({"clicks", "date=2025-10-30", "b00000001-0.parquet"}),
            "some/lake/clicks/date=2025-10-30/b00000001-0.parquet");
  EXPECT_EQ(paths.File({"clicks", "", "notes.txt"}), "some/lake/clicks/notes.txt");
  EXPECT_EQ(paths.DirectoriesOf("w", "weather=rain/date=2012-01-02"),
            (std::vector<std::string>{"some/lake/w", "some/lake/w/weather=rain",
                                      "some/lake/w/weather=rain/date=2012-01-02"}));
}

}  // namespace
}  // namespace forebay
