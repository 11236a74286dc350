// A table's fields compiled for decoding JSON: what the decoder needs of a field, beside its rules.
#pragma once

#include <cstddef>
#include <vector>

#include "decode/fast_path_rules.h"
#include "decode/field_rules.h"
#include "decode/member_lookup.h"
#include "decode/schema_tree.h"
#include "decode/values.h"

namespace forebay {

// INVARIANT: `children` are those of the schema's node, in its order. Not thread-safe: decoding learns the
// order of members and the latest date. The schema and `rules` must outlive it.
struct JsonNode {
  // `rules`: of all fields, by node index.
  JsonNode(const SchemaNode& node, std::vector<FieldRules>& rules);

  size_t index;
  FastPathRules fast;
  KnownDate known_date;  // timestamps only
  AcceptedTexts* accepted;
  std::vector<JsonNode> children;
  MemberLookup members;  // objects only
  FieldRules* rules;
  const SchemaNode* schema;
};

}  // namespace forebay
