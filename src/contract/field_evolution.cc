#include "contract/field_evolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/join.h"
#include "base/quoted.h"
#include "contract/field_type.h"
#include "contract/kept_columns.h"
#include "contract/names.h"
#include "contract/rule_texts.h"

namespace forebay {
namespace {

using Changes = std::vector<ContractChange>;

constexpr int32_t kMaxInt64Digits = 18;  // of decimals that files keep as integers
constexpr char kNewRecords[] = "it is for records that are landed from now on; landed rows stay as they are";

std::string TypeText(const Field& field) {
  switch (field.type) {
    case FieldType::kInteger:
      return fmt::format("an integer of {} bits", field.bits);
    case FieldType::kDecimal:
      return fmt::format("a DECIMAL({},{})", field.precision, field.scale);
    default:
      return std::string(FieldTypeName(field.type));
  }
}

struct Verdict {
  bool allowed;
  std::string reason;
};

bool IsTimestamp(const Field& field) {
  return field.type == FieldType::kTimestamp || field.type == FieldType::kLocalTimestamp;
}

// Whether readers can take a column of the first type and one of the second as one. REQUIRES: they differ.
Verdict JudgeTypes(const Field& before, const Field& after) {
  if (before.type == FieldType::kInteger && after.type == FieldType::kInteger) {
    if (before.bits > after.bits) return {false, "landed values may not fit"};
    return {true, "earlier files keep the narrow type, and readers widen it: see docs/readers.md"};
  }
  if (before.type == FieldType::kDecimal && after.type == FieldType::kDecimal) {
    if (before.scale != after.scale)
      return {false, "readers do not take decimals of two scales as one column"};
    if (before.precision > after.precision) return {false, "landed values may not fit"};
    if (before.precision <= kMaxInt64Digits && after.precision > kMaxInt64Digits)
      return {false, "not all readers take decimals of up to 18 digits and longer ones as one column"};
    return {true, "earlier files keep the narrow type, and readers widen it: see docs/readers.md"};
  }
  if (IsTimestamp(before) && IsTimestamp(after)) {
    return {false,
            "the values of earlier files would be other times; give the field another column "
            "(`physicalName`)"};
  }
  return {false, "readers do not take both as one column; give the field another one (`physicalName`)"};
}

void CompareTypes(const Field& before, const Field& after, const std::string& path, Changes* changes) {
  Verdict verdict = JudgeTypes(before, after);
  changes->push_back({path, fmt::format("type changed from {} to {}", TypeText(before), TypeText(after)),
                      std::move(verdict.reason), verdict.allowed});
}

bool HasUnit(const Field& field) {
  return field.timestamp_format != TimestampFormat::kAny &&
         field.timestamp_format != TimestampFormat::kRfc3339 &&
         field.timestamp_format != TimestampFormat::kPattern;
}

// Values as a list, of which a long one is shortened.
std::string Listed(std::vector<std::string> values) {
  constexpr size_t kShown = 10;
  const size_t count = values.size();
  if (count > kShown) values.resize(kShown);
  const std::string more = count > kShown ? fmt::format(" and {} more", count - kShown) : "";
  return Join(values, ", ") + more;
}

std::vector<std::string> Without(const std::vector<std::string>& values,
                                 const std::vector<std::string>& others) {
  const std::set<std::string> known(others.begin(), others.end());
  std::vector<std::string> left;
  for (const std::string& value : values) {
    if (!known.contains(value)) left.push_back(Quoted(value));
  }
  return left;
}

void CompareEnums(const Field& before, const Field& after, const std::string& path, Changes* changes) {
  const std::vector<std::string> was = EnumTexts(before);
  const std::vector<std::string> is = EnumTexts(after);
  std::string change;
  if (was.empty() != is.empty()) {
    change = is.empty() ? "enum removed" : "new rule enum: " + Listed(Without(is, {}));
  } else {
    if (const auto added = Without(is, was); !added.empty())
      change = "enum has more values: " + Listed(added);
    if (const auto removed = Without(was, is); !removed.empty())
      change += (change.empty() ? "" : ", ") + ("enum has no longer the values " + Listed(removed));
  }
  if (!change.empty()) changes->push_back({path, std::move(change), kNewRecords});
}

// None of them breaks what has landed.
void CompareRules(const Field& before, const Field& after, const std::string& path, Changes* changes) {
  const auto was = RuleTexts(before);
  const auto is = RuleTexts(after);
  const auto find = [](const auto& rules, const std::string& rule) {
    return std::find_if(rules.begin(), rules.end(), [&](const auto& one) { return one.first == rule; });
  };
  for (const auto& [rule, value] : is) {
    const auto known = find(was, rule);
    if (known == was.end()) {
      changes->push_back({path, fmt::format("new rule {}: {}", rule, Quoted(value)), kNewRecords});
    } else if (known->second != value) {
      changes->push_back({path,
                          fmt::format("{} changed from {} to {}", rule, Quoted(known->second), Quoted(value)),
                          kNewRecords});
    }
  }
  for (const auto& [rule, value] : was) {
    if (find(is, rule) == is.end())
      changes->push_back({path, fmt::format("{} removed: {}", rule, Quoted(value)), kNewRecords});
  }
}

void CompareNullability(const Field& before, const Field& after, const std::string& path, Changes* changes) {
  if (before.required == after.required) return;
  changes->push_back(
      after.required
          ? ContractChange{path, "optional field became required", "landed rows may lack it", false}
          : ContractChange{path, "required field became optional", "readers may find null from now on"});
}

void CompareOrigins(const Field& before, const Field& after, const std::string& path, Changes* changes) {
  if (before.source != after.source || before.source_path != after.source_path) {
    changes->push_back({path, "kafka.source changed",
                        "the column would mix values from two places; give the field another column "
                        "(`physicalName`)",
                        false});
  }
  if (before.default_zone != after.default_zone)
    changes->push_back({path, "defaultTimezone changed", kNewRecords});
  if (before.null_if_wrong != after.null_if_wrong || before.coercions != after.coercions)
    changes->push_back({path, "onWrongValue or coerce changed", kNewRecords});
}

void CompareField(const Field& newest, const Field& landed, const Field& after, const std::string& path,
                  Changes* changes) {
  if (TypeText(newest) != TypeText(after)) {
    CompareTypes(newest, after, path, changes);
    if (newest.type != after.type) return;
  }
  CompareNullability(newest, after, path, changes);
  CompareOrigins(newest, after, path, changes);
  // Another unit gives the same number another meaning.
  if ((HasUnit(newest) || HasUnit(after)) && newest.timestamp_format != after.timestamp_format) {
    changes->push_back(
        {path, "timestamp format changed",
         "the same number would be another instant; give the field another column (`physicalName`)", false});
  } else {
    CompareRules(newest, after, path, changes);
  }
  CompareEnums(newest, after, path, changes);
  if (after.type == FieldType::kObject)
    return CompareFields({newest.fields, landed.fields}, after.fields, path, changes);
  const size_t value = after.type == FieldType::kMap ? 1 : 0;
  if (after.type == FieldType::kArray || after.type == FieldType::kMap)
    CompareField(newest.fields[value], landed.fields[value], after.fields[value], path + "[]", changes);
}

// A field whose column is in earlier files, and not in those of the newest contract.
void CompareReturned(const Field& landed, const Field& after, const std::string& path, Changes* changes) {
  const bool same = TypeText(landed) == TypeText(after);
  const Verdict verdict =
      same ? Verdict{true, "earlier files have its column, of this type"} : JudgeTypes(landed, after);
  changes->push_back(
      {path,
       same ? "dropped field came back"
            : fmt::format("dropped field came back, {} instead of {}", TypeText(after), TypeText(landed)),
       verdict.reason, verdict.allowed});
  if (after.required)
    changes->push_back({path, "dropped field came back as a required one", "landed rows lack it", false});
  if (!same || !verdict.allowed) return;
  // What is within it has to have the types of before, too.
  Changes within;
  CompareField(landed, landed, after, path, &within);
  for (ContractChange& change : within) {
    if (!change.allowed && change.place != path) changes->push_back(std::move(change));
  }
}

void CompareAdded(const FieldsBefore& before, const Field& after, const std::string& path, Changes* changes) {
  const auto same_but_for_case =
      std::find_if(before.landed.begin(), before.landed.end(),
                   [&](const Field& field) { return LowerCase(field.column) == LowerCase(after.column); });
  if (same_but_for_case != before.landed.end()) {
    changes->push_back({path, "new field",
                        fmt::format("files have the column {}, which differs in case alone: many readers "
                                    "take both as one; give the field another column (`physicalName`)",
                                    Quoted(same_but_for_case->column)),
                        false});
  } else if (after.required) {
    changes->push_back({path, "new field is required", "landed rows lack it; make it optional", false});
  } else {
    changes->push_back({path, "new field", "rows of earlier files have null"});
  }
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool MayShareColumn(const Field& before, const Field& after) {
  return TypeText(before) == TypeText(after) || JudgeTypes(before, after).allowed;
}

// The field that goes on with the values of `dropped`, in a column of its own: of the same member, or of one
// whose alias that is.
const Field* FindSuccessor(const FieldsBefore& before, const Field& dropped,
                           const std::vector<Field>& after) {
  for (const Field& field : after) {
    if (FindColumn(before.landed, field.column) != nullptr || !MayShareColumn(dropped, field)) continue;
    if (field.name == dropped.name || Contains(field.aliases, dropped.name)) return &field;
  }
  return nullptr;
}

// Whether the field goes on with the values of a dropped one, which is told there.
bool IsSuccessor(const FieldsBefore& before, const Field& field, const std::vector<Field>& after) {
  return std::any_of(before.newest.begin(), before.newest.end(), [&](const Field& dropped) {
    return FindColumn(after, dropped.column) == nullptr && FindSuccessor(before, dropped, after) == &field;
  });
}

// Why a dropped field is not one that was renamed, for those who meant that.
std::string RenamingHint(const FieldsBefore& before, const Field& dropped, const std::vector<Field>& after) {
  const Field* found = nullptr;
  for (const Field& field : after) {
    if (FindColumn(before.landed, field.column) != nullptr || TypeText(field) != TypeText(dropped)) continue;
    if (found != nullptr) return "";
    found = &field;
  }
  if (found == nullptr) return "";
  return fmt::format(
      " (if {} is its new name, give that field `physicalName: {}` and the custom property `aliases`, [{}])",
      Quoted(found->name), dropped.column, dropped.name);
}

void CompareDropped(const FieldsBefore& before, const Field& dropped, const std::vector<Field>& after,
                    const std::string& path, Changes* changes) {
  if (const Field* const successor = FindSuccessor(before, dropped, after)) {
    changes->push_back(
        {path + "." + successor->name,
         fmt::format("column changed from {} to {}", Quoted(dropped.column), Quoted(successor->column)),
         fmt::format("readers would find its values in two columns; add `physicalName: {}`", dropped.column),
         false});
    return;
  }
  changes->push_back({path + "." + dropped.name, "field dropped",
                      "its column stays, and is null in new files; a member of that name is kept in _extra" +
                          RenamingHint(before, dropped, after)});
}

// The members that are read into a column.
void CompareMembers(const Field& before, const Field& after, const std::string& path, Changes* changes) {
  if (before.name != after.name) {
    const std::string renamed = fmt::format("renamed from {}", Quoted(before.name));
    changes->push_back(
        Contains(after.aliases, before.name)
            ? ContractChange{path, renamed,
                             fmt::format("its column stays {}, and members of both names are read into it",
                                         Quoted(after.column))}
            : ContractChange{
                  path, renamed,
                  fmt::format("records with the former member would have null in column {}; add the "
                              "custom property `aliases`, [{}]",
                              Quoted(after.column), before.name),
                  false});
  }
  for (const std::string& alias : after.aliases) {
    if (alias != before.name && !Contains(before.aliases, alias))
      changes->push_back({path, fmt::format("new alias {}", Quoted(alias)),
                          "members of that name are read into its column from now on"});
  }
  for (const std::string& alias : before.aliases) {
    if (alias != after.name && !Contains(after.aliases, alias))
      changes->push_back({path, fmt::format("alias {} removed", Quoted(alias)),
                          "members of that name are kept in _extra from now on"});
  }
}

}  // namespace

void CompareFields(const FieldsBefore& before, const std::vector<Field>& after, const std::string& path,
                   Changes* changes) {
  for (const Field& field : before.newest) {
    if (FindColumn(after, field.column) == nullptr) CompareDropped(before, field, after, path, changes);
  }
  for (const Field& field : after) {
    const std::string field_path = path + "." + field.name;
    const Field* const newest = FindColumn(before.newest, field.column);
    const Field* const landed = FindColumn(before.landed, field.column);
    if (newest != nullptr) {
      CompareMembers(*newest, field, field_path, changes);
      CompareField(*newest, *landed, field, field_path, changes);
    } else if (landed != nullptr) {
      CompareReturned(*landed, field, field_path, changes);
    } else if (!IsSuccessor(before, field, after)) {
      CompareAdded(before, field, field_path, changes);
    }
  }
}

}  // namespace forebay
