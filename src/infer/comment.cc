#include "infer/comment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/join.h"
#include "report/text_table.h"

namespace forebay::infer {
namespace {

constexpr size_t kMaxListed = 8;  // values, by name
constexpr size_t kMaxValueBytes = 40;
constexpr double kMaxExactDouble = 9007199254740992;  // of integers

using Counts = std::vector<std::pair<uint64_t, std::string>>;

std::string Presence(const Evidence& place, uint64_t parents) {
  std::string text = place.values == parents
                         ? fmt::format("in all {}", Grouped(parents))
                         : fmt::format("in {} of {}", Grouped(place.values), Grouped(parents));
  if (place.nulls > 0 && place.nulls == place.values) return text + ", always null";
  return place.nulls == 0 ? text : text + fmt::format(", null in {}", Grouped(place.nulls));
}

std::string ListedValues(const FewValues& few) {
  std::vector<FewValues::Counted> values = few.values();
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> listed;
  for (const auto& [value, count] : values) {
    if (listed.size() == kMaxListed) break;
    listed.push_back(fmt::format("{} {}", value.empty() ? "(empty)" : MessagePreview(value, kMaxValueBytes),
                                 Grouped(count)));
  }
  const bool more = listed.size() < values.size();
  return fmt::format("{}: {}{}", Counted(values.size(), "value"), Join(listed, ", "), more ? ", ..." : "");
}

std::string NumberText(double number) {
  const bool is_integer = number == std::trunc(number) && std::abs(number) < kMaxExactDouble;
  return is_integer ? Grouped(static_cast<int64_t>(number)) : fmt::format("{}", number);
}

// "2 times of day, 3 other texts"; "" if most are just texts.
std::string KindsText(const TextEvidence& texts) {
  if (texts.of(TextKind::kOther) * 2 >= texts.count) return "";
  Counts kinds;
  for (int i = 0; i < kTextKindCount; ++i) {
    const auto kind = static_cast<TextKind>(i);
    if (texts.of(kind) > 0) kinds.emplace_back(texts.of(kind), PluralName(kind));
  }
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (kinds.size() == 1) return kinds.front().second;
  std::vector<std::string> parts;
  for (const auto& [count, name] : kinds) parts.push_back(Grouped(count) + " " + name);
  return Join(parts, ", ");
}

std::string TextsText(const TextEvidence& texts, const Field& field, bool values) {
  if (field.type != FieldType::kString || field.format != TextFormat::kAny) return "";
  const std::string kinds = KindsText(texts);
  if (!kinds.empty()) return kinds;
  return texts.few.many() || !values ? "" : ListedValues(texts.few);
}

std::string NumbersText(const NumberEvidence& numbers, const Field& field) {
  if (field.type == FieldType::kTimestamp) return "";
  if (!numbers.few.many() && numbers.with_point == 0 && numbers.few.rarest() > 1)
    return ListedValues(numbers.few);
  std::string text = fmt::format("{} to {}", NumberText(numbers.min), NumberText(numbers.max));
  if (field.type == FieldType::kNumber && numbers.with_exponent == 0)
    text += fmt::format(", up to {} behind the point",
                        Counted(static_cast<uint64_t>(numbers.max_fraction_digits), "digit"));
  return text;
}

}  // namespace

std::string TypesText(const Evidence& place) {
  const std::string kinds = KindsText(place.texts);
  Counts types = {{place.objects, "objects"},
                  {place.arrays, "arrays"},
                  {place.booleans, "booleans"},
                  {place.numbers.count, "numbers"},
                  {place.texts.count, kinds.empty() ? "texts" : fmt::format("texts ({})", kinds)}};
  std::stable_sort(types.begin(), types.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> parts;
  for (const auto& [count, name] : types) {
    if (count > 0) parts.push_back(Grouped(count) + " " + name);
  }
  return Join(parts, ", ");
}

std::string CommentOn(const Evidence& place, uint64_t parents, const Field& field, bool values) {
  std::string what;
  if (place.types() > 1) {
    what = TypesText(place);
  } else if (place.texts.count > 0) {
    what = TextsText(place.texts, field, values);
  } else if (place.numbers.count > 0 && values) {
    what = NumbersText(place.numbers, field);
  }
  return Presence(place, parents) + (what.empty() ? "" : "; " + what);
}

}  // namespace forebay::infer
