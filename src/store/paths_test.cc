#include "store/paths.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace forebay {
namespace {

TEST(Paths, NewFilesHaveNamesThatSortByTime) {
  const FilePlace first = NewPlace("clicks", "date=2025-10-30");
  EXPECT_EQ(first.table, "clicks");
  EXPECT_EQ(first.partition_dir, "date=2025-10-30");
  EXPECT_TRUE(IsFileName(first.file_name)) << first.file_name;
  EXPECT_EQ(first.file_name.size(), 33u);
  EXPECT_EQ(BatchOfOldFileName(first.file_name), std::nullopt);
  std::string last = first.file_name;
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_until(std::chrono::system_clock::now() + std::chrono::milliseconds(2));
    const std::string next = NewPlace("", "").file_name;
    EXPECT_LT(last, next);
    last = next;
  }
  EXPECT_NE(NewPlace("", "").file_name.substr(13), NewPlace("", "").file_name.substr(13));
}

TEST(Paths, OtherSpellingsAreNotFileNames) {
  EXPECT_TRUE(IsFileName("019ac8f3d2b1-4fe09a7c1d22.parquet"));
  for (const char* name :
       {"", ".parquet", "019ac8f3d2b1-4fe09a7c1d22", "019ac8f3d2b1-4fe09a7c1d2.parquet",
        "019ac8f3d2b1-4fe09a7c1d223.parquet", "019AC8F3D2B1-4fe09a7c1d22.parquet",
        "019ac8f3d2b1_4fe09a7c1d22.parquet", "019ac8f3d2b1-4fe09a7c1d22.parque_", "b00000012-0.parquet"}) {
    EXPECT_FALSE(IsFileName(name)) << name;
  }
}

TEST(Paths, OldFileNamesCarryTheBatch) {
  EXPECT_EQ(BatchOfOldFileName("b00000012-0.parquet"), BatchId(12));
  EXPECT_EQ(BatchOfOldFileName("b123456789012-345.parquet"), BatchId(123456789012));
  for (const char* name :
       {"b12-0.parquet", "b00000012-00.parquet", "b00000012.parquet", "b00000012-0.parquet.tmp",
        "c00000012-0.parquet", "b00000000-0.parquet", "b-0000012-0.parquet", "b00000012--1.parquet",
        "b00000012-+1.parquet", "b 0000012-0.parquet", "b000000012-0.parquet", "b00000012-.parquet", "",
        "b.parquet", ".parquet", "b99999999999999999999-0.parquet"}) {
    EXPECT_EQ(BatchOfOldFileName(name), std::nullopt) << name;
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
