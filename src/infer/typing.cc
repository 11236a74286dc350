#include "infer/typing.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quoted.h"
#include "contract/names.h"
#include "infer/comment.h"
#include "infer/map_detection.h"
#include "infer/scalar_types.h"
#include "infer/yaml_text.h"
#include "report/text_table.h"

namespace forebay::infer {
namespace {

constexpr double kNearlyAll = 0.9;  // of the values have one kind: the others are a conflict worth a remark
constexpr uint64_t kMinPerEnumValue = 5;

bool IsContainer(const Evidence& place) {
  return place.objects > 0 || place.arrays > 0;
}

// Of an object that is a map.
std::string NamesText(const Evidence& object) {
  return object.any_member ? fmt::format("more than {} different names", Observer::kMaxMembers)
                           : Counted(object.members.size(), "different name");
}

class Typing {
 public:
  explicit Typing(const TypingOptions& options) : options_(options) {}

  // The members of an object. `path` is the object's own.
  std::vector<ProposedField> Members(Evidence& object, const std::string& path);
  std::vector<std::string>& remarks() { return remarks_; }

 private:
  ProposedField Propose(const std::string& name, const std::string& path, Evidence& place, uint64_t parents);
  void SetType(const std::string& path, Evidence& place, ProposedField& proposed);
  void SetObject(const std::string& path, Evidence& place, ProposedField& proposed);
  void SetArray(const std::string& path, Evidence& place, ProposedField& proposed);
  void SetEnum(const Evidence& place, Field& field) const;
  void RemarkMixture(const std::string& path, const Evidence& place, const Field& field);

