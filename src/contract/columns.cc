#include "contract/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "base/quoted.h"
#include "base/utf8.h"
#include "contract/names.h"

namespace forebay {
namespace {

bool IsReserved(const std::string& name) {
  const std::string lower = LowerCase(name);
  return lower.starts_with("_kafka_") || lower == "_extra";
}

std::string WithoutLeading(const std::string& name, std::string_view characters) {
  const size_t begin = name.find_first_not_of(characters);
  return begin == std::string::npos ? "" : name.substr(begin);
}

// The columns of one object, or of the record itself.
class ObjectColumns {
 public:
  ObjectColumns(std::vector<Field>& fields, const std::string& path, bool is_record, Diagnostics& diagnostics)
      : fields_(fields), path_(path), is_record_(is_record), diagnostics_(diagnostics) {}

  void Assign() {
    for (Field& field : fields_) {
      if (!field.column.empty()) KeepPhysicalName(field);
    }
    for (Field& field : fields_) {
      if (field.column.empty()) TakeName(field);
    }
    NoteCase();
  }

 private:
  void KeepPhysicalName(Field& field) {
    if (is_record_ && IsReserved(field.column)) return Move(field, field.column);
    if (taken_.insert(field.column).second) return;
    diagnostics_.Add(field.line,
                     fmt::format("{}: duplicate physicalName {}", What(field), Quoted(field.column)),
                     "a column of its own was expected");
  }

  void TakeName(Field& field) {
    const bool usable = !field.name.empty() && !(is_record_ && IsReserved(field.name));
    if (!usable || !taken_.insert(field.name).second) return Move(field, field.name);
    field.column = field.name;
  }

  void Move(Field& field, const std::string& name) {
    const bool reserved = is_record_ && IsReserved(name);
    field.column = reserved ? WithoutLeading(name, "_") : name;
    if (field.column.empty()) field.column = "empty";
    while (!taken_.insert(field.column).second) field.column += '_';
    const char* const why = reserved       ? "the name is reserved for columns that Forebay adds"
                            : name.empty() ? "not every reader takes a column without a name"
                                           : "another column has the name";
    diagnostics_.AddNote(field.line, What(field) + ": " + why, "its column is " + Quoted(field.column));
  }

  void NoteCase() {
    NameSet names;
    for (const Field& field : fields_) {
      const std::string problem = names.AddIgnoringCase(field.column, field.line);
      if (!problem.empty())
        diagnostics_.AddNote(field.line, What(field) + ": " + problem,
                             "readers that ignore case need a setting, or another physicalName");
    }
  }

  std::string What(const Field& field) const { return "field " + Quoted(path_ + "." + field.name); }

  std::vector<Field>& fields_;
  const std::string& path_;
  const bool is_record_;
  Diagnostics& diagnostics_;
  std::set<std::string> taken_;
};

void AssignInside(Field& field, const std::string& path, Diagnostics& diagnostics) {
  if (field.type == FieldType::kObject) ObjectColumns(field.fields, path, false, diagnostics).Assign();
  for (Field& inner : field.fields) {
    const bool member = field.type == FieldType::kObject;
    AssignInside(inner, member ? path + "." + inner.name : path + "[]", diagnostics);
  }
}

// Characters that every supported reader takes in the name of a directory level.
bool FitsLevel(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

std::string LevelName(const std::string& wanted) {
  std::string name = WithoutLeading(wanted, "_.");
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !FitsLevel(c); }, '_');
  while (name.size() > kMaxDimensionName || !IsUtf8(name)) name.pop_back();
  return name.empty() ? "empty" : name;
}

}  // namespace

void AssignColumns(Table& table, Diagnostics& diagnostics) {
  ObjectColumns(table.fields, table.name, true, diagnostics).Assign();
  for (Field& field : table.fields) AssignInside(field, table.name + "." + field.name, diagnostics);
}

std::string DimensionName(const Table& table, const std::string& wanted, std::optional<size_t> own, int line,
                          Diagnostics& diagnostics) {
  std::set<std::string> taken;
  for (size_t i = 0; i < table.fields.size(); ++i) {
    if (own != i) taken.insert(LowerCase(table.fields[i].column));
  }
  for (const PartitionDimension& dimension : table.dimensions) taken.insert(LowerCase(dimension.name));
  std::string name = LevelName(wanted);
  while (taken.contains(LowerCase(name))) name += '_';
  if (name != wanted) {
    diagnostics.AddNote(
        line,
        fmt::format("table {}: the partition dimension {} has a name that not every reader takes there",
                    Quoted(table.name), Quoted(wanted)),
        fmt::format("its directories are {}=...", name));
  }
  return name;
}

}  // namespace forebay
