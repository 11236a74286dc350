// A table's fields compiled for decoding: member lookup, patterns and enums, numbered nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "contract/pattern.h"
#include "decode/accepted_texts.h"

namespace forebay {

// Finds a member by name in a handful of instructions when members come in the order they came in last time.
// Not thread-safe: it learns.
class MemberLookup {
 public:
  static constexpr int kUnknown = -1;

  explicit MemberLookup(const std::vector<Field>& fields);

  // If `p` (just behind a member name's opening quote) begins with the name that last followed member
  // `previous` (kUnknown: the object's beginning) and its closing quote, the member; else kUnknown.
  int MatchPredicted(int previous, const char* p, const char* end) const {
    const int candidate = next_[static_cast<size_t>(previous + 1)];
    const Name& name = names_[static_cast<size_t>(candidate)];
    if (end - p < kWindow || name.size >= kWindow) return kUnknown;
    uint64_t low;
    uint64_t high;
    __builtin_memcpy(&low, p, 8);
    __builtin_memcpy(&high, p + 8, 8);
    return (((low ^ name.low) & name.low_mask) | ((high ^ name.high) & name.high_mask)) == 0 ? candidate
                                                                                             : kUnknown;
  }
  size_t name_size(int member) const { return names_[static_cast<size_t>(member)].size; }

  // Any name, unescaped; remembers that it followed `previous`.
  int Find(int previous, std::string_view name);

 private:
  static constexpr int kWindow = 16;
  struct Name {
    std::string text;
    size_t size;
    uint64_t low = 0, high = 0;  // the name and its closing quote, as they stand in the record
    uint64_t low_mask = 0, high_mask = 0;
  };
  std::vector<Name> names_;
  std::vector<uint16_t> next_;   // by previous + 1
  std::vector<uint16_t> slots_;  // hash table of member + 1
};

// INVARIANT: children are those of the field, in the contract's order; indexes number all nodes of a table,
// parents before children. The Field outlives the node.
struct SchemaNode {
  SchemaNode(const Field& field_in, size_t index_in)
      : field(&field_in), index(index_in), members(field_in.fields) {}

  const Field* field;
  size_t index;
  std::vector<SchemaNode> children;
  MemberLookup members;  // objects only
  std::optional<Pattern> pattern;
  std::unique_ptr<AcceptedTexts> accepted;  // strings with an enum or a pattern only
};

// The nodes of a table under one root object. `root_field` must outlive them.
struct SchemaTree {
  std::unique_ptr<Field> root_field;
  std::unique_ptr<SchemaNode> root;
  size_t node_count = 0;
};

Result<SchemaTree> CompileSchema(const Table& table);

}  // namespace forebay
