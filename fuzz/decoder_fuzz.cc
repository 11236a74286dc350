// Input: arbitrary bytes as a JSON record for the decoder. Must not crash. Decoding again must give the same
// result, and so must the record with white space around each colon and comma (which bypasses the fast path).
// Landed rows must be valid.
#include <arrow/array.h>
#include <arrow/type.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "contract/contract.h"
#include "decode/record_decoder.h"
#include "decode/row_block.h"
#include "decode/schema.h"

namespace {

using namespace forebay;  // NOLINT: one program

constexpr const char* kContract = R"yaml(apiVersion: v3.1.0
kind: DataContract
id: fuzz
name: fuzz
version: 1.0.0
status: active
schema:
  - name: things
    logicalType: object
    customProperties:
      - {property: kafka.topic, value: things}
      - {property: kafka.partitions, value: 1}
      - {property: eventTime, value: at}
    properties:
      - {name: at, logicalType: timestamp, physicalType: timestamp_tz, required: true}
      - {name: id, logicalType: string, physicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1, logicalTypeOptions: {maxLength: 40}}
      - {name: city, logicalType: string, physicalType: string, required: true, partitioned: true, partitionKeyPosition: 1}
      - {name: kind, logicalType: string, physicalType: string, enum: [{value: one}, {value: two}]}
      - {name: code, logicalType: string, physicalType: string, logicalTypeOptions: {pattern: "^[A-Z]{2}$"}}
      - {name: n, logicalType: integer, physicalType: BIGINT, logicalTypeOptions: {minimum: -5}}
      - {name: r, logicalType: number, physicalType: DOUBLE}
      - {name: price, logicalType: number, physicalType: "DECIMAL(12,2)"
}
      - {name: ok, logicalType: boolean, physicalType: boolean}
      - {name: day, logicalType: date, physicalType: date}
      - name: party
        logicalType: object
        properties:
          - {name: name, logicalType: string, required: true}
          - name: address
            logicalType: object
            required: true
            properties:
              - {name: zip, logicalType: integer, required: true}
      - name: items
        logicalType: array
        physicalType: array
        items:
          logicalType: object
          physicalType: object
          properties:
            - {name: sku, logicalType: string, physicalType: string, required: true}
            - {name: tags, logicalType: array, physicalType: array, items: {logicalType: string, physicalType: string}}
  - name: lenient
    customProperties:
      - {property: kafka.topic, value: lenient}
      - {property: kafka.tombstones, value: rows}
      - {property: onWrongValue, value: setNull}
      - {property: coerce, value: [numbersInStrings, numbersAsBooleans, emptyAsNull]}
      - {property: eventTime, value: meta.at}
    properties:
      - name: meta
        logicalType: object
        properties:
          - {name: at, logicalType: timestamp, logicalTypeOptions: {defaultTimezone: Europe/Berlin}}
          - {name: zone, logicalType: string, partitioned: true}
      - {name: id, logicalType: string, customProperties: [{property: aliases, value: [ident, "the id"]}]}
      - {name: "n-1", logicalType: integer, physicalName: number, enum: [{value: 1}, {value: 2}, {value: 3}]}
      - {name: step, logicalType: number, physicalType: "DECIMAL(9,3)", logicalTypeOptions: {multipleOf: 0.25}}
      - {name: r, logicalType: number, physicalType: FLOAT}
      - {name: ok, logicalType: boolean}
      - {name: clock, logicalType: time}
      - {name: uuid, logicalType: string, logicalTypeOptions: {format: uuid}}
      - {name: counts, logicalType: map, map: {key: {logicalType: string}, value: {logicalType: integer}}}
      - {name: grid, logicalType: array, items: {logicalType: array, items: {logicalType: number}}}
      - {name: names, logicalType: array, logicalTypeOptions: {uniqueItems: true, maxItems: 3}, items: {logicalType: string}}
      - {name: any, logicalType: object}
      - {name: key_id, logicalType: integer, customProperties: [{property: kafka.source, value: key.id}]}
      - {name: trace, logicalType: string, customProperties: [{property: kafka.source, value: "header:trace"}]}
)yaml";

