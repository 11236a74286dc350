#include "infer/proposal.h"

namespace forebay::infer {

Field WithMembers(const ProposedField& proposed) {
  Field field = proposed.field;
  field.fields = WithMembers(proposed.fields);
  return field;
}

std::vector<Field> WithMembers(const std::vector<ProposedField>& proposed) {
  std::vector<Field> fields;
  for (const ProposedField& field : proposed) fields.push_back(WithMembers(field));
  return fields;
}

}  // namespace forebay::infer
