#include "contract/kept_columns.h"

#include <algorithm>

namespace forebay {
namespace {

void KeepWithin(const Field& earlier, Field* field) {
  if (earlier.type != field->type) return;
  if (field->type == FieldType::kObject) return KeepColumns(earlier.fields, &field->fields);
  // Arrays and maps have the same number of parts.
  for (size_t i = 0; i < field->fields.size(); ++i) KeepWithin(earlier.fields[i], &field->fields[i]);
}

}  // namespace

const Field* FindColumn(const std::vector<Field>& fields, std::string_view column) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.column == column; });
  return found == fields.end() ? nullptr : &*found;
}

void KeepColumns(const std::vector<Field>& earlier, std::vector<Field>* fields) {
  for (const Field& field : earlier) {
    if (const Field* const known = FindColumn(*fields, field.column)) {
      KeepWithin(field, &(*fields)[static_cast<size_t>(known - fields->data())]);
    } else {
      fields->push_back(field);
      fields->back().required = false;
    }
  }
}

Table WithKeptColumns(const Table& table, const std::vector<Table>& earlier) {
  Table kept = table;
  for (const Table& form : earlier) KeepColumns(form.fields, &kept.fields);
  return kept;
}

}  // namespace forebay
