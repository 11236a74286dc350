#include "contract/kept_columns.h"

#include <algorithm>
#include <iterator>

namespace forebay {
namespace {

void KeepWithin(const Field& earlier, Field* field) {
  if (earlier.type != field->type) return;
  if (field->type == FieldType::kObject) return KeepColumns(earlier.fields, &field->fields);
  // Arrays and maps have the same number of parts.
  for (size_t i = 0; i < field->fields.size(); ++i) KeepWithin(earlier.fields[i], &field->fields[i]);
}

// The same field in a table that has more of them.
void Relocate(const std::vector<Field>& fields, const std::vector<Field>& more, size_t depth,
              FieldPlace* place) {
  if (depth == place->size()) return;
  const Field& field = fields[(*place)[depth]];
  const Field& same = *FindColumn(more, field.column);
  (*place)[depth] = static_cast<size_t>(&same - more.data());
  Relocate(field.fields, same.fields, depth + 1, place);
}

}  // namespace

const Field* FindColumn(const std::vector<Field>& fields, std::string_view column) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.column == column; });
  return found == fields.end() ? nullptr : &*found;
}

void KeepColumns(const std::vector<Field>& earlier, std::vector<Field>* fields) {
  size_t next = 0;
  for (const Field& field : earlier) {
    if (const Field* const known = FindColumn(*fields, field.column)) {
      next = static_cast<size_t>(known - fields->data());
      KeepWithin(field, &(*fields)[next]);
    } else {
      const auto kept = fields->insert(std::next(fields->begin(), static_cast<ptrdiff_t>(next)), field);
      kept->required = false;
      kept->nullable = true;
    }
    ++next;
  }
}

Table WithKeptColumns(const Table& table, const std::vector<Table>& earlier) {
  Table kept = table;
  for (const Table& form : earlier) KeepColumns(form.fields, &kept.fields);
  const auto relocate = [&](FieldPlace& place) { Relocate(table.fields, kept.fields, 0, &place); };
  for (PartitionDimension& dimension : kept.dimensions) relocate(dimension.source);
  for (FieldPlace& place : kept.primary_key) relocate(place);
  if (kept.key) relocate(*kept.key);
  if (kept.event_time) relocate(*kept.event_time);
  return kept;
}

}  // namespace forebay
