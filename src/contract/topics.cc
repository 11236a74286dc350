#include "contract/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/join.h"
#include "base/quoted.h"
#include "contract/names.h"
#include "contract/pattern.h"

namespace forebay {
namespace {

constexpr std::string_view kTopicPlaceholder = "topic";
constexpr std::string_view kInternalPrefix = "__";

// Calls `each` with the parts of a name in their order: its literal texts, and what its braces hold.
template <typename Each>
void ForEachPart(std::string_view name, const Each& each) {
  while (!name.empty()) {
    const size_t open = name.find('{');
    const size_t close = open == std::string_view::npos ? open : name.find('}', open);
    if (close == std::string_view::npos) return each(name, false);
    const std::string_view inside = name.substr(open + 1, close - open - 1);
    const bool is_number = !inside.empty() && inside.size() <= 2 &&
                           inside.find_first_not_of("0123456789") == std::string_view::npos;
    if (inside == kTopicPlaceholder || is_number) {
      each(name.substr(0, open), false);
      each(inside, true);
      name.remove_prefix(close + 1);
    } else {
      each(name.substr(0, open + 1), false);
      name.remove_prefix(open + 1);
    }
  }
}

// 0 for {topic}.
size_t GroupOf(std::string_view placeholder) {
  size_t group = 0;
  for (const char digit : placeholder == kTopicPlaceholder ? std::string_view() : placeholder)
    group = group * 10 + static_cast<size_t>(digit - '0');
  return group;
}

// REQUIRES: PlaceholderProblem is "".
std::string TableNameFor(std::string_view name, std::string_view topic,
                         const std::vector<std::string>& groups) {
  std::string text;
  ForEachPart(name, [&](std::string_view part, bool is_placeholder) {
    const size_t group = is_placeholder ? GroupOf(part) : 0;
    text += !is_placeholder ? part : group == 0 ? topic : groups[group - 1];
  });
  return NearestTableName(text);
}

// The groups of the first selector that has the topic; none for a name.
std::optional<std::vector<std::string>> Match(const TopicSelector& selector, std::string_view topic) {
  if (selector.pattern == nullptr)
    return selector.text == topic ? std::optional(std::vector<std::string>()) : std::nullopt;
  // Patterns match valid UTF-8 alone, and other names are not Kafka's.
  if (topic.starts_with(kInternalPrefix) || !TopicNameProblem(topic).empty()) return std::nullopt;
  return selector.pattern->MatchWhole(topic);
}

std::string HowOf(const SelectedTopic& topic) {
  const std::string table = Quoted(topic.declared->name);
  if (topic.by_name) return fmt::format("that of table {}", table);
  return fmt::format("matched by the topics of table {} ({})", table, DescribeTopics(*topic.declared));
}

}  // namespace

std::optional<SelectedTopic> FindTopic(const Table& declared, std::string_view topic) {
  SelectedTopic found{std::string(topic), &declared, declared.name, true};
  if (!declared.topic.name.empty() && declared.topic.name == topic) return found;
  // A name counts before any pattern.
  for (const bool by_name : {true, false}) {
    for (const TopicSelector& selector : declared.topic.selectors) {
      if ((selector.pattern == nullptr) != by_name) continue;
      const auto groups = Match(selector, topic);
      if (!groups) continue;
      found.by_name = by_name;
      if (declared.is_template) found.table = TableNameFor(declared.name, topic, *groups);
      return found;
    }
  }
  return std::nullopt;
}

Table TableOf(const SelectedTopic& topic) {
  Table table = *topic.declared;
  if (!table.is_template) return table;
  table.name = topic.table;
  table.is_template = false;
  table.topic.name = topic.topic;
  table.topic.selectors.clear();
  return table;
}

Result<std::shared_ptr<const Table>> MakeTable(const Contract& contract, const std::string& table,
                                               const std::string& topic) {
  const Table* const declared = contract.FindTable(table, topic);
  if (declared == nullptr) return InvalidArgumentError("the contract has no table " + Quoted(table));
  if (!declared->is_template) return std::make_shared<const Table>(*declared);
  const std::optional<SelectedTopic> found = FindTopic(*declared, topic);
  if (found && found->table == table) return std::make_shared<const Table>(TableOf(*found));
  return InvalidArgumentError(fmt::format(
      "table {} is a template: name the table that it gives for a topic, and that topic", Quoted(table)));
}

std::string TemplateTopic(const Contract& contract, const std::string& table,
                          const std::vector<std::string>& topics) {
  for (const std::string& topic : topics) {
    const Table* const found = contract.FindTable(table, topic);
    if (found != nullptr && found->is_template) return topic;
  }
  return "";
}

std::vector<std::string> NamedTopics(const Table& declared) {
  std::vector<std::string> names;
  if (!declared.topic.name.empty()) names.push_back(declared.topic.name);
  for (const TopicSelector& selector : declared.topic.selectors) {
    if (selector.pattern == nullptr) names.push_back(selector.text);
  }
  return names;
}

std::vector<std::string> PatternsOf(const Table& declared) {
  std::vector<std::string> patterns;
  for (const TopicSelector& selector : declared.topic.selectors) {
    if (selector.pattern != nullptr) patterns.push_back(selector.text);
  }
  return patterns;
}

std::string DescribeTopics(const Table& declared) {
  if (declared.topic.selectors.empty()) return declared.topic.name;
  std::vector<std::string> texts;
  for (const TopicSelector& selector : declared.topic.selectors) texts.push_back(selector.text);
  return Join(texts, ", ");
}

std::optional<TopicConflict> FindTopicConflict(const std::vector<Table>& tables,
                                               const std::vector<SelectedTopic>& topics) {
  std::map<std::string, std::string> written_out;  // in lower case
  for (const Table& table : tables) {
    if (!table.is_template) written_out.emplace(LowerCase(table.name), table.name);
  }
  std::map<std::string, const SelectedTopic*> by_topic;
  std::map<std::string, const SelectedTopic*> by_table;  // in lower case
  for (const SelectedTopic& topic : topics) {
    const auto [same, is_new] = by_topic.emplace(topic.topic, &topic);
    if (!is_new) {
      const bool other_is_named = same->second->by_name;
      const SelectedTopic& first = other_is_named ? *same->second : topic;
      const SelectedTopic& second = other_is_named ? topic : *same->second;
      return TopicConflict{
          topic.declared,
          fmt::format("the topic {} is {}, and {}", Quoted(topic.topic), HowOf(first), HowOf(second)),
          "a topic of one table alone was expected; (?!...) in a pattern leaves names out"};
    }
    if (!topic.declared->is_template) continue;
    const auto known = written_out.find(LowerCase(topic.table));
    const auto [taken, is_free] = by_table.emplace(LowerCase(topic.table), &topic);
    if (known == written_out.end() && is_free) continue;
    const std::string taken_by = known != written_out.end()
                                     ? fmt::format("the contract has table {}", Quoted(known->second))
                                     : fmt::format("topic {} gives table {}", Quoted(taken->second->topic),
                                                   Quoted(taken->second->table));
    return TopicConflict{topic.declared,
                         fmt::format("the topic {} gives table {}, and {}", Quoted(topic.topic),
                                     Quoted(topic.table), taken_by),
                         "names that differ in more than case were expected; change the template's name, or "
                         "leave the topic out of its pattern"};
  }
  return std::nullopt;
}

Result<std::vector<SelectedTopic>> SelectTopics(const std::vector<Table>& tables,
                                                const std::vector<std::string>& topics) {
  const std::set<std::string> sorted(topics.begin(), topics.end());
  std::vector<SelectedTopic> selected;
  for (const Table& table : tables) {
    for (const std::string& name : NamedTopics(table)) selected.push_back(*FindTopic(table, name));
    if (PatternsOf(table).empty()) continue;
    for (const std::string& topic : sorted) {
      const std::optional<SelectedTopic> found = FindTopic(table, topic);
      if (found && !found->by_name) selected.push_back(*found);
    }
  }
  const std::optional<TopicConflict> conflict = FindTopicConflict(tables, selected);
  if (!conflict) return selected;
  return InvalidArgumentError(fmt::format("{}; {}", conflict->wrong, conflict->expected));
}

bool IsTemplateName(std::string_view name) {
  bool found = false;
  ForEachPart(name, [&](std::string_view, bool is_placeholder) { found = found || is_placeholder; });
  return found;
}

std::string PlaceholderProblem(std::string_view name, const TopicSelector& selector) {
  const size_t groups = selector.pattern == nullptr ? 0 : selector.pattern->groups();
  std::string problem;
  ForEachPart(name, [&](std::string_view part, bool is_placeholder) {
    if (!is_placeholder || part == kTopicPlaceholder) return;
    if (const size_t group = GroupOf(part); group >= 1 && group <= groups) return;
    problem = fmt::format("{{{}}} in the table's name stands for a group that {} {} does not have", part,
                          selector.pattern == nullptr ? "the topic" : "the pattern", Quoted(selector.text));
  });
  return problem;
}

}  // namespace forebay
