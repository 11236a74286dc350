#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/time.h"
#include "produce/input_check.h"
#include "produce/source.h"

namespace forebay::produce {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JsonSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    auto contract = ReadContract(FOREBAY_SOURCE_DIR "/contracts/shop.odcs.yaml");
    ASSERT_TRUE(contract.ok()) << contract.error().message();
    contract_ = std::move(contract).value();
    path_ = (std::filesystem::temp_directory_path() / ("forebay_json_" + std::to_string(getpid()))).string();
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::unique_ptr<Source> Open(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    auto source = OpenJsonSource(path_, *contract_.FindTable("clicks"), nullptr);
    EXPECT_TRUE(source.ok());
    return std::move(source).value();
  }

  Contract contract_;
  std::string path_;
};

std::string Click(const std::string& user, const std::string& time) {
  return R"({"event_id":"0123456789abcdef","event_time":")" + time + R"(","event_type":"view","user_id":)" +
         user +
         R"(,"session_id":"0123456789abcdef","product_id":"p000001","country":"DE","device":"mobile","page":"/"})";
}

TEST_F(JsonSourceTest, KeysAndExpectationsComeFromTheContract) {
  const std::string good = Click("\"u\\u00304\"", "2025-10-30T12:00:00Z");
  const auto source =
      Open(good + "\n\n  \r\n" + Click("42", "2025-10-30T12:00:00Z") + "\r\n\"text\"\n" +
           Click("null", "2025-10-30T12:00:00Z") + "\n" + Click("\"u1\"", "2999-01-01T00:00:00Z"));
  Block block;
  ASSERT_TRUE(*source->Next(&block));
  std::vector<std::string> keys;
  std::vector<std::string> fates;
  for (size_t i = 0; i < block.records.size(); ++i) {
    const GeneratedRecord record = block.records.at(i);
    EXPECT_EQ(record.sequence, i);
    keys.emplace_back(record.key);
    fates.emplace_back(record.expected.reason ? ReasonName(*record.expected.reason)
                                              : record.expected.partition);
  }
  EXPECT_EQ(block.records.at(0).value, good);
  EXPECT_THAT(keys, ElementsAre("u04", "42", "", "", "u1"));
  EXPECT_THAT(
      fates, ElementsAre("date=2025-10-30", "wrong_type", "not_an_object", "missing_field", "bad_timestamp"));
  EXPECT_NE(block.records.at(0).expected.key_hash, 0u);
  EXPECT_NEAR(static_cast<double>(block.timestamp_ms), static_cast<double>(WallClockMillis()), 10'000);
  block.records.Clear();
  EXPECT_FALSE(*source->Next(&block));
}

TEST_F(JsonSourceTest, RecordsLongerThanAReadStayWhole) {
  std::string content;
  for (int i = 0; i < 5; ++i) content += "\"" + std::string(1'500'000, static_cast<char>('a' + i)) + "\"\n";
  const auto source = Open(content);
  std::string seen;
  Block block;
  for (bool more = true; more;) {
    block.records.Clear();
    more = *source->Next(&block);
    for (size_t i = 0; i < block.records.size(); ++i) {
      seen.append(block.records.at(i).value).push_back('\n');
      EXPECT_EQ(block.records.at(i).expected.reason, Reason::kTooLarge);
    }
  }
  EXPECT_TRUE(seen == content);
}

TEST_F(JsonSourceTest, AnEmptyFileHasNoRecords) {
  const auto source = Open("");
  Block block;
  EXPECT_FALSE(*source->Next(&block));
}

TEST_F(JsonSourceTest, ABlockWithWhatIsNotJsonIsNotGiven) {
  const auto source = Open("{}\n{}\nnot json\n");
  Block block;
  const auto more = source->Next(&block);
  ASSERT_FALSE(more.ok());
  EXPECT_THAT(more.error().message(), HasSubstr("unexpected 'not' at line 3, byte 1"));
}

TEST_F(JsonSourceTest, AnInputIsCheckedBeforeItIsSent) {
  const std::string good = Click("\"u1\"", "2025-10-30T12:00:00Z");
  const std::string late = Click("\"u1\"", "2999-01-01T00:00:00Z");
  Open("[" + good + ",\n" + late + ",\n 7, " + late + "]");
  const auto check = CheckInput(path_, *contract_.FindTable("clicks"), nullptr);
  ASSERT_TRUE(check.ok() && *check);
  EXPECT_EQ((*check)->records, 4u);
  EXPECT_EQ((*check)->rejected, 3u);
  const std::string text = RejectsText(**check);
  EXPECT_THAT(text, HasSubstr("3 of 4 records of " + path_ + " will be rejected into quarantine"));
  EXPECT_THAT(text, HasSubstr("  event_time, bad_timestamp: 2 records\n    line 2 byte 1: "));
  EXPECT_THAT(text, HasSubstr("  not_an_object: 1 record\n    line 3 byte 2: "));

  Open(good + good + "{\"a\":");
  const auto broken = CheckInput(path_, *contract_.FindTable("clicks"), nullptr);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(broken.error().message(), HasSubstr("it may be truncated"));
  Open(good);
  const auto whole = CheckInput(path_, *contract_.FindTable("clicks"), nullptr);
  ASSERT_TRUE(whole.ok() && *whole);
  EXPECT_EQ(RejectsText(**whole), "");
}

}  // namespace
}  // namespace forebay::produce
