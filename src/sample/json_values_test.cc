#include "sample/json_values.h"

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/memory.h>
#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace forebay {
namespace {

using ::testing::HasSubstr;

std::string Packed(arrow::Compression::type type, const std::string& text) {
  const auto codec = arrow::util::Codec::Create(type).ValueOrDie();
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto packing = arrow::io::CompressedOutputStream::Make(codec.get(), sink).ValueOrDie();
  EXPECT_TRUE(packing->Write(text).ok());
  EXPECT_TRUE(packing->Close().ok());
  return sink->Finish().ValueOrDie()->ToString();
}

class JsonValuesTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  void Write(const std::string& content) { std::ofstream(path_, std::ios::binary) << content; }

  // The number of values; the error of the last step goes to error_.
  size_t Count(const std::string& content) {
    Write(content);
    auto values = JsonValues::Open(path_, "--from");
    EXPECT_TRUE(values.ok());
    error_.clear();
    for (size_t count = 0;; ++count) {
      const auto step = (*values)->Next(100);
      if (!step.ok()) error_ = step.error().message();
      if (!step.ok() || *step != JsonValues::Step::kValue) return count;
    }
  }

  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("forebay_values_" + std::to_string(getpid()))).string();
  std::string error_;
};

TEST_F(JsonValuesTest, ReadsFilesThatAreLongerThanARead) {
  std::string content;
  for (int i = 0; i < 5; ++i) content += "{\"a\":\"" + std::string(1'500'000, 'x') + "\"}\n";
  EXPECT_EQ(Count(content), 5u);
  EXPECT_EQ(error_, "");
}

TEST_F(JsonValuesTest, UnpacksGzipAndZstd) {
  std::string content = "[";
  for (int i = 0; i < 300'000; ++i) content += "{\"number\": " + std::to_string(i) + "},\n";
  content += "{}]";
  for (const auto type : {arrow::Compression::GZIP, arrow::Compression::ZSTD}) {
    const std::string packed = Packed(type, content);
    EXPECT_EQ(Count(packed), 300'001u);
    EXPECT_EQ(error_, "");
    EXPECT_EQ(Count(packed + packed), 600'002u) << "files of two parts";
    EXPECT_EQ(error_, "");
    std::string damaged = packed;
    for (size_t i = damaged.size() / 2; i < damaged.size() / 2 + 100; ++i) damaged[i] ^= '\x55';
    Count(damaged);
    EXPECT_NE(error_, "");
  }
}

TEST_F(JsonValuesTest, BytesThatUnpackToFarMoreStayWithinTheLimit) {
  const std::string content = "{\"a\":\"" + std::string(80 * 1024 * 1024, ' ') + "\"}";
  EXPECT_EQ(Count(Packed(arrow::Compression::ZSTD, content)), 0u);
  EXPECT_THAT(error_, HasSubstr("too long for a record"));
}

TEST_F(JsonValuesTest, PackedFilesThatAreCutOffAnywhereAreSaid) {
  for (const auto type : {arrow::Compression::GZIP, arrow::Compression::ZSTD}) {
    const std::string packed = Packed(type, "{\"a\":1}\n{\"b\":[1,2,3]}\n");
    for (size_t bytes = 1; bytes < packed.size(); ++bytes) {
      EXPECT_LE(Count(packed.substr(0, bytes)), 2u);
      EXPECT_NE(error_, "") << bytes;
    }
  }
}

TEST_F(JsonValuesTest, FilesThatCannotBeReadAreSaid) {
  const auto missing = JsonValues::Open("/no/such/file", "--from");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(missing.error().message(),
            "/no/such/file cannot be read: No such file or directory; check --from");
  const auto directory = JsonValues::Open("/tmp", "--sample");
  ASSERT_FALSE(directory.ok());
  EXPECT_THAT(directory.error().message(), HasSubstr("/tmp is a directory; a file was expected as --sample"));
}

}  // namespace
}  // namespace forebay
