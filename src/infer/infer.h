// A contract for a topic that has none: inferred from a sample of its records.
//
// The contract lands every record of the sample that any contract could land. What the sample does not decide
// is decided by the best candidate, and remarked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "infer/roles.h"
#include "infer/sample.h"
#include "infer/typing.h"

namespace forebay::infer {

struct InferOptions {
  std::string table;
  TopicSettings topic;
  bool knows_partitions = false;  // those of `topic` are a broker's
  bool knows_settings = false;    // retention and cleanup policy are
  std::string source;             // of the sample, for comments: "topic shop.clicks", "clicks.jsonl"
  int64_t now_ms = 0;             // stands for the Kafka timestamp of records without one
  TypingOptions typing;
  RoleChoices roles;
  // Later records may be without what all of the sample have, and have wrong values: those become null.
  bool lenient = false;
};

struct InferredContract {
  std::string yaml;
  // What is worth knowing about the sample, and what was not clear: a sentence each.
  std::vector<std::string> remarks;
};

// kInvalidArgument if the sample has no JSON object, or a choice does not fit the records.
Result<InferredContract> Infer(const Sample& sample, const InferOptions& options);

// The same from a JSON Schema or the Avro schema of a record, without a sample. Roles come from names alone.
// kInvalidArgument if the text is neither; `options.source` names it.
Result<InferredContract> InferFromSchema(std::string_view schema, const InferOptions& options);

// The name of a table for a topic or a file: "shop.clicks" becomes shop_clicks.
std::string TableNameFor(std::string_view source);

}  // namespace forebay::infer
