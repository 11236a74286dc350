#include "ledger/open_lake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/vfs_double.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

using testing::HasSubstr;

constexpr const char* kLedger = "/lake/_forebay/ledger.db";
constexpr const char* kLakeJson = "/lake/_forebay/lake.json";

class OpenLakeTest : public testing::Test {
 protected:
  Result<OpenedLake> Open() {
    OpenLakeOptions options;
    options.ledger = {0, vfs_.name()};
    return OpenLake(fs_, "/lake", options);
  }
  std::string Begin() {
    auto opened = Open();
    EXPECT_TRUE(opened.ok()) << opened.error().message();
    return opened->lake->id();
  }
  void ExpectRefused(const std::string& why, ErrorCode code = ErrorCode::kCorruption) {
    const auto opened = Open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), code) << opened.error().message();
    EXPECT_THAT(opened.error().message(), HasSubstr(why));
  }

  FsDouble fs_;
  VfsDouble vfs_{fs_};
};

TEST_F(OpenLakeTest, BeginsALakeAndOpensItAgain) {
  const std::string id = Begin();
  EXPECT_EQ(id.size(), 36u);
  auto opened = Open();
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->lake->id(), id);
  EXPECT_EQ(opened->ledger->lake_id(), id);
}

TEST_F(OpenLakeTest, AHalfBegunOneGoesOnWithTheLedgersId) {
  const std::string id = Begin();
  ASSERT_TRUE(*fs_.Unlink(kLakeJson));
  EXPECT_EQ(Begin(), id);
}

TEST_F(OpenLakeTest, AMissingLedgerIsRefused) {
  Begin();
  ASSERT_TRUE(*fs_.Unlink(kLedger));
  ExpectRefused("ledger.db does not exist");
  EXPECT_FALSE(fs_.Exists(kLedger));
}

TEST_F(OpenLakeTest, AnEmptyLedgerIsRefused) {
  Begin();
  fs_.PutFile(kLedger, "");
  ExpectRefused("is empty");
}

TEST_F(OpenLakeTest, AnotherLakesLedgerIsRefused) {
  Begin();
  std::string text = *fs_.ContentOf(kLakeJson);
  text[text.size() - 5] = text[text.size() - 5] == '0' ? '1' : '0';
  fs_.PutFile(kLakeJson, text);
  ExpectRefused("belongs to another lake");
}

TEST_F(OpenLakeTest, ALedgerOlderThanTheFilesIsRefused) {
  Begin();
  fs_.PutFile("/lake/clicks/date=2025-10-30/b00000003-0.parquet", "rows");
  ExpectRefused("b00000003-0.parquet");
}

TEST_F(OpenLakeTest, ALedgerThatDoesNotKnowAFileIsRefused) {
  Begin();
  const std::string path = "/lake/clicks/date=2025-10-30/019ac8f3d2b1-4fe09a7c1d22.parquet";
  fs_.PutFile(path, "rows");
  ExpectRefused("019ac8f3d2b1-4fe09a7c1d22.parquet");
  ASSERT_TRUE(*fs_.Unlink(path));
  EXPECT_TRUE(Open().ok());
}

TEST_F(OpenLakeTest, ForeignFilesAreLeftToVerify) {
  Begin();
  fs_.PutFile("/lake/clicks/date=2025-10-30/notes.txt", "");
  EXPECT_TRUE(Open().ok());
}

TEST_F(OpenLakeTest, TableFilesWithoutALakeJsonAreRefused) {
  Begin();
  ASSERT_TRUE(*fs_.Unlink(kLakeJson));
  fs_.PutFile("/lake/clicks/date=2025-10-30/b00000001-0.parquet", "rows");
  ExpectRefused("lake.json", ErrorCode::kFailedPrecondition);
}

TEST_F(OpenLakeTest, TheLockIsHeldAsLongAsTheLedgerIsOpen) {
  auto first = Open();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(Open().error().code(), ErrorCode::kLockHeld);
  first->ledger.reset();
  EXPECT_EQ(Open().error().code(), ErrorCode::kLockHeld);
  first->lake.reset();
  EXPECT_TRUE(Open().ok());
}

TEST_F(OpenLakeTest, ReadingWorksBesideALanderAndCreatesNothing) {
  EXPECT_FALSE(OpenLakeForReading(fs_, "/lake", {0, vfs_.name()}).ok());
  EXPECT_FALSE(fs_.Exists("/lake"));
  auto lander = Open();
  ASSERT_TRUE(lander.ok());
  const auto files = fs_.AllFiles();
  {
    auto reader = OpenLakeForReading(fs_, "/lake", {0, vfs_.name()});
    ASSERT_TRUE(reader.ok()) << reader.error().message();
    EXPECT_TRUE(reader->ledger->Snapshot().ok());
  }
  EXPECT_EQ(fs_.AllFiles(), files);
  lander->ledger.reset();
  ASSERT_TRUE(*fs_.Unlink(kLedger));
  EXPECT_FALSE(OpenLakeForReading(fs_, "/lake", {0, vfs_.name()}).ok());
}

}  // namespace
}  // namespace forebay
