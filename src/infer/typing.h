// From evidence to fields: each has a type that accepts all values that were seen in its place.
#pragma once

#include <string>
#include <vector>

#include "infer/evidence.h"
#include "infer/proposal.h"

namespace forebay::infer {

inline constexpr size_t kMaxColumns = 1'000;  // of a table; nested values beyond are kept as JSON

struct TypingOptions {
  std::string time_zone;  // of timestamps without an offset, an IANA name; empty: unknown, and they are texts
  bool enums = false;     // few different texts or integers become an enum
  bool values = true;     // examples, and values in comments
};

struct TypedFields {
  std::vector<ProposedField> fields;
  std::vector<std::string> remarks;  // conflicts, and what does not become a field; a sentence each
};

// `root` is the evidence of the records themselves. Changes it: the members of objects that are maps are
// merged.
TypedFields ProposeFields(Evidence& root, const TypingOptions& options);

}  // namespace forebay::infer
