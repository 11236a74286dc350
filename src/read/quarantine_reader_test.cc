#include "read/quarantine_reader.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "testlake/test_lake.h"

namespace forebay {
namespace {

class Quarantine : public testing::Test {
 protected:
  void SetUp() override {
    lake_.Land(
        {{{0, 0, 3}},
         {},
         {{0, 0, "not_json", "{"}, {0, 1, "wrong_type", std::string("a\0b", 3)}, {0, 2, "not_json", ""}}});
    lake_.Land({{{0, 3, 4}}, {}, {{0, 3, "not_json", "newer"}}});
    lake_.Land({{{0, 0, 1}}, {}, {{0, 0, "too_deep", "["}}, "plain"});
  }
  // "offset reason value;" for each record.
  Result<std::string> Read(const QuarantineFilter& filter, int limit = 100) {
    std::string text;
    FOREBAY_TRY(ReadQuarantine(lake_.dir(), filter, [&](const QuarantinedRecord& record) {
      text += std::to_string(record.offset.value()) + " " + std::string(record.reason) + " " +
              std::string(record.value) + ";";
      return --limit > 0;
    }));
    return text;
  }
  TestLake lake_;
};

TEST_F(Quarantine, GivesTheNewestBatchFirstWithBytesUnchanged) {
  const std::string with_nul("1 wrong_type a\0b;", 17);
  EXPECT_EQ(*Read({}), "0 too_deep [;3 not_json newer;0 not_json {;" + with_nul + "2 not_json ;");
}

TEST_F(Quarantine, FiltersAndLimits) {
  EXPECT_EQ(*Read({"events", "not_json", ""}, 2), "3 not_json newer;0 not_json {;");
  EXPECT_EQ(*Read({"plain", "", ""}), "0 too_deep [;");
  EXPECT_EQ(*Read({"", "", "2025-11-08"}), "");
  EXPECT_EQ(*Read({"", "too_deep", "2025-11-07"}), "0 too_deep [;");
}

TEST_F(Quarantine, SaysWhatATableOrReasonCouldHaveBeen) {
  EXPECT_THAT(Read({"orders", "", ""}).error().message(), testing::HasSubstr("it has events, plain"));
  EXPECT_THAT(Read({"", "broken", ""}).error().message(), testing::HasSubstr("not_utf8, "));
  EXPECT_THAT(Read({"", "", "yesterday"}).error().message(), testing::HasSubstr("2025-10-30"));
}

TEST_F(Quarantine, AFileThatIsGoneIsAnError) {
  std::filesystem::remove_all(lake_.Path("quarantine"));
  EXPECT_THAT(Read({}).error().message(), testing::HasSubstr("forebay verify"));
}

}  // namespace
}  // namespace forebay
