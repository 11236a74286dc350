#include "contract/service_levels.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/quoted.h"
#include "base/trim.h"
#include "contract/names.h"

namespace forebay {
namespace {

constexpr std::string_view kEntryKeys[] = {"property", "value", "unit", "element"};
constexpr std::string_view kPassedEntryKeys[] = {"authoritativeDefinitions",
                                                 "customProperties",
                                                 "description",
                                                 "driver",
                                                 "id",
                                                 "schedule",
                                                 "scheduler",
                                                 "valueExt"};
constexpr std::string_view kServiceLevels[] = {"freshness", "latency", "retention"};
// Other properties that ODCS lists. They are skipped, not reported as misspellings.
constexpr std::string_view kUnreadServiceLevels[] = {
    "availability", "throughput",         "errorRate",    "generalAvailability", "endOfSupport", "endOfLife",
    "frequency",    "timeOfAvailability", "timeToDetect", "timeToNotify",        "timeToRepair"};

struct Unit {
  std::string_view name;
  int64_t ms;
};
constexpr Unit kUnits[] = {
    {"ms", 1},
    {"millisecond", 1},
    {"s", 1000},
    {"sec", 1000},
    {"second", 1000},
    {"min", 60'000},
    {"minute", 60'000},
    {"h", 3'600'000},
    {"hr", 3'600'000},
    {"hour", 3'600'000},
    {"d", 86'400'000},
    {"day", 86'400'000},
    {"w", 604'800'000},
    {"week", 604'800'000},
    {"y", 31'536'000'000},
    {"yr", 31'536'000'000},
    {"year", 31'536'000'000},
};

std::optional<int64_t> UnitMs(std::string_view unit) {
  for (const Unit& known : kUnits) {
    if (unit == known.name || (known.name.size() > 2 && unit == std::string(known.name) + "s"))
      return known.ms;
  }
  return std::nullopt;
}

std::optional<int64_t> ReadDuration(const MapReader& entry, const std::string& property) {
  const YamlNode* value = entry.Find("value");
  if (value == nullptr || !IsNumber(*value)) {
    entry.Note("value",
               fmt::format("the value of {} is {}", property, value ? DescribeNode(*value) : "missing"),
               "only a number with a unit is compared");
    return std::nullopt;
  }
  const std::optional<std::string> unit = entry.Text("unit");
  const std::optional<int64_t> unit_ms = unit ? UnitMs(LowerCase(*unit)) : std::nullopt;
  if (!unit_ms) {
    entry.Note("unit", fmt::format("the unit of {} is {}", property, unit ? Quoted(*unit) : "missing"),
               "only ms, s, min, h, d, w and y are compared");
    return std::nullopt;
  }
  double number = 0;
  const char* begin = value->text.data() + (value->text.front() == '+' ? 1 : 0);
  std::from_chars(begin, value->text.data() + value->text.size(), number);
  const double ms = number * static_cast<double>(*unit_ms);
  if (number >= 0 && ms < 9e15) return static_cast<int64_t>(std::llround(ms));
  entry.Refuse("value", fmt::format("the value of {} is {}", property, value->text),
               "a duration of at least 0 was expected");
  return std::nullopt;
}

std::optional<int64_t>& Slot(ServiceLevels& levels, const std::string& property) {
  if (property == "freshness") return levels.freshness_ms;
  return property == "latency" ? levels.latency_ms : levels.retention_ms;
}

// The tables named by `element`: "clicks, orders.order_time".
std::vector<Table*> ReadElements(const MapReader& entry, const std::string& elements, Contract& contract) {
  std::vector<Table*> tables;
  for (size_t begin = 0; begin <= elements.size();) {
    const size_t comma = std::min(elements.find(',', begin), elements.size());
    const std::string_view element = Trim(std::string_view(elements).substr(begin, comma - begin));
    begin = comma + 1;
    const std::string_view name = element.substr(0, element.find('.'));
    bool found = false;
    for (Table& table : contract.tables) {
      if (table.name != name) continue;
      found = true;
      tables.push_back(&table);
    }
    if (!found) {
      entry.Note("element", fmt::format("the element {} is not a landed table", Quoted(element)),
                 "the service level is not compared there");
    }
  }
  return tables;
}

struct ServiceLevel {
  std::string property;
  int64_t ms;
  std::vector<Table*> tables;  // empty: the whole contract
};

// Reads one entry; nothing if Forebay does not use the property, or if the entry is invalid.
std::optional<ServiceLevel> ReadServiceLevel(const YamlNode& node, Diagnostics& diagnostics,
                                             Contract& contract) {
  if (node.kind != YamlKind::kMap) {
    diagnostics.Add(node.line, fmt::format("slaProperties: an entry is {}", DescribeNode(node)),
                    "'- property: ...' was expected");
    return std::nullopt;
  }
  const MapReader entry(node, "slaProperties", {kEntryKeys, kPassedEntryKeys}, diagnostics);
  const std::optional<std::string> property =
      entry.RequiredText("property", "freshness, latency or retention");
  if (!property) return std::nullopt;
  std::vector<std::string_view> names(std::begin(kServiceLevels), std::end(kServiceLevels));
  names.insert(names.end(), std::begin(kUnreadServiceLevels), std::end(kUnreadServiceLevels));
  const std::string_view nearest = NearestName(*property, names);
  if (nearest != kServiceLevels[0] && nearest != kServiceLevels[1] && nearest != kServiceLevels[2])
    return std::nullopt;
  if (nearest != *property) {
    entry.Refuse("property", fmt::format("the property {} is unknown", Quoted(*property)),
                 fmt::format("did you mean '{}'?", nearest));
    return std::nullopt;
  }
  const std::optional<int64_t> ms = ReadDuration(entry, *property);
  const std::optional<std::string> elements = entry.Text("element");
  std::vector<Table*> tables;
  if (elements) tables = ReadElements(entry, *elements, contract);
  if (!ms || (entry.Has("element") && tables.empty())) return std::nullopt;
  return ServiceLevel{*property, *ms, std::move(tables)};
}

}  // namespace

void ReadServiceLevels(const MapReader& root, Contract& contract) {
  const YamlNode* list = root.List("slaProperties");
  if (list == nullptr) return;
  const auto set = [&](ServiceLevels& levels, const ServiceLevel& level, const YamlNode& node) {
    std::optional<int64_t>& slot = Slot(levels, level.property);
    if (slot)
      root.diagnostics().Add(node.line, fmt::format("slaProperties: duplicate {}", level.property),
                             "one entry for each element was expected");
    slot = level.ms;
  };
  for (const YamlNodePtr& item : list->items) {
    const std::optional<ServiceLevel> level = ReadServiceLevel(*item, root.diagnostics(), contract);
    if (!level) continue;
    if (level->tables.empty()) set(contract.service_levels, *level, *item);
    for (Table* table : level->tables) set(table->service_levels, *level, *item);
  }
  for (Table& table : contract.tables) {
    for (const std::string_view property : kServiceLevels) {
      std::optional<int64_t>& slot = Slot(table.service_levels, std::string(property));
      if (!slot) slot = Slot(contract.service_levels, std::string(property));
    }
  }
}

}  // namespace forebay
