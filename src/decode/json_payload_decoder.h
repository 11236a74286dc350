// Decodes records that are JSON texts.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decode/json_node.h"
#include "decode/json_text.h"
#include "decode/payload_decoder.h"
#include "decode/schema_tree.h"

namespace forebay {

// Rejects a text that is not JSON for what comes first in it: syntax, depth or duplicate members. Bytes that
// are not UTF-8, anywhere in the text, take precedence over syntax.
class JsonPayloadDecoder final : public PayloadDecoder {
 public:
  // The schema must outlive it.
  static Result<std::unique_ptr<JsonPayloadDecoder>> Create(const SchemaTree& schema, int max_depth);

  // Always succeeds: the text is all that it needs.
  Status Decode(const RecordView& record, RowBuilder& row) override;

  // Decodes one field of the record itself from a JSON text of its own, which must outlive the row. After an
  // error, the field has no slot.
  JsonError DecodeField(size_t field, std::string_view json, RowBuilder& row);
  // The rules of a field of the record itself.
  FieldRules& rules(size_t field) { return *root_.children[field].rules; }

 private:
  JsonPayloadDecoder(const SchemaTree& schema, std::vector<FieldRules> rules, int max_depth);

  // `path` is the place of the object or value; `depth` counts the objects and arrays around it. After an
  // error, the text is rejected.
  JsonError DecodeText();
  JsonError DecodeObject(JsonNode& node, int depth, const FieldPath* path);
  JsonError DecodeMember(JsonNode& object, int* previous, MemberSet& present, MemberNames* unknown, int depth,
                         const FieldPath* path);
  int MatchMember(JsonNode& object, int previous, std::string_view* name, JsonError* error);
  JsonError DecodeUnknownMember(const JsonNode& object, std::string_view name, int depth,
                                const FieldPath* path);
  JsonError DecodeArray(JsonNode& node, int depth, const FieldPath* path);
  JsonError DecodeMap(JsonNode& node, int depth, const FieldPath* path);
  JsonError DecodeAny(const JsonNode& node, int depth);
  JsonError DecodeLenient(const JsonNode& object, JsonNode& node, int depth, const FieldPath* path);
  JsonError DecodeCoerced(JsonNode& node, JsonType type, const FieldPath* path);
  void AcceptBooleanNumber(const JsonNode& node, const JsonNumber& number, const FieldPath* path);
  void AcceptNumber(const JsonNode& node, const JsonNumber& number, const FieldPath* path);
  JsonError DecodeValue(JsonNode& node, int depth, const FieldPath* path);
  JsonError DecodeString(JsonNode& node, const FieldPath* path);
  JsonError DecodeNumber(const JsonNode& node, const FieldPath* path);
  void RejectText(JsonError error, std::string_view text);

  std::vector<FieldRules> rules_;  // by node index
  JsonNode root_;
  std::vector<size_t> elsewhere_;  // the fields of the record itself that come from elsewhere than its value
  const int max_depth_;
  JsonReader reader_;
  RowBuilder* row_ = nullptr;  // of the current record
};

}  // namespace forebay