// Parquet's writer refuses nulls in required fields, at any depth.
void RequireNoNulls(const arrow::Field& field, const arrow::Array& array) {
  if (!field.nullable() && array.null_count() != 0) std::abort();
  if (array.type_id() == arrow::Type::LIST) {
    RequireNoNulls(*array.type()->field(0), *static_cast<const arrow::ListArray&>(array).values());
  } else if (array.type_id() == arrow::Type::MAP) {
    const auto& map = static_cast<const arrow::MapArray&>(array);
    RequireNoNulls(*map.map_type()->key_field(), *map.keys());
    RequireNoNulls(*map.map_type()->item_field(), *map.items());
  } else if (array.type_id() == arrow::Type::STRUCT) {
    const auto& object = static_cast<const arrow::StructArray&>(array);
    for (int i = 0; i < object.num_fields(); ++i) RequireNoNulls(*array.type()->field(i), *object.field(i));
  }
}

// Returns the text with white space around every colon and comma outside strings.
std::string Spread(std::string_view text) {
  std::string spread;
  bool in_string = false;
  bool escaped = false;
  for (const char c : text) {
    const bool wide = !in_string && (c == ':' || c == ',');
    if (wide) spread += "  ";
    spread += c;
    if (wide) spread += "  ";
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = in_string && c == '\\' && !escaped;
  }
  return spread;
}

// Appends the decoder's row twice; the rows must be valid, and without nulls in required fields.
void AppendTwice(const RecordDecoder& decoder, RowBlock* block) {
  block->Append(decoder.row());
  block->Append(decoder.row());
  const auto arrays = block->Arrays();
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (!arrays[i]->ValidateFull().ok()) std::abort();
    RequireNoNulls(*block->schema()->field(static_cast<int>(i)), *arrays[i]);
  }
}

// Unknown members, and values that the contract does not describe, are kept verbatim, white space included.
void RequireSame(const RowBlock& block, const RowBlock& spread) {
  const auto arrays = block.Arrays();
  const auto spread_arrays = spread.Arrays();
  for (size_t i = 0; i < arrays.size(); ++i) {
    const std::string& name = block.schema()->field(static_cast<int>(i))->name();
    if (name == kExtraColumn || name == "any") continue;
    if (!arrays[i]->Equals(*spread_arrays[i])) std::abort();
  }
}

// A table of the contract.
class Harness {
 public:
  explicit Harness(const Table& table)
      : decoder_(std::move(RecordDecoder::Create(table)).value()), schema_(TableSchema(table)) {}

  void Check(std::string_view value) {
    const RecordHeader header{"trace", value};
    // The key is JSON, too: a field comes from it.
    const RecordView record{"", PartitionId(0), Offset(1), 1'761'825'600'000, value, value, {&header, 1}};
    const Outcome outcome = decoder_->Decode(record, 0).value();
    const Reason reason = decoder_->rejection().reason;
    if (decoder_->Decode(record, 0).value() != outcome) std::abort();
    if (outcome == Outcome::kReject && decoder_->rejection().reason != reason) std::abort();
    RowBlock block(decoder_->schema(), schema_);
    if (outcome == Outcome::kRow) {
      if (!IsUtf8(value)) std::abort();
      const std::string& directory = decoder_->partitions().directory(decoder_->partition());
      if (directory.find("/..") != std::string::npos) std::abort();
      AppendTwice(*decoder_, &block);
    }
    CheckSpread(record, outcome, reason, block);
  }

 private:
  // `outcome`, `reason` and `block` are of the record as it is.
  void CheckSpread(RecordView record, Outcome outcome, Reason reason, const RowBlock& block) {
    const std::string spread = Spread(*record.value);
    record.value = spread;
    const Outcome spread_outcome = decoder_->Decode(record, 0).value();
    if (spread_outcome == Outcome::kReject && decoder_->rejection().reason == Reason::kTooLarge) return;
    if (spread_outcome != outcome) std::abort();
    if (outcome == Outcome::kReject && decoder_->rejection().reason != reason) std::abort();
    if (outcome != Outcome::kRow) return;
    RowBlock spread_block(decoder_->schema(), schema_);
    AppendTwice(*decoder_, &spread_block);
    RequireSame(block, spread_block);
    decoder_->partitions().Clear();
  }

  std::unique_ptr<RecordDecoder> decoder_;
  std::shared_ptr<arrow::Schema> schema_;
};

std::vector<Harness> MakeHarnesses() {
  static const Result<Contract> contract = ParseContract(kContract, "fuzz");
  if (!contract.ok()) {
    std::fprintf(stderr, "%s\n", contract.error().message().c_str());
    std::abort();
  }
  std::vector<Harness> harnesses;
  for (const Table& table : contract->tables) harnesses.emplace_back(table);
  return harnesses;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static std::vector<Harness> harnesses = MakeHarnesses();
  for (Harness& harness : harnesses) harness.Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
