// The fields of a row that come from the record's key, headers and coordinates instead of its value.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decode/json_payload_decoder.h"
#include "decode/record.h"
#include "decode/row_builder.h"
#include "decode/schema_tree.h"

namespace forebay {

// Keys and headers are texts. A field of type string has the whole text, a date, time or timestamp the time
// in it; for every other type, and for members of a key, the text is JSON. Not thread-safe. The schema must
// outlive it.
class KafkaFields {
 public:
  // nullptr for a table whose fields all come from the value.
  static Result<std::unique_ptr<KafkaFields>> Create(const SchemaTree& schema, int max_depth);

  // Whether Push, and not the payload decoder, provides a field of the record itself. Of a tombstone, it
  // provides the field that is the Kafka key, too.
  static bool Provides(const Table& table, size_t field, bool tombstone);

  // Pushes the slots of the fields that it provides, or rejects them in the row. Views into the record's key
  // and headers stay in the row.
  void Push(const RecordView& record, RowBuilder& row);
  // Whether Push reads headers.
  bool needs_headers() const { return needs_headers_; }

 private:
  KafkaFields(const SchemaTree& schema, std::unique_ptr<JsonPayloadDecoder> json, int max_depth);

  void PushField(size_t field, const RecordView& record, RowBuilder& row);
  void PushKey(size_t field, const std::optional<std::string_view>& key, RowBuilder& row);
  void PushText(size_t field, std::string_view what, std::string_view text, RowBuilder& row);
  void PushJson(size_t field, std::string_view what, std::string_view json, RowBuilder& row);

  const Table& table_;
  std::unique_ptr<JsonPayloadDecoder> json_;
  const int max_depth_;
  bool needs_headers_ = false;
};

}  // namespace forebay
