#include "contract/custom_properties.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quoted.h"
#include "base/units.h"
#include "contract/names.h"

namespace forebay {
namespace {

constexpr std::string_view kTableProperties[] = {
    "kafka.topic",       "kafka.partitions", "kafka.retention.ms", "kafka.cleanup.policy",
    "kafka.key",         "eventTime",        "eventTime.maxAhead", "eventTime.maxBehind",
    "parquet.encodings", "kafka.tombstones", "onWrongValue",       "coerce"};
constexpr std::string_view kFieldProperties[] = {"aliases", "kafka.source", "onWrongValue", "coerce"};

constexpr std::string_view kEntryKeys[] = {"property", "value", "vendor"};
constexpr std::string_view kPassedEntryKeys[] = {"description", "id"};

std::span<const std::string_view> PropertiesOf(PropertyOwner owner) {
  if (owner == PropertyOwner::kTable) return kTableProperties;
  if (owner == PropertyOwner::kField) return kFieldProperties;
  return {};
}

bool IsPropertyOf(PropertyOwner owner, std::string_view name) {
  const auto names = PropertiesOf(owner);
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

CustomProperties::CustomProperties(const MapReader& map, PropertyOwner owner) : map_(map), owner_(owner) {
  const YamlNode* list = map.List("customProperties");
  if (list == nullptr) return;
  for (const YamlNodePtr& item : list->items) Read(*item);
}

void CustomProperties::Read(const YamlNode& node) {
  const std::string what = "customProperties of " + map_.what();
  if (node.kind != YamlKind::kMap) {
    map_.diagnostics().Add(node.line, fmt::format("{}: an entry is {}", what, DescribeNode(node)),
                           "'- property: ...' with a 'value' was expected");
    return;
  }
  const MapReader entry(node, what, {kEntryKeys, kPassedEntryKeys}, map_.diagnostics());
  const std::optional<std::string> property = entry.RequiredText("property", "the name of a custom property");
  const std::optional<std::string> vendor = entry.Text("vendor");
  if (!property || (vendor && LowerCase(*vendor) != "forebay")) return;
  if (!IsPropertyOf(owner_, *property)) return ReportUnknown(entry, *property);
  if (const Entry* first = Find(*property); first != nullptr) {
    entry.Refuse("property", fmt::format("duplicate {}", *property),
                 fmt::format("one was expected; the first is in line {}", first->value->line));
    return;
  }
  const YamlNode* value = entry.Find("value");
  if (value == nullptr) {
    reported_.push_back(*property);
    entry.Refuse("value", fmt::format("{} has no value", *property), "the key 'value' was expected");
    return;
  }
  entries_.push_back({*property, value});
}

void CustomProperties::ReportUnknown(const MapReader& entry, const std::string& property) {
  for (const PropertyOwner other : {PropertyOwner::kTable, PropertyOwner::kField}) {
    if (!IsPropertyOf(other, property)) continue;
    map_.diagnostics().Add(entry.LineOf("property"),
                           fmt::format("{}: misplaced custom property {}", map_.what(), property),
                           fmt::format("it was expected in the customProperties of a {}",
                                       other == PropertyOwner::kTable ? "table" : "field"));
    return;
  }
  // Stricter than elsewhere: other tools have names of the same kind, such as pulsar.topic.
  const size_t max_distance = owner_ == PropertyOwner::kTable ? 2 : 1;
  const std::string_view nearest = NearestName(property, PropertiesOf(owner_), max_distance);
  if (nearest.empty()) return;
  reported_.emplace_back(nearest);
  entry.Refuse("property", fmt::format("the custom property {} is unknown", Quoted(property)),
               fmt::format("did you mean '{}'? That of another tool needs its 'vendor'", nearest));
}

const CustomProperties::Entry* CustomProperties::Find(std::string_view property) const {
  for (const Entry& entry : entries_) {
    if (entry.property == property) return &entry;
  }
  return nullptr;
}

bool CustomProperties::IsList(std::string_view property) const {
  const Entry* entry = Find(property);
  return entry != nullptr && entry->value->kind == YamlKind::kList;
}

std::optional<std::string> CustomProperties::Text(std::string_view property) const {
  const Entry* entry = Find(property);
  if (entry == nullptr) return std::nullopt;
  std::optional<std::string> text = AsText(*entry->value);
  if (text && !text->empty()) return text;
  Refuse(property, fmt::format("{} is {}", property, DescribeNode(*entry->value)), "text was expected");
  return std::nullopt;
}

std::optional<int64_t> CustomProperties::Integer(std::string_view property) const {
  const Entry* entry = Find(property);
  if (entry == nullptr) return std::nullopt;
  const std::optional<int64_t> integer = AsInteger(*entry->value);
  if (!integer) {
    Refuse(property, fmt::format("{} is {}", property, DescribeNode(*entry->value)),
           "a whole number was expected, in digits and without quotes");
  }
  return integer;
}

std::vector<std::string> CustomProperties::Texts(std::string_view property) const {
  const Entry* entry = Find(property);
  std::vector<std::string> texts;
  if (entry == nullptr) return texts;
  const bool list = entry->value->kind == YamlKind::kList;
  if (list && entry->value->items.empty())
    Refuse(property, fmt::format("{} is an empty list", property),
           "a text, or a list of texts, was expected");
  for (size_t i = 0; i < (list ? entry->value->items.size() : 1); ++i) {
    const YamlNode& item = list ? *entry->value->items[i] : *entry->value;
    if (std::optional<std::string> text = AsText(item)) {
      texts.push_back(*std::move(text));
      continue;
    }
    Refuse(property, fmt::format("{} has {}", property, DescribeNode(item)), "a list of texts was expected");
    return {};
  }
  return texts;
}

std::optional<int64_t> CustomProperties::DurationMs(std::string_view property) const {
  const Entry* entry = Find(property);
  if (entry == nullptr) return std::nullopt;
  const std::string& text = entry->value->text;  // empty unless it is a scalar
  const bool has_unit = !text.empty() && (text.back() < '0' || text.back() > '9');
  const Result<int64_t> duration = ReadDurationMs(text);
  if (has_unit && duration.ok()) return *duration;
  Refuse(property, fmt::format("{} is {}", property, DescribeNode(*entry->value)),
         "a duration with its unit was expected, such as 250ms, 90s, 5m, 36h or 7d");
  return std::nullopt;
}

void CustomProperties::Require(std::string_view property, const std::string& expected) const {
  if (Has(property) || std::find(reported_.begin(), reported_.end(), property) != reported_.end()) return;
  const std::string wrong = fmt::format("the custom property {} is missing", property);
  if (map_.Has("customProperties")) {
    map_.Refuse("customProperties", wrong, expected);
  } else {
    map_.RefuseMissing("customProperties", wrong, expected);
  }
}

void CustomProperties::Refuse(std::string_view property, const std::string& wrong,
                              const std::string& expected) const {
  const Entry* entry = Find(property);
  map_.diagnostics().Add(entry != nullptr ? entry->value->line : map_.line(), map_.what() + ": " + wrong,
                         expected);
}

}  // namespace forebay
