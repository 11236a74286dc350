// Helpers for the tests of this room: make a table in a few lines, and decode one record.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "contract/contract.h"
#include "decode/record_decoder.h"

namespace forebay::testing {

inline Field MakeField(std::string name, FieldType type, bool required = false) {
  Field field;
  field.name = field.column = std::move(name);
  field.type = type;
  field.required = required;
  if (type == FieldType::kDecimal) {
    field.precision = 12;
    field.scale = 2;
  }
  return field;
}

// A table with an event time `at`, a required `id` (the primary key), then the given fields, partitioned by
// date.
inline Table MakeTable(std::vector<Field> fields) {
  Table table;
  table.name = "things";
  table.topic.name = "things";
  table.fields = {MakeField("at", FieldType::kTimestamp, true), MakeField("id", FieldType::kString, true)};
  for (Field& field : fields) table.fields.push_back(std::move(field));
  table.event_time = FieldPlace{0};
  table.primary_key = {FieldPlace{1}};
  table.dimensions = {{"date", PartitionTransform::kDate, {0}}};
  return table;
}

inline constexpr int64_t kKafkaMs = 1'761'825'600'000;  // 2025-10-30T12:00:00Z

inline RecordView MakeRecord(std::string_view value) {
  return {.partition = PartitionId(3),
          .offset = Offset(42),
          .timestamp_ms = kKafkaMs,
          .key = "k",
          .value = value};
}

// A decoder with its table.
struct TestDecoder {
  explicit TestDecoder(Table table_in, const DecoderLimits& limits = {}) : table(std::move(table_in)) {
    auto created = RecordDecoder::Create(table, limits);
    EXPECT_TRUE(created.ok());
    decoder = std::move(created).value();
  }
  explicit TestDecoder(std::vector<Field> fields) : TestDecoder(MakeTable(std::move(fields))) {}

  Outcome Decode(const RecordView& record, int64_t now_ms = kKafkaMs) {
    return decoder->Decode(record, now_ms).value();
  }
  Outcome Decode(std::string_view value) { return Decode(MakeRecord(value)); }
  // Decodes the members after a valid `at` and `id`.
  Outcome DecodeMembers(const std::string& members) {
    text = R"({"at":"2025-10-30T11:00:00Z","id":"a")" + (members.empty() ? "" : "," + members) + "}";
    return Decode(text);
  }
  // The outcome as text, for comparisons: "not_json", "wrong_type price", "row".
  std::string Verdict(Outcome outcome) const {
    if (outcome == Outcome::kRow) return "row";
    if (outcome == Outcome::kTombstone) return "tombstone";
    const Rejection& rejection = decoder->rejection();
    std::string verdict(ReasonName(rejection.reason));
    return rejection.field.empty() ? verdict : verdict + " " + rejection.field;
  }
  std::string VerdictOf(std::string_view value) { return Verdict(Decode(value)); }
  std::string VerdictOfMembers(const std::string& members) { return Verdict(DecodeMembers(members)); }
  // The slot of the i-th field after `at` and `id`.
  const Slot& slot(size_t i) const {
    return decoder->row().Slots(decoder->schema().root->children[i + 2].index, decoder->row().all()).front();
  }

  Table table;
  std::unique_ptr<RecordDecoder> decoder;
  std::string text;
};

}  // namespace forebay::testing
