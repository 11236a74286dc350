#include "decode/json_node.h"

namespace forebay {

JsonNode::JsonNode(const SchemaNode& node, std::vector<FieldRules>& all_rules)
    : index(node.index),
      fast(all_rules[node.index]),
      accepted(all_rules[node.index].accepted_texts()),
      members(node.field->fields),
      rules(&all_rules[node.index]),
      schema(&node) {
  for (const SchemaNode& child : node.children) children.emplace_back(child, all_rules);
}

}  // namespace forebay
