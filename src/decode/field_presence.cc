#include "decode/field_presence.h"

namespace forebay {
namespace {

// `node` has values.
void AddEmpty(const SchemaNode& node, const FieldValues& values, const std::vector<std::string>& paths,
              std::vector<std::string>* empty) {
  const bool array = node.field->type == FieldType::kArray || node.field->type == FieldType::kMap;
  for (const SchemaNode& child : node.children) {
    if (values[child.index] > 0) {
      AddEmpty(child, values, paths, empty);
    } else if (!array) {  // arrays and maps without elements are values
      empty->push_back(paths[child.index]);
    }
  }
}

}  // namespace

std::vector<std::string> FieldsWithoutValues(const SchemaTree& schema, const FieldValues& values) {
  std::vector<std::string> empty;
  const std::vector<std::string> paths = FieldPaths(schema);
  for (size_t i = 0; i < schema.root->children.size(); ++i) {
    const SchemaNode& field = schema.root->children[i];
    if (schema.table->InPathOnly(i)) continue;
    if (values[field.index] > 0) {
      AddEmpty(field, values, paths, &empty);
    } else {
      empty.push_back(paths[field.index]);
    }
  }
  return empty;
}

}  // namespace forebay
