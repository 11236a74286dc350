#include "contract/field_place.h"

#include <algorithm>
#include <utility>

namespace forebay {
namespace {

const Field& KafkaTimestamp() {
  static const Field field = [] {
    Field timestamp;
    timestamp.name = timestamp.column = kKafkaTimestampName;
    timestamp.type = FieldType::kTimestamp;
    return timestamp;
  }();
  return field;
}

std::optional<size_t> IndexOf(const std::vector<Field>& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [name](const Field& field) { return field.name == name; });
  if (found == fields.end()) return std::nullopt;
  return static_cast<size_t>(found - fields.begin());
}

// RFC 6901: "~1" is "/", "~0" is "~".
std::string Unescaped(std::string_view token) {
  std::string name;
  for (size_t i = 0; i < token.size(); ++i) {
    const bool escape =
        token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    name += escape ? (token[++i] == '0' ? '~' : '/') : token[i];
  }
  return name;
}

std::optional<FieldPlace> FindPointer(const std::vector<Field>& fields, std::string_view pointer) {
  pointer.remove_prefix(1);
  const size_t slash = pointer.find('/');
  const std::optional<size_t> index = IndexOf(fields, Unescaped(pointer.substr(0, slash)));
  if (!index) return std::nullopt;
  FieldPlace place = {*index};
  if (slash == std::string_view::npos) return place;
  if (fields[*index].type != FieldType::kObject) return std::nullopt;
  const auto rest = FindPointer(fields[*index].fields, pointer.substr(slash));
  if (!rest) return std::nullopt;
  place.insert(place.end(), rest->begin(), rest->end());
  return place;
}

std::optional<FieldPlace> FindPath(const std::vector<Field>& fields, std::string_view path) {
  if (const std::optional<size_t> index = IndexOf(fields, path)) return FieldPlace{*index};
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const std::optional<size_t> index = IndexOf(fields, path.substr(0, dot));
    if (!index || fields[*index].type != FieldType::kObject) continue;
    if (const auto rest = FindPath(fields[*index].fields, path.substr(dot + 1))) {
      FieldPlace place = {*index};
      place.insert(place.end(), rest->begin(), rest->end());
      return place;
    }
  }
  return std::nullopt;
}

void AddPaths(const std::vector<Field>& fields, const std::string& prefix, std::vector<std::string>* paths) {
  for (const Field& field : fields) {
    paths->push_back(prefix + field.name);
    if (field.type == FieldType::kObject) AddPaths(field.fields, paths->back() + ".", paths);
  }
}

std::string JoinedAt(const Table& table, const FieldPlace& place, std::string Field::*name) {
  if (place.empty()) return std::string(kKafkaTimestampName);
  std::string path;
  FieldPlace prefix;
  for (const size_t index : place) {
    prefix.push_back(index);
    path += (prefix.size() > 1 ? "." : "") + FieldAt(table, prefix).*name;
  }
  return path;
}

}  // namespace

const Field& FieldAt(const Table& table, const FieldPlace& place) {
  if (place.empty()) return KafkaTimestamp();
  const Field* field = &table.fields[place.front()];
  for (size_t i = 1; i < place.size(); ++i) field = &field->fields[place[i]];
  return *field;
}

std::string PathAt(const Table& table, const FieldPlace& place) {
  return JoinedAt(table, place, &Field::name);
}

std::string ColumnPathAt(const Table& table, const FieldPlace& place) {
  return JoinedAt(table, place, &Field::column);
}

bool IsOptionalAt(const Table& table, const FieldPlace& place) {
  FieldPlace prefix;
  for (const size_t index : place) {
    prefix.push_back(index);
    if (FieldAt(table, prefix).nullable) return true;
  }
  return place.empty();
}

std::optional<FieldPlace> FindPlace(const std::vector<Field>& fields, std::string_view text) {
  if (auto place = FindPath(fields, text)) return place;
  return text.starts_with('/') ? FindPointer(fields, text) : std::nullopt;
}

std::vector<std::string> PathsOf(const std::vector<Field>& fields) {
  std::vector<std::string> paths;
  AddPaths(fields, "", &paths);
  return paths;
}

}  // namespace forebay
