#include "external/batch_stager.h"

#include <arrow/compute/api_vector.h>
#include <arrow/compute/cast.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/row_hash.h"
#include "decode/row_block.h"
#include "decode/schema.h"
#include "external/testing.h"

namespace forebay {
namespace {

using testing::DecodeRecords;
using testing::MakeContract;
using testing::MakeField;
using testing::MakeTable;
using testing::TestDisk;
using testing::TestRecord;
using testing::Text;
using testing::Value;

std::shared_ptr<const Contract> Things() {
  Field item = MakeField("element", FieldType::kObject);
  item.fields = {MakeField("sku", FieldType::kString, true), MakeField("n", FieldType::kInteger)};
  Field items = MakeField("items", FieldType::kArray);
  items.fields = {item};
  return MakeContract(
      MakeTable({MakeField("price", FieldType::kDecimal), MakeField("name", FieldType::kString), items}));
}

// Records whose rows alternate between `days` days.
std::vector<TestRecord> Interleaved(int64_t count, int days, const std::string& members = "") {
  std::vector<TestRecord> records;
  for (int64_t i = 0; i < count; ++i)
    records.push_back({.offset = i, .value = Value(i, 10 + static_cast<int>(i % days), members)});
  return records;
}

struct Read {
  std::vector<FileManifest> files;
  std::vector<PartitionStatsManifest> stats_manifests;
};

Read Finish(BatchStager& stager) {
  Read read;
  const auto manifests = stager.Finish();
  EXPECT_TRUE(manifests.ok()) << (manifests.ok() ? "" : manifests.error().message());
  if (!manifests.ok()) return read;
  for (const std::string& text : *manifests) {
    auto manifest = ReadManifest(text);
    EXPECT_TRUE(manifest.ok());
    if (auto* file = std::get_if<FileManifest>(&*manifest)) read.files.push_back(*file);
    if (auto* stats = std::get_if<PartitionStatsManifest>(&*manifest)) read.stats_manifests.push_back(*stats);
  }
  return read;
}

TEST(BatchStagerTest, SplitsRowsByDirectoryAndKeepsTheirOrder) {
  TestDisk disk;
  auto stager = disk.Open(Things());
  ASSERT_TRUE(stager.ok());
  const DecodedBatch decoded =
      DecodeRecords(Things(), Interleaved(100, 3, R"("price":2.5,"items":[{"sku":"a"},{"sku":"b","n":7}])"));
  ASSERT_TRUE((*stager)->AddRows(*decoded.rows).ok());
  const Read read = Finish(**stager);
  ASSERT_EQ(read.files.size(), 3u);
  int64_t rows = 0;
  for (const FileManifest& manifest : read.files) {
    const ProposedFile& file = manifest.file;
    const auto table = disk.Read(file.staged_name);
    EXPECT_TRUE(table->schema()->Equals(*TableSchema(Things()->tables.front())));
    EXPECT_EQ(table->num_rows(), file.rows);
    rows += file.rows;
    const auto& offsets =
        static_cast<const arrow::Int64Array&>(*table->GetColumnByName("_kafka_offset")->chunk(0));
    uint64_t positions = 0;
    uint64_t keys = 0;
    for (int64_t i = 0; i < offsets.length(); ++i) {
      EXPECT_EQ("date=2025-10-1" + std::to_string(offsets.Value(i) % 3), file.partition_dir);
      if (i > 0) {
        EXPECT_LT(offsets.Value(i - 1), offsets.Value(i));
      }
      positions += HashPosition(PartitionId(0), Offset(offsets.Value(i)));
      RowHasher hasher;
      hasher.AddBytes("i" + std::to_string(offsets.Value(i)));
      keys += hasher.Finish();
    }
    EXPECT_EQ(file.position_sum, positions);
    EXPECT_EQ(file.key_sum, keys);
    EXPECT_EQ(file.min_event_time_us, file.max_event_time_us);
    EXPECT_EQ(static_cast<uint64_t>(file.bytes),
              disk.fs.ContentOf("/lake/_forebay/staging/" + file.staged_name)->size());
    EXPECT_EQ(manifest.origin.lake_id, testing::kTestLakeId);
  }
  EXPECT_EQ(rows, 100);
}

TEST(BatchStagerTest, TheTallyIsThatOfTheDecoder) {
  TestDisk disk;
  auto stager = disk.Open(Things());
  std::vector<TestRecord> records = Interleaved(20, 2);
  records.push_back({.offset = 30, .value = "{"});
  records.push_back({.offset = 31, .value = "[]", .timestamp_ms = std::nullopt});
  records.push_back({.offset = 32, .value = std::nullopt, .timestamp_ms = testing::kKafkaMs + 7});
  records.push_back({.partition = 4, .offset = 0, .value = Value(0)});
  const DecodedBatch decoded = DecodeRecords(Things(), records);
  ASSERT_TRUE((*stager)->AddRows(*decoded.rows).ok());
  ASSERT_TRUE((*stager)->AddRejects(*decoded.rejects).ok());
  ASSERT_TRUE((*stager)->AddTombstones(*decoded.tombstones).ok());
  ASSERT_TRUE((*stager)->AddStats(WriteManifest(decoded.stats)).ok());
  const Read read = Finish(**stager);
  TopicStats staged;
  for (const PartitionStatsManifest& manifest : read.stats_manifests) {
    EXPECT_EQ(manifest.stats.size(), 1u);
    staged.insert(manifest.stats.begin(), manifest.stats.end());
  }
  EXPECT_EQ(staged, decoded.stats.stats);
  std::map<std::string, int64_t> quarantine;
  for (const FileManifest& manifest : read.files) {
    if (manifest.file.table == kQuarantineTable) quarantine[manifest.file.partition_dir] = manifest.file.rows;
  }
  EXPECT_EQ(quarantine, (std::map<std::string, int64_t>{{"date=1970-01-01", 1}, {"date=2025-10-30", 1}}));
}

TEST(BatchStagerTest, RollsFilesAndRowGroups) {
  TestDisk disk;
  auto stager = disk.Open(Things(), {.engine = "test", .file_bytes = 10'000, .row_group_rows = 100});
  for (int64_t i = 0; i < 5; ++i) {
    std::vector<TestRecord> records;
    for (int64_t k = 0; k < 1000; ++k)
      records.push_back({.offset = i * 1000 + k, .value = Value(i * 1000 + k)});
    ASSERT_TRUE((*stager)->AddRows(*DecodeRecords(Things(), records).rows).ok());
  }
  const Read read = Finish(**stager);
  EXPECT_GT(read.files.size(), 2u);
  int64_t rows = 0;
  for (const FileManifest& manifest : read.files) {
    rows += manifest.file.rows;
    EXPECT_EQ(manifest.file.rows % 100, 0);
  }
  EXPECT_EQ(rows, 5000);
}

TEST(BatchStagerTest, StaysWithinItsMemoryWithManyDirectories) {
  Table table =
      MakeTable({MakeField("city", FieldType::kString, true), MakeField("text", FieldType::kString)});
  table.dimensions.push_back({"city", PartitionTransform::kIdentity, {2}});
  const auto contract = MakeContract(table);
  TestDisk disk;
  auto stager = disk.Open(contract, {.engine = "test", .memory_limit = 8'000'000});
  int64_t offset = 0;
  for (int round = 0; round < 4; ++round) {
    std::vector<TestRecord> records;
    for (int i = 0; i < 2000; ++i, ++offset) {
      records.push_back({.offset = offset,
                         .value = Value(offset, 30,
                                        "\"city\":\"c" + std::to_string(i % 500) + "\",\"text\":\"" +
                                            std::string(2000, static_cast<char>('a' + i % 26)) + "\"")});
    }
    ASSERT_TRUE((*stager)->AddRows(*DecodeRecords(contract, records).rows).ok());
    EXPECT_LE((*stager)->memory_bytes(), 8'000'000);
  }
  const Read read = Finish(**stager);
  int64_t rows = 0;
  std::map<std::string, int64_t> directories;
  for (const FileManifest& manifest : read.files) {
    rows += manifest.file.rows;
    ++directories[manifest.file.partition_dir];
  }
  EXPECT_EQ(rows, 8000);
  EXPECT_EQ(directories.size(), 500u);
}

// A file that is closed early, to limit the number of open files, leaves buffered rows for the next file.
TEST(BatchStagerTest, RowsAscendInTheNextFileTooWhenOneIsEndedEarly) {
  Table table = MakeTable({MakeField("city", FieldType::kString, true)});
  table.dimensions.push_back({"city", PartitionTransform::kIdentity, {2}});
  const auto contract = MakeContract(table);
  TestDisk disk;
  auto stager = disk.Open(contract, {.engine = "test", .row_group_rows = 10, .memory_limit = 8'000'000});
  const auto add = [&](const std::string& city, int64_t from, int64_t count) {
    std::vector<TestRecord> records;
    for (int64_t i = from; i < from + count; ++i)
      records.push_back({.offset = i, .value = Value(i, 30, "\"city\":\"" + city + "\"")});
    return (*stager)->AddRows(*DecodeRecords(contract, records).rows);
  };
  ASSERT_TRUE(add("a", 0, 15).ok());  // ten of them are in a file, five are buffered
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(add("b" + std::to_string(i), 100 + i * 10, 10).ok());
  EXPECT_FALSE(add("a", 12, 1).ok());
}

// In the native engine, a file's first block determines its encodings.
TEST(BatchStagerTest, StoresStringsAsTheNativeEngineDoes) {
  Table table = MakeTable({MakeField("often", FieldType::kString), MakeField("seldom", FieldType::kString)});
  const auto contract = MakeContract(table);
  TestDisk disk;
  auto stager = disk.Open(contract);
  std::vector<TestRecord> records;
  for (int64_t i = 0; i < 5000; ++i) {
    records.push_back({.offset = i,
                       .value = Value(i, 30,
                                      R"("often":"v)" + std::to_string(i % 7) + R"(","seldom":"v)" +
                                          std::to_string(i) + "\"")});
  }
  ASSERT_TRUE((*stager)->AddRows(*DecodeRecords(contract, records).rows).ok());
  const Read read = Finish(**stager);
  ASSERT_EQ(read.files.size(), 1u);
  const std::string content =
      *disk.fs.ContentOf("/lake/_forebay/staging/" + read.files.front().file.staged_name);
  auto reader = parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(content)));
  const auto group = reader->metadata()->RowGroup(0);
  const auto has_dictionary = [&](const std::string& name) {
    const auto column = group->ColumnChunk(group->schema()->ColumnIndex(name));
    return column->has_dictionary_page();
  };
  EXPECT_TRUE(has_dictionary("often"));
  EXPECT_FALSE(has_dictionary("seldom"));
  EXPECT_FALSE(has_dictionary("id"));
  EXPECT_FALSE(has_dictionary("_kafka_offset"));
}

TEST(BatchStagerTest, KeysAndEventTimesMayLiveInThePath) {
  Table table =
      MakeTable({MakeField("city", FieldType::kString, true), MakeField("day", FieldType::kDate, true)});
  table.dimensions = {{"city", {}, {2}}, {"day", {}, {3}}};
  table.primary_key = {{1}, {2}};
  table.event_time = FieldPlace{3};
  table.max_ahead_ms = 1'000'000'000'000;
  const auto contract = MakeContract(table);
  TestDisk disk;
  auto stager = disk.Open(contract);
  std::vector<TestRecord> records;
  uint64_t key_sum = 0;
  for (int64_t i = 0; i < 10; ++i) {
    const std::string city = i % 2 == 0 ? "x y" : "z";
    records.push_back(
        {.offset = i, .value = Value(i, 30, "\"city\":\"" + city + "\",\"day\":\"2025-10-31\"")});
    RowHasher hasher;
    hasher.AddBytes("i" + std::to_string(i));
    hasher.AddBytes(city);
    key_sum += hasher.Finish();
  }
  const DecodedBatch decoded = DecodeRecords(contract, records);
  ASSERT_EQ(decoded.rows->num_rows(), 10);
  ASSERT_TRUE((*stager)->AddRows(*decoded.rows).ok());
  const Read read = Finish(**stager);
  ASSERT_EQ(read.files.size(), 2u);
  EXPECT_EQ(read.files[0].file.key_sum + read.files[1].file.key_sum, key_sum);
  EXPECT_EQ(read.files[0].file.max_event_time_us, decoded.stats.stats.begin()->second.max_event_time_us);
}

// ---- Errors of transforms and callers ----

class MisuseTest : public ::testing::Test {
 protected:
  // The error message of a new stager for these rows; empty if it accepts them.
  std::string Refusal(const std::shared_ptr<arrow::RecordBatch>& rows) {
    TestDisk disk;
    auto stager = disk.Open(Things());
    const Status status = (*stager)->AddRows(*rows);
    if (status.ok()) return "";
    EXPECT_EQ(status.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ((*stager)->AddRows(*rows_).error().message(), status.error().message());  // final
    EXPECT_FALSE((*stager)->Finish().ok());
    stager->reset();
    EXPECT_TRUE(disk.Staged().empty());
    return status.error().message();
  }
  bool RefusedWith(const std::shared_ptr<arrow::RecordBatch>& rows, const std::string& text) {
    const std::string refusal = Refusal(rows);
    EXPECT_NE(refusal.find(text), std::string::npos) << refusal;
    return refusal.find(text) != std::string::npos;
  }

  const std::shared_ptr<arrow::RecordBatch> rows_ = DecodeRecords(Things(), Interleaved(6, 2)).rows;
};

TEST_F(MisuseTest, TheBatchItselfIsFine) {
  EXPECT_EQ(Refusal(rows_), "");
}

TEST_F(MisuseTest, MissingMistypedAndNullColumnsAreNamed) {
  const auto drop = [&](const std::string& name) {
    return rows_->RemoveColumn(rows_->schema()->GetFieldIndex(name)).ValueOrDie();
  };
  EXPECT_TRUE(RefusedWith(drop("id"), "no column id"));
  EXPECT_TRUE(RefusedWith(drop("_kafka_offset"), "no column _kafka_offset"));
  EXPECT_TRUE(RefusedWith(drop("_partition"), "no column _partition"));
  const auto as_int32 = arrow::compute::Cast(*rows_->GetColumnByName("_kafka_offset"), arrow::int32());
  EXPECT_TRUE(RefusedWith(testing::WithColumn(rows_, "_kafka_offset", *as_int32), "_kafka_offset is int32"));
  const auto nulls = arrow::MakeArrayOfNull(arrow::utf8(), rows_->num_rows()).ValueOrDie();
  EXPECT_TRUE(RefusedWith(testing::WithColumn(rows_, "id", nulls), "id holds a null"));
}

TEST_F(MisuseTest, RowsMayNotChangeTheirPlace) {
  arrow::StringBuilder other;
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(other.Append("date=2025-10-10").ok());
  EXPECT_TRUE(RefusedWith(testing::WithColumn(rows_, "_partition", *other.Finish()), "may not change what"));
  for (const char* wrong : {"../../x", "day=2025-10-10", "date=2025-10-10/x=1", ""}) {
    arrow::StringBuilder builder;
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(builder.Append(wrong).ok());
    EXPECT_TRUE(RefusedWith(testing::WithColumn(rows_, "_partition", *builder.Finish()),
                            "is not a partition directory"));
  }
  const auto far =
      arrow::compute::Cast(*arrow::MakeArrayFromScalar(arrow::Int64Scalar(INT64_MAX), 6).ValueOrDie(),
                           arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"));
  EXPECT_TRUE(RefusedWith(testing::WithColumn(rows_, "at", *far), "outside the years"));
}

TEST_F(MisuseTest, OffsetsAscend) {
  arrow::Int64Builder reversed;
  for (int64_t i = 5; i >= 0; --i) ASSERT_TRUE(reversed.Append(i).ok());
  const auto taken = arrow::compute::Take(rows_, *reversed.Finish());
  EXPECT_TRUE(RefusedWith(taken->record_batch(), "do not ascend"));
  arrow::Int64Builder twice;
  for (const int64_t i : {0, 0, 1}) ASSERT_TRUE(twice.Append(i).ok());
  EXPECT_TRUE(RefusedWith(arrow::compute::Take(rows_, *twice.Finish())->record_batch(), "do not ascend"));
}

TEST_F(MisuseTest, AddedColumnsMayNotShadowThePathAndAreTheSameInEveryBatch) {
  const auto ones = arrow::MakeArrayFromScalar(arrow::Int32Scalar(1), 6).ValueOrDie();
  const auto with = [&](const std::string& name) {
    return rows_->AddColumn(0, arrow::field(name, arrow::int32()), ones).ValueOrDie();
  };
  EXPECT_TRUE(RefusedWith(with("date"), "lives in the path"));
  EXPECT_TRUE(RefusedWith(with("Date"), "lives in the path"));
  EXPECT_TRUE(RefusedWith(with("ID"), "has the column id: a transform may not add ID"));
  TestDisk disk;
  auto stager = disk.Open(Things());
  ASSERT_TRUE((*stager)->AddRows(*with("more")).ok());
  EXPECT_FALSE((*stager)->AddRows(*rows_).ok());
}

TEST_F(MisuseTest, RejectsOfAnotherTopicOrReasonAreRefused) {
  const auto rejects = DecodeRecords(Things(), {{.offset = 1, .value = "{"}}).rejects;
  for (const char* column : {"_kafka_topic", "reason"}) {
    TestDisk disk;
    auto stager = disk.Open(Things());
    arrow::StringBuilder builder;
    ASSERT_TRUE(builder.Append("other").ok());
    EXPECT_FALSE((*stager)->AddRejects(*testing::WithColumn(rejects, column, *builder.Finish())).ok());
  }
}

TEST_F(MisuseTest, LimitsAndPlacesAreChecked) {
  TestDisk disk;
  EXPECT_FALSE(disk.Open(Things(), {.engine = "test", .file_bytes = 0}).ok());
  EXPECT_FALSE(disk.Open(Things(), {.engine = "test", .row_group_rows = 0}).ok());
  EXPECT_FALSE(disk.Open(Things(), {.engine = "test", .memory_limit = 1}).ok());
  StagerOptions options;
  options.engine = "test";
  EXPECT_FALSE(BatchStager::Open(disk.fs, Things(), "nothing", "", "/lake", options).ok());
  EXPECT_FALSE(BatchStager::Open(disk.fs, Things(), "things", "", "/elsewhere", options).ok());
  options.engine = "";
  EXPECT_FALSE(BatchStager::Open(disk.fs, Things(), "things", "", "/lake", options).ok());
}

// ---- Durability ----

TEST(BatchStagerDiskTest, WhatWasFinishedSurvivesAPowerCut) {
  TestDisk disk;
  ASSERT_TRUE(disk.fs.SyncDirectory("/lake/_forebay").ok());
  auto stager = disk.Open(Things());
  ASSERT_TRUE((*stager)->AddRows(*DecodeRecords(Things(), Interleaved(50, 3)).rows).ok());
  const Read read = Finish(**stager);
  disk.fs.Restart(FsDouble::Survival::kNone);
  for (const FileManifest& manifest : read.files)
    EXPECT_EQ(disk.Read(manifest.file.staged_name)->num_rows(), manifest.file.rows);
}

TEST(BatchStagerDiskTest, EveryFailureOfTheDiskIsReportedAndLeavesNothing) {
  const auto rows = DecodeRecords(Things(), Interleaved(50, 3)).rows;
  const auto stage = [&](TestDisk& disk) -> Status {
    FOREBAY_ASSIGN(auto stager, disk.Open(Things()));
    FOREBAY_TRY(stager->AddRows(*rows));
    FOREBAY_TRY(stager->Finish());
    return Ok();
  };
  TestDisk measured;
  const int64_t before = measured.fs.operations();
  ASSERT_TRUE(stage(measured).ok());
  const int64_t operations = measured.fs.operations();
  ASSERT_GT(operations, before + 6);
  for (int64_t operation = before + 1; operation <= operations; ++operation) {
    TestDisk disk;
    disk.fs.FailAt(operation);
    EXPECT_FALSE(stage(disk).ok()) << operation;
    EXPECT_TRUE(disk.Staged().empty()) << operation;
  }
}

}  // namespace
}  // namespace forebay
