#include "store/staged_file.h"

#include <gtest/gtest.h>

#include <random>

#include "base/row_hash.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

class StagedFileTest : public testing::Test {
 protected:
  std::unique_ptr<StagedFileWriter> NewWriter() {
    auto file = fs_.CreateFile("/f");
    EXPECT_TRUE(file.ok());
    return std::make_unique<StagedFileWriter>("f", FilePlace{"t", "d=1", "x"}, std::move(*file));
  }
  FsDouble fs_;
};

TEST_F(StagedFileTest, SumsUpWhatItWritesWhateverThePieces) {
  std::mt19937_64 random(3);
  std::string content;
  const auto writer = NewWriter();
  for (int piece = 0; piece < 200; ++piece) {
    const std::string bytes(random() % (piece % 20 == 0 ? 200'000 : 900),
                            static_cast<char>('a' + piece % 26));
    ASSERT_TRUE(writer->Append(bytes.data(), bytes.size()).ok());
    content += bytes;
    EXPECT_EQ(writer->bytes(), content.size());
  }
  auto finished = writer->Finish();
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(fs_.ContentOf("/f"), content);
  EXPECT_EQ(finished->content.bytes, content.size());
  EXPECT_EQ(finished->content.checksum, XXH3_64bits(content.data(), content.size()));
  auto readable = fs_.OpenForRead("/f");
  ASSERT_TRUE(readable.ok());
  EXPECT_EQ(*SummarizeContent(**readable), finished->content);
}

TEST_F(StagedFileTest, AnEmptyFile) {
  auto finished = NewWriter()->Finish();
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->content, (ContentSummary{0, XXH3_64bits("", 0)}));
}

TEST_F(StagedFileTest, GathersSmallPieces) {
  const auto writer = NewWriter();
  const int64_t before = fs_.operations();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(writer->Append("0123456789", 10).ok());
  EXPECT_EQ(fs_.operations(), before);
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(fs_.operations(), before + 2);  // one write, one close
}

TEST_F(StagedFileTest, FailuresOfWritingAndClosingAreReported) {
  {
    const auto writer = NewWriter();
    fs_.FailAt(fs_.operations() + 1);
    const std::string large(100'000, 'x');
    EXPECT_FALSE(writer->Append(large.data(), large.size()).ok());
  }
  ASSERT_TRUE(fs_.Unlink("/f").ok());
  const auto writer = NewWriter();
  ASSERT_TRUE(writer->Append("x", 1).ok());
  fs_.FailAt(fs_.operations() + 2);
  EXPECT_FALSE(writer->Finish().ok());
}

TEST_F(StagedFileTest, AFinishedFileKnowsWhetherItExists) {
  auto finished = NewWriter()->Finish();
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->file->name(), "f");
  EXPECT_TRUE(finished->file->Sync().ok());
  EXPECT_EQ(finished->file->place().table, "t");
  std::vector<std::unique_ptr<StagedFile>> files;
  files.push_back(std::move(finished->file));
  EXPECT_TRUE(*files[0]->Exists());
  EXPECT_TRUE(CheckStagedFilesExist(files).ok());
  ASSERT_TRUE(fs_.Unlink("/f").ok());
  EXPECT_FALSE(*files[0]->Exists());
  EXPECT_EQ(CheckStagedFilesExist(files).error().code(), ErrorCode::kConflict);
}

}  // namespace
}  // namespace forebay
