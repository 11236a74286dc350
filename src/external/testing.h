// Helpers for the tests of this room: a contract made of a table, batches of Kafka records, a lake on a disk
// that fails on request.
#pragma once

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decode/testing.h"
#include "external/batch_decoder.h"
#include "external/batch_stager.h"
#include "store/fs_double.h"

namespace forebay::testing {

inline std::shared_ptr<const Contract> MakeContract(Table table) {
  auto contract = std::make_shared<Contract>();
  contract->id = "test";
  contract->version = "1.2.3";
  contract->yaml = "the contract\n";
  contract->tables.push_back(std::move(table));
  return contract;
}

// A record of topic `things`.
struct TestRecord {
  int32_t partition = 0;
  int64_t offset = 0;
  std::optional<std::string> value;
  std::optional<int64_t> timestamp_ms = kKafkaMs;
  std::optional<std::string> key = "k";
};

// A valid value of MakeTable's table: id "i<offset>", at noon of that day of October 2025.
inline std::string Value(int64_t offset, int day = 30, const std::string& members = "") {
  return R"({"at":"2025-10-)" + std::to_string(day) + R"(T12:00:00Z","id":"i)" + std::to_string(offset) +
         "\"" + (members.empty() ? "" : "," + members) + "}";
}

template <typename Builder, typename Value>
void AppendOptional(Builder& builder, const std::optional<Value>& value) {
  const auto status = value ? builder.Append(*value) : builder.AppendNull();
  ASSERT_TRUE(status.ok());
}

inline std::shared_ptr<arrow::RecordBatch> MakeRecords(const std::vector<TestRecord>& records) {
  arrow::Int32Builder partition;
  arrow::Int64Builder offset;
  arrow::TimestampBuilder timestamp(arrow::timestamp(arrow::TimeUnit::MILLI, "UTC"),
                                    arrow::default_memory_pool());
  arrow::BinaryBuilder key;
  arrow::BinaryBuilder value;
  for (const TestRecord& record : records) {
    AppendOptional(partition, std::optional(record.partition));
    AppendOptional(offset, std::optional(record.offset));
    AppendOptional(timestamp, record.timestamp_ms);
    AppendOptional(key, record.key);
    AppendOptional(value, record.value);
  }
  const auto schema =
      arrow::schema({arrow::field("partition", arrow::int32()), arrow::field("offset", arrow::int64()),
                     arrow::field("timestamp", timestamp.type()), arrow::field("key", arrow::binary()),
                     arrow::field("value", arrow::binary())});
  return arrow::RecordBatch::Make(
      schema, static_cast<int64_t>(records.size()),
      {partition.Finish().ValueOrDie(), offset.Finish().ValueOrDie(), timestamp.Finish().ValueOrDie(),
       key.Finish().ValueOrDie(), value.Finish().ValueOrDie()});
}

inline DecodedBatch DecodeRecords(const std::shared_ptr<const Contract>& contract,
                                  const std::vector<TestRecord>& records) {
  auto decoder = BatchDecoder::Create(contract, contract->tables.front().name, "");
  EXPECT_TRUE(decoder.ok());
  auto decoded = (*decoder)->Decode(*MakeRecords(records), kKafkaMs);
  EXPECT_TRUE(decoded.ok()) << (decoded.ok() ? "" : decoded.error().message());
  EXPECT_TRUE(decoded->rows->ValidateFull().ok());
  EXPECT_TRUE(decoded->rejects->ValidateFull().ok());
  EXPECT_TRUE(decoded->tombstones->ValidateFull().ok());
  return std::move(decoded).value();
}

// The batch with the column `name` replaced.
inline std::shared_ptr<arrow::RecordBatch> WithColumn(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                      const std::string& name,
                                                      const std::shared_ptr<arrow::Array>& column) {
  const int index = batch->schema()->GetFieldIndex(name);
  return batch->SetColumn(index, arrow::field(name, column->type()), column).ValueOrDie();
}

// "a b null": a column as text.
inline std::string Text(const arrow::Array& array) {
  std::string text;
  for (int64_t row = 0; row < array.length(); ++row) {
    text += row == 0 ? "" : " ";
    text += array.IsNull(row) ? "null" : (*array.GetScalar(row))->ToString();
  }
  return text;
}
inline std::string Text(const arrow::RecordBatch& batch, const std::string& column) {
  const auto array = batch.GetColumnByName(column);
  return array == nullptr ? "none" : Text(*array);
}

inline constexpr const char* kTestLakeId = "01234567-89ab-4cde-8fab-0123456789ab";

// A lake that a landing has initialized, on a disk in memory.
struct TestDisk {
  TestDisk() {
    fs.PutFile("/lake/_forebay/lake.json",
               std::string(R"({"forebay_lake": 1, "lake_id": ")") + kTestLakeId + "\"}\n");
    EXPECT_TRUE(fs.MakeDirectory("/lake/_forebay/staging").ok());
  }

  Result<std::unique_ptr<BatchStager>> Open(const std::shared_ptr<const Contract>& contract,
                                            StagerOptions options = {}) {
    options.engine = "test";
    return BatchStager::Open(fs, contract, contract->tables.front().name, "", "/lake", options);
  }
  std::vector<std::string> Staged() const {
    std::vector<std::string> staged;
    for (const std::string& file : fs.AllFiles()) {
      if (file.find("/staging/") != std::string::npos) staged.push_back(file);
    }
    return staged;
  }
  std::shared_ptr<arrow::Table> Read(const std::string& staged_name) const {
    auto reader = parquet::arrow::OpenFile(
        std::make_shared<arrow::io::BufferReader>(
            arrow::Buffer::FromString(*fs.ContentOf("/lake/_forebay/staging/" + staged_name))),
        arrow::default_memory_pool());
    EXPECT_TRUE(reader.ok()) << reader.status().message();
    return (*reader)->ReadTable().ValueOrDie()->CombineChunks().ValueOrDie();
  }

  FsDouble fs;
};

}  // namespace forebay::testing
