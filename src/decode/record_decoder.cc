#include "decode/record_decoder.h"

#include <fmt/format.h>

#include <utility>

#include "decode/json_payload_decoder.h"

namespace forebay {

RecordDecoder::RecordDecoder(const Table& table, const DecoderLimits& limits, PartitionIndex partitions)
    : limits_(limits),
      schema_(CompileSchema(table)),
      finisher_(schema_, std::move(partitions)),
      row_(schema_) {}

Result<std::unique_ptr<RecordDecoder>> RecordDecoder::Create(const Table& table,
                                                             const DecoderLimits& limits) {
  return Create(table, limits,
                [&limits](const SchemaTree& schema) -> Result<std::unique_ptr<PayloadDecoder>> {
                  FOREBAY_ASSIGN(auto decoder, JsonPayloadDecoder::Create(schema, limits.max_depth));
                  return std::unique_ptr<PayloadDecoder>(std::move(decoder));
                });
}

Result<std::unique_ptr<RecordDecoder>> RecordDecoder::Create(const Table& table, const DecoderLimits& limits,
                                                             const MakePayloadDecoder& make_payload_decoder) {
  FOREBAY_ASSIGN(PartitionIndex partitions, PartitionIndex::Create(table));
  std::unique_ptr<RecordDecoder> decoder(new RecordDecoder(table, limits, std::move(partitions)));
  FOREBAY_ASSIGN(decoder->payload_decoder_, make_payload_decoder(decoder->schema_));
  FOREBAY_ASSIGN(decoder->kafka_fields_, KafkaFields::Create(decoder->schema_, limits.max_depth));
  return decoder;
}

// The fields that do not come from the value are pushed afterwards, as for other records.
void RecordDecoder::DecodeTombstone() {
  const Table& table = *schema_.table;
  for (size_t i = 0; i < table.fields.size(); ++i) {
    if (!KafkaFields::Provides(table, i, true)) builder_.PushNull(schema_.root->children[i]);
  }
}

Result<Outcome> RecordDecoder::Decode(const RecordView& record, int64_t now_ms, RowRun* rows) {
  const bool tombstone = !record.value;
  if (tombstone && !schema_.table->tombstones_are_rows) return Outcome::kTombstone;
  const size_t bytes = tombstone ? 0 : record.value->size();
  if (bytes > limits_.max_record_bytes) {
    builder_.Reject(Reason::kTooLarge, fmt::format("record of {} bytes exceeds the limit of {} bytes", bytes,
                                                   limits_.max_record_bytes));
    return Outcome::kReject;
  }
  builder_.Begin(rows, bytes);
  if (tombstone) {
    DecodeTombstone();
  } else {
    const Status decoded = payload_decoder_->Decode(record, builder_);
    if (!decoded.ok()) [[unlikely]] {
      builder_.Drop();
      return decoded.error();
    }
  }
  if (kafka_fields_ != nullptr) kafka_fields_->Push(record, builder_);
  if (!builder_.rejected()) finisher_.Finish(record, now_ms, builder_, &current_);
  if (builder_.rejected()) {
    builder_.Drop();
    return Outcome::kReject;
  }
  current_.topic = record.topic;
  current_.partition = record.partition;
  current_.offset = record.offset;
  current_.timestamp_ms = record.timestamp_ms;
  current_.bytes = bytes;
  current_.tombstone = tombstone;
  builder_.Append(current_);
  return Outcome::kRow;
}

}  // namespace forebay
