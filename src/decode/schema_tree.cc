#include "decode/schema_tree.h"

#include <utility>

namespace forebay {
namespace {

SchemaNode CompileNode(const Field& field, size_t* next_index) {
  SchemaNode node{&field, (*next_index)++, {}};
  for (const Field& child : field.fields) node.children.push_back(CompileNode(child, next_index));
  return node;
}

void AddPaths(const SchemaNode& node, std::vector<std::string>* paths) {
  const std::string& path = (*paths)[node.index];
  const bool array = node.field->type == FieldType::kArray;
  const bool record = node.index == 0;
  for (const SchemaNode& child : node.children) {
    (*paths)[child.index] =
        array ? path + "[]" : (record ? child.field->name : path + "." + child.field->name);
    AddPaths(child, paths);
  }
}

}  // namespace

SchemaTree CompileSchema(const Table& table) {
  SchemaTree tree;
  tree.table = &table;
  tree.root_field = std::make_unique<Field>();
  tree.root_field->name = tree.root_field->column = table.name;
  tree.root_field->type = FieldType::kObject;
  tree.root_field->required = true;
  tree.root_field->fields = table.fields;
  tree.root = std::make_unique<SchemaNode>(CompileNode(*tree.root_field, &tree.node_count));
  return tree;
}

std::vector<std::string> FieldPaths(const SchemaTree& schema) {
  std::vector<std::string> paths(schema.node_count);
  AddPaths(*schema.root, &paths);
  return paths;
}

}  // namespace forebay
