#include "decode/schema_tree.h"

#include <utility>

namespace forebay {
namespace {

SchemaNode CompileNode(const Field& field, size_t* next_index) {
  SchemaNode node{&field, (*next_index)++, {}};
  for (const Field& child : field.fields) node.children.push_back(CompileNode(child, next_index));
  return node;
}

}  // namespace

SchemaTree CompileSchema(const Table& table) {
  SchemaTree tree;
  tree.table = &table;
  tree.root_field = std::make_unique<Field>();
  tree.root_field->name = table.name;
  tree.root_field->type = FieldType::kObject;
  tree.root_field->required = true;
  tree.root_field->fields = table.fields;
  tree.root = std::make_unique<SchemaNode>(CompileNode(*tree.root_field, &tree.node_count));
  return tree;
}

}  // namespace forebay