  const TypingOptions& options_;
  std::vector<std::string> remarks_;
};

std::vector<ProposedField> Typing::Members(Evidence& object, const std::string& path) {
  std::vector<ProposedField> fields;
  for (Evidence::Member& member : object.members) {
    const std::string& name = *member.name;
    const std::string member_path = path.empty() ? name : path + "." + name;
    if (const std::string problem = FieldNameProblem(name); !problem.empty()) {
      remarks_.push_back(
          fmt::format("the name of member {} {}; it is kept in _extra", Quoted(member_path), problem));
      continue;
    }
    fields.push_back(Propose(name, member_path, member.evidence, object.objects));
  }
  return fields;
}

ProposedField Typing::Propose(const std::string& name, const std::string& path, Evidence& place,
                              uint64_t parents) {
  ProposedField proposed;
  proposed.field.name = name;
  proposed.field.required = place.nulls == 0 && place.values == parents;
  SetType(path, place, proposed);
  const std::string more = std::move(proposed.comment);
  proposed.comment = CommentOn(place, parents, proposed.field, options_.values);
  if (!more.empty()) proposed.comment += "; " + more;
  return proposed;
}

void Typing::SetType(const std::string& path, Evidence& place, ProposedField& proposed) {
  Field& field = proposed.field;
  field.type = FieldType::kJson;
  if (place.types() > 1) {
    const bool timestamps = place.types() == 2 && SetTypeOfMixture(field.name, place.numbers, place.texts,
                                                                   options_.time_zone, field);
    if (!timestamps) RemarkMixture(path, place, field);
  } else if (place.objects > 0) {
    SetObject(path, place, proposed);
  } else if (place.arrays > 0) {
    SetArray(path, place, proposed);
  } else if (place.booleans > 0) {
    field.type = FieldType::kBoolean;
  } else if (place.numbers.count > 0) {
    SetTypeOfNumbers(field.name, place.numbers, field);
    SetEnum(place, field);
  } else if (place.texts.count > 0) {
    SetTypeOfTexts(field.name, place.texts, options_.time_zone, field);
    SetEnum(place, field);
    RemarkMixture(path, place, field);
  }
  if (!options_.values) return;
  for (const auto& [value, count] : place.numbers.few.values()) {
    if (proposed.examples.size() < FewValues::kExamples) proposed.examples.push_back(value);
  }
  for (const auto& [value, count] : place.texts.few.values()) {
    if (proposed.examples.size() < FewValues::kExamples) proposed.examples.push_back(QuotedYaml(value));
  }
}

void Typing::SetObject(const std::string& path, Evidence& place, ProposedField& proposed) {
  const ObjectShape shape = ShapeOf(place);
  if (shape == ObjectShape::kLoose) {
    remarks_.push_back(
        fmt::format("field {}: its members are too many and too different for columns; it is kept as JSON",
                    Quoted(path)));
    return;
  }
  if (shape == ObjectShape::kStruct) {
    proposed.fields = Members(place, path);
    if (!proposed.fields.empty()) proposed.field.type = FieldType::kObject;
    return;
  }
  proposed.comment = NamesText(place);
  place.MergeMembers();
  Evidence& values = *place.any_member;
  Field key;
  key.name = "key";
  key.required = true;
  proposed.field.type = FieldType::kMap;
  proposed.fields.push_back({key});
  proposed.fields.push_back(Propose("value", path + "[]", values, values.values));
}

void Typing::SetArray(const std::string& path, Evidence& place, ProposedField& proposed) {
  Evidence nothing;
  Evidence& element = place.element ? *place.element : nothing;
  // A union of values and arrays, as GeoJSON's coordinates, is read as a whole.
  if (place.cut || (element.types() > 1 && IsContainer(element))) return;
  proposed.field.type = FieldType::kArray;
  ProposedField items = Propose("element", path + "[]", element, element.values);
  // What names the array names its elements: times in "created_at": [..., ...].
  if (element.types() == 1 && element.numbers.count > 0)
    SetTypeOfNumbers(proposed.field.name, element.numbers, items.field);
  if (element.types() == 1 && element.texts.count > 0)
    SetTypeOfTexts(proposed.field.name, element.texts, options_.time_zone, items.field);
  if (element.values == 0) items.field.required = false;
  proposed.fields.push_back(std::move(items));
}

void Typing::SetEnum(const Evidence& place, Field& field) const {
  if (!options_.enums) return;
  const FewValues& few = place.texts.count > 0 ? place.texts.few : place.numbers.few;
  if (few.many() || few.rarest() < kMinPerEnumValue) return;
  for (const auto& [value, count] : few.values()) {
    if (field.type == FieldType::kString) {
      field.enum_values.push_back(value);
    } else if (field.type == FieldType::kInteger && place.numbers.with_point == 0) {
      field.enum_numbers.push_back({std::stoll(value), 0, false});
    }
  }
}

// A place whose values conflict: of several JSON types, or nearly all of a kind that has a type.
void Typing::RemarkMixture(const std::string& path, const Evidence& place, const Field& field) {
  if (field.type == FieldType::kTimestamp) return;
  if (place.types() > 1) {
    remarks_.push_back(fmt::format("field {} has {}; it is kept as JSON", Quoted(path), TypesText(place)));
    return;
  }
  constexpr TextKind kTyped[] = {TextKind::kInstant, TextKind::kDate, TextKind::kUuid};
  for (const TextKind kind : kTyped) {
    const double part = static_cast<double>(place.texts.of(kind)) / static_cast<double>(place.texts.count);
    if (part >= kNearlyAll && part < 1)
      remarks_.push_back(fmt::format("field {} has {}; it is a string", Quoted(path), TypesText(place)));
  }
  if (place.texts.of(TextKind::kInstant) + place.texts.of(TextKind::kLocalTime) == place.texts.count) {
    remarks_.push_back(
        fmt::format("field {} has timestamps without an offset, whose time zone is unknown: it is a {} "
                    "(--time-zone tells "
                    "the zone)",
                    Quoted(path), field.type == FieldType::kString ? "string" : "local timestamp"));
  }
}

size_t CountColumns(const std::vector<ProposedField>& fields) {
  size_t columns = 0;
  for (const ProposedField& field : fields) columns += std::max<size_t>(CountColumns(field.fields), 1);
  return columns;
}

int Depth(const std::vector<ProposedField>& fields) {
  int depth = 0;
  for (const ProposedField& field : fields)
    depth = std::max(depth, field.fields.empty() ? 1 : 1 + Depth(field.fields));
  return depth;
}

// Turns what has members at this depth, 1 for the fields of the record, into JSON.
void Flatten(int depth, std::vector<ProposedField>& fields) {
  for (ProposedField& field : fields) {
    if (depth > 1) {
      Flatten(depth - 1, field.fields);
    } else if (!field.fields.empty()) {
      field.fields.clear();
      field.field.type = FieldType::kJson;
    }
  }
}

// The deepest levels become JSON, and then the fields that the fewest records have are left out.
void LimitColumns(TypedFields& typed) {
  const size_t columns = CountColumns(typed.fields);
  if (columns <= kMaxColumns) return;
  int depth = Depth(typed.fields);
  while (depth > 1 && CountColumns(typed.fields) > kMaxColumns) Flatten(--depth, typed.fields);
  typed.remarks.push_back(
      fmt::format("the records have {} different members, and a table {} columns at most: what is nested "
                  "deeper than {} is "
                  "kept as JSON",
                  Grouped(uint64_t{columns}), Grouped(uint64_t{kMaxColumns}),
                  Counted(static_cast<uint64_t>(depth), "level")));
}

}  // namespace

TypedFields ProposeFields(Evidence& root, const TypingOptions& options) {
  if (root.members.size() > kMaxColumns) {
    // Those with the fewest values go to _extra.
    std::stable_sort(root.members.begin(), root.members.end(),
                     [](const auto& a, const auto& b) { return a.evidence.values > b.evidence.values; });
  }
  Typing typing(options);
  TypedFields typed;
  if (root.members.size() > kMaxColumns || root.cut) {
    typing.remarks().push_back(
        fmt::format("the records have more than {} different members, as if their names were data: the "
                    "others are kept in "
                    "_extra",
                    Grouped(uint64_t{std::min(root.members.size(), kMaxColumns)})));
  }
  if (root.members.size() > kMaxColumns) root.members.resize(kMaxColumns);
  typed.fields = typing.Members(root, "");
  typed.remarks = std::move(typing.remarks());
  LimitColumns(typed);
  return typed;
}

}  // namespace forebay::infer
