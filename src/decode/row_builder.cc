#include "decode/row_builder.h"

#include <utility>

namespace forebay {
namespace {

// The nodes of a field are numbered one after the other.
size_t EndOf(const SchemaNode& field) {
  return field.children.empty() ? field.index + 1 : EndOf(field.children.back());
}

}  // namespace

// Pushes slots for the members of an absent object; an absent array has no elements. Arrow and Parquet allow
// no nulls in required members, not even where the object is absent: these get a placeholder that no reader
// sees.
void RowBuilder::PushPlaceholder(const SchemaNode& node) {
  if (node.field->type != FieldType::kObject) return;
  for (const SchemaNode& child : node.children) {
    Push(child.index, child.field->required ? Slot::Placeholder() : Slot::Null());
    PushPlaceholder(child);
  }
}

void RowBuilder::EndObject(const SchemaNode& object, const MemberSet& present, const FieldPath* path) {
  const size_t members = object.children.size();
  for (size_t i = present.FirstAbsent(0); i < members; i = present.FirstAbsent(i + 1)) {
    const SchemaNode& child = object.children[i];
    if (child.field->required) {
      const FieldPath here{path, child.field->name};
      RejectField(Reason::kMissingField, &here, "required field is absent");
    } else {
      PushNull(child);
    }
  }
}

RowBuilder::Checkpoint RowBuilder::Save(const SchemaNode& field) const {
  Checkpoint checkpoint{{}, rejected_, violations(), extra_.size(), unknown_.seen()};
  for (size_t node = field.index; node < EndOf(field); ++node)
    checkpoint.slots.push_back(slots_[node].size());
  return checkpoint;
}

bool RowBuilder::IsWrongSince(const Checkpoint& before) const {
  return !malformed_ && violations() > before.violations;
}

void RowBuilder::Restore(const SchemaNode& field, const Checkpoint& before) {
  for (size_t i = 0; i < before.slots.size(); ++i)
    slots_[field.index + i].resize(before.slots[i], Slot::Null());
  rejected_ = before.rejected;
  rejection_.all.resize(before.violations);
  extra_.Truncate(before.extra);
  unknown_.ForgetAfter(before.unknown);
}

void RowBuilder::Reject(Reason reason, std::string detail) {
  rejected_ = malformed_ = true;
  Violation& violation = rejection_;
  violation = {reason, "", std::move(detail)};
  rejection_.all = {violation};
}

void RowBuilder::RejectField(Reason reason, const FieldPath* path, std::string detail) {
  if (malformed_) return;
  Violation violation{reason, PathText(path), std::move(detail)};
  if (!rejected_) {
    rejected_ = true;
    static_cast<Violation&>(rejection_) = violation;
    rejection_.all.clear();
  }
  if (rejection_.all.size() < Rejection::kMaxViolations) rejection_.all.push_back(std::move(violation));
}

}  // namespace forebay
