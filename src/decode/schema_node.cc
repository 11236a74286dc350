#include "decode/schema_node.h"

#include <bit>

#include "base/row_hash.h"

namespace forebay {
namespace {

size_t SlotOf(std::string_view name, size_t slots) {
  return XXH3_64bits(name.data(), name.size()) & (slots - 1);
}

Result<SchemaNode> CompileNode(const Field& field, size_t* next_index) {
  SchemaNode node(field, (*next_index)++);
  if (!field.pattern.empty()) {
    FOREBAY_ASSIGN(Pattern pattern, Pattern::Compile(field.pattern));
    node.pattern = std::move(pattern);
  }
  if (!field.pattern.empty() || !field.enum_values.empty()) node.accepted = std::make_unique<AcceptedTexts>();
  for (const Field& child : field.fields) {
    FOREBAY_ASSIGN(SchemaNode compiled, CompileNode(child, next_index));
    node.children.push_back(std::move(compiled));
  }
  return node;
}

}  // namespace

MemberLookup::MemberLookup(const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    Name name{.text = field.name, .size = field.name.size()};
    if (name.size < kWindow) {
      char window[kWindow] = {};
      char mask[kWindow] = {};
      __builtin_memcpy(window, name.text.data(), name.size);
      window[name.size] = '"';
      __builtin_memset(mask, 0xFF, name.size + 1);
      __builtin_memcpy(&name.low, window, 8);
      __builtin_memcpy(&name.high, window + 8, 8);
      __builtin_memcpy(&name.low_mask, mask, 8);
      __builtin_memcpy(&name.high_mask, mask + 8, 8);
    }
    names_.push_back(std::move(name));
  }
  const size_t count = names_.size();
  next_.resize(count + 1);
  for (size_t i = 0; i < next_.size(); ++i) next_[i] = static_cast<uint16_t>(i < count ? i : 0);
  slots_.assign(std::bit_ceil(count * 2 + 2), 0);
  for (size_t i = 0; i < count; ++i) {
    size_t slot = SlotOf(names_[i].text, slots_.size());
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<uint16_t>(i + 1);
  }
}

int MemberLookup::Find(int previous, std::string_view name) {
  for (size_t slot = SlotOf(name, slots_.size()); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    const int member = slots_[slot] - 1;
    if (names_[static_cast<size_t>(member)].text != name) continue;
    next_[static_cast<size_t>(previous + 1)] = static_cast<uint16_t>(member);
    return member;
  }
  return kUnknown;
}

Result<SchemaTree> CompileSchema(const Table& table) {
  SchemaTree tree;
  tree.root_field = std::make_unique<Field>();
  tree.root_field->name = table.name;
  tree.root_field->type = FieldType::kObject;
  tree.root_field->required = true;
  tree.root_field->fields = table.fields;
  FOREBAY_ASSIGN(SchemaNode root, CompileNode(*tree.root_field, &tree.node_count));
  tree.root = std::make_unique<SchemaNode>(std::move(root));
  return tree;
}

}  // namespace forebay
