// Input: arbitrary bytes as a JSON record for the decoder. Must not crash. Decoding again must give the same
// result, and so must the record with white space around each colon and comma (which bypasses the fast path).
// Landed rows must be valid.
#include <arrow/array.h>
#include <arrow/type.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

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
)yaml";

// Parquet's writer refuses nulls in required fields, at any depth.
void RequireNoNulls(const arrow::Field& field, const arrow::Array& array) {
  if (!field.nullable() && array.null_count() != 0) std::abort();
  if (array.type_id() == arrow::Type::LIST) {
    RequireNoNulls(*array.type()->field(0), *static_cast<const arrow::ListArray&>(array).values());
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

// Unknown members are kept verbatim, white space included.
void RequireSame(const RowBlock& block, const RowBlock& spread) {
  const auto arrays = block.Arrays();
  const auto spread_arrays = spread.Arrays();
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (block.schema()->field(static_cast<int>(i))->name() == kExtraColumn) continue;
    if (!arrays[i]->Equals(*spread_arrays[i])) std::abort();
  }
}

struct Harness {
  Contract contract;
  std::unique_ptr<RecordDecoder> decoder;
  std::shared_ptr<arrow::Schema> schema;

  Harness() {
    auto read = ParseContract(kContract, "fuzz");
    if (!read.ok()) {
      std::fprintf(stderr, "%s\n", read.error().message().c_str());
      std::abort();
    }
    contract = std::move(read).value();
    decoder = std::move(RecordDecoder::Create(contract.tables.front())).value();
    schema = TableSchema(contract.tables.front());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Harness harness;
  RecordDecoder& decoder = *harness.decoder;
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const RecordView record{PartitionId(0), Offset(1), 1'761'825'600'000, std::nullopt, value};
  const Outcome outcome = decoder.Decode(record, 0).value();
  const Reason reason = decoder.rejection().reason;
  if (decoder.Decode(record, 0).value() != outcome) std::abort();
  if (outcome == Outcome::kReject && decoder.rejection().reason != reason) std::abort();
  RowBlock block(decoder.schema(), harness.schema);
  if (outcome == Outcome::kRow) {
    if (!IsUtf8(value)) std::abort();
    if (decoder.partitions().directory(decoder.partition()).find("/..") != std::string::npos) std::abort();
    AppendTwice(decoder, &block);
  }
  const std::string spread = Spread(value);
  RecordView spread_record = record;
  spread_record.value = spread;
  const Outcome spread_outcome = decoder.Decode(spread_record, 0).value();
  if (spread_outcome == Outcome::kReject && decoder.rejection().reason == Reason::kTooLarge) return 0;
  if (spread_outcome != outcome) std::abort();
  if (outcome == Outcome::kReject && decoder.rejection().reason != reason) std::abort();
  if (outcome == Outcome::kRow) {
    RowBlock spread_block(decoder.schema(), harness.schema);
    AppendTwice(decoder, &spread_block);
    RequireSame(block, spread_block);
    decoder.partitions().Clear();
  }
  return 0;
}
