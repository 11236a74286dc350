// A table's fields as a tree of numbered nodes: the schema that payload decoders, runs of rows and blocks
// share, whatever the format of the records.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "contract/contract.h"

namespace forebay {

// INVARIANT: `children` are those of the field, in the contract's order; `index` numbers all nodes of a
// table, parents before children.
struct SchemaNode {
  const Field* field;
  size_t index;
  std::vector<SchemaNode> children;
};

// Immutable once compiled, and then thread-safe. The table must outlive it.
struct SchemaTree {
  const Table* table = nullptr;
  std::unique_ptr<Field> root_field;  // an object that holds the table's fields
  std::unique_ptr<SchemaNode> root;
  size_t node_count = 0;
};

SchemaTree CompileSchema(const Table& table);

// The path of each node by its index, for messages and counts: "items[].quantity"; "" for the root.
std::vector<std::string> FieldPaths(const SchemaTree& schema);

}  // namespace forebay
