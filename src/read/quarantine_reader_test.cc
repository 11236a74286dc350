#include "read/quarantine_reader.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <gmock/gmock.h>
#include <parquet/arrow/writer.h>

#include <filesystem>
#include <memory>

#include "decode/schema.h"
#include "store/posix_table_store.h"
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
  PosixTableStore store_{PosixFs(), LakePaths(lake_.dir())};
};

TEST_F(Quarantine, ReadsTheNewestBatchFirstWithBytesUnchanged) {
  const std::string with_nul("1 wrong_type a\0b;", 17);
  EXPECT_EQ(*Read({}), "0 too_deep [;3 not_json newer;0 not_json {;" + with_nul + "2 not_json ;");
}

TEST_F(Quarantine, FiltersAndLimits) {
  EXPECT_EQ(*Read({"events", "not_json", ""}, 2), "3 not_json newer;0 not_json {;");
  EXPECT_EQ(*Read({"plain", "", ""}), "0 too_deep [;");
  EXPECT_EQ(*Read({"", "", "2025-11-08"}), "");
  EXPECT_EQ(*Read({"", "too_deep", "2025-11-07"}), "0 too_deep [;");
}

TEST_F(Quarantine, ListsTheKnownTablesAndReasons) {
  EXPECT_THAT(Read({"orders", "", ""}).error().message(), testing::HasSubstr("its tables are events, plain"));
  EXPECT_THAT(Read({"", "broken", ""}).error().message(), testing::HasSubstr("not_utf8, "));
  EXPECT_THAT(Read({"", "", "yesterday"}).error().message(), testing::HasSubstr("2025-10-30"));
}

TEST_F(Quarantine, VisitsAFileFromTheGivenRecordOn) {
  std::vector<TestRefused> rejected;
  for (int64_t offset = 0; offset < 100; ++offset) rejected.push_back({1, offset});
  const BatchId batch = lake_.Land({{{1, 0, 100}}, {}, rejected});  // several row groups
  const std::string file = lake_.FileOf(batch, "quarantine", "date=2025-11-07");
  const FilePlace place = {"quarantine", "date=2025-11-07", file.substr(file.rfind('/') + 1)};
  for (const int64_t first : {0, 1, 29, 30, 31, 75, 99, 100}) {
    int64_t next = first;
    const auto visit = [&next](const QuarantinedRecord& record) { return record.offset.value() == next++; };
    EXPECT_TRUE(*VisitQuarantineFile(store_, place, {}, {}, visit, first)) << first;
    EXPECT_EQ(next, 100) << first;
  }
}

// Writes a file with the columns of quarantine, all of them strings.
void WriteStrings(const std::string& path) {
  arrow::StringBuilder builder;
  ASSERT_TRUE(builder.Append("1").ok());
  const std::shared_ptr<arrow::Array> column = *builder.Finish();
  arrow::FieldVector fields;
  const std::shared_ptr<arrow::Schema> schema = QuarantineSchema();
  for (const auto& field : schema->fields()) fields.push_back(field->WithType(arrow::utf8()));
  const arrow::ArrayVector columns(fields.size(), column);
  const auto table = arrow::Table::Make(arrow::schema(fields), columns);
  const auto sink = *arrow::io::FileOutputStream::Open(path);
  ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink).ok());
  ASSERT_TRUE(sink->Close().ok());
}

TEST_F(Quarantine, AColumnOfAnotherTypeIsCorruption) {
  const FilePlace place = {"quarantine", "date=2025-11-07", "strings.parquet"};
  std::filesystem::create_directories(lake_.Path("quarantine/date=2025-11-07"));
  WriteStrings(lake_.Path(PlaceText(place)));
  const auto visit = [](const QuarantinedRecord&) { return true; };
  const Result<bool> read = VisitQuarantineFile(store_, place, {}, {}, visit);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(read.error().message(), testing::HasSubstr("column _kafka_partition"));
}

TEST_F(Quarantine, AMissingFileIsCorruption) {
  std::filesystem::remove_all(lake_.Path("quarantine"));
  const Error error = Read({}).error();
  EXPECT_EQ(error.code(), ErrorCode::kCorruption);
  EXPECT_THAT(error.message(), testing::HasSubstr("forebay verify"));
}

}  // namespace
}  // namespace forebay
