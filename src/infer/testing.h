// Helpers for the tests of this room: infers from records in a few lines.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "infer/infer.h"

namespace forebay::infer::testing {

inline constexpr int64_t kKafkaMs = 1'761'825'600'000;  // 2025-10-30T12:00:00Z

// A record; `timestamp_ms` is Kafka's.
struct Given {
  std::string value;
  std::optional<std::string> key = std::nullopt;
  int64_t timestamp_ms = kKafkaMs;
  bool tombstone = false;
};

inline Sample SampleOf(const std::vector<Given>& records) {
  Sample sample({.records = 1'000'000});
  int64_t offset = 0;
  for (const Given& given : records) {
    RecordView record;
    record.offset = Offset(offset++);
    record.timestamp_ms = given.timestamp_ms;
    if (given.key) record.key = *given.key;
    if (!given.tombstone) record.value = given.value;
    EXPECT_TRUE(sample.Add(record));
  }
  return sample;
}

inline std::vector<Given> Values(const std::vector<std::string>& values) {
  std::vector<Given> records;
  for (const std::string& value : values) records.push_back({value});
  return records;
}

// `count` records, made by their number.
inline std::vector<Given> Many(int count, const std::function<std::string(int)>& make) {
  std::vector<Given> records;
  for (int i = 0; i < count; ++i) records.push_back({make(i)});
  return records;
}

inline InferOptions OptionsFor(const std::string& table) {
  InferOptions options;
  options.table = table;
  options.topic.name = "test." + table;
  options.source = "the test";
  options.now_ms = kKafkaMs;
  return options;
}

// What was inferred, as text and as the contract that its reader makes of it.
struct Outcome {
  std::string yaml;
  std::vector<std::string> remarks;
  Contract contract;

  const Table& table() const { return contract.tables.front(); }
  const Field& field(std::string_view name) const {
    for (const Field& field : table().fields) {
      if (field.name == name) return field;
    }
    ADD_FAILURE() << "no field " << name << " in:\n" << yaml;
    return table().fields.front();
  }
};

inline Outcome MustInfer(const std::vector<Given>& records,
                         const InferOptions& options = OptionsFor("things")) {
  const Result<InferredContract> inferred = Infer(SampleOf(records), options);
  if (!inferred.ok()) {
    ADD_FAILURE() << inferred.error().message();
    return {};
  }
  const ContractCheck check = CheckContract(inferred->yaml);
  EXPECT_TRUE(check.contract.has_value()) << inferred->yaml;
  for (const Note& note : check.notes) {
    if (note.text.find("no partition dimension") == std::string::npos)
      ADD_FAILURE() << note.line << ": " << note.text << "\n" << inferred->yaml;
  }
  return {inferred->yaml, inferred->remarks, check.contract.value_or(Contract())};
}

// Of the field `x` of records with these values.
inline Outcome InferX(const std::vector<std::string>& values) {
  std::vector<Given> records;
  for (const std::string& value : values) records.push_back({R"({"x":)" + value + "}"});
  return MustInfer(records);
}

}  // namespace forebay::infer::testing
