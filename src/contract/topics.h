// Which topics the tables of a contract have. A table has one topic; or several, by name and by patterns; or
// it is a template, which gives a table of its own for each of its topics. Which topics match a pattern is
// known only at the brokers, or from a lake's ledger. Pure functions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"

namespace forebay {

// What marks a text of `kafka.topic` as a pattern.
constexpr bool IsTopicPattern(std::string_view text) {
  return text.starts_with('^');
}

// A topic that a table of the contract has.
struct SelectedTopic {
  std::string topic;
  const Table* declared = nullptr;  // in the contract
  std::string table;                // the name of the table that it is landed in
  bool by_name = false;             // the contract names the topic; otherwise a pattern matches its name
};

// Nothing if the table does not have this topic. Names that begin with two underscores are of Kafka's
// internal topics; no pattern matches them.
std::optional<SelectedTopic> FindTopic(const Table& declared, std::string_view topic);

// The table that the topic is landed in: the declared one, or the one that the template gives for the topic.
Table TableOf(const SelectedTopic& topic);
// The contract's table of this name, as TableOf. Where a template gives it, `topic` is the table's topic;
// otherwise it may be empty. kInvalidArgument: the contract has no such table.
Result<std::shared_ptr<const Table>> MakeTable(const Contract& contract, const std::string& table,
                                               const std::string& topic);

// The one of a table's topics by which a template of the contract gives the table; "" if none does.
std::string TemplateTopic(const Contract& contract, const std::string& table,
                          const std::vector<std::string>& topics);

// The topics that the table names.
std::vector<std::string> NamedTopics(const Table& declared);
std::vector<std::string> PatternsOf(const Table& declared);
// For messages and reports: "shop.clicks", or "orders.eu, ^orders\.[a-z]+$".
std::string DescribeTopics(const Table& declared);

// All topics of these tables, those that a table names and those of `topics` that its patterns match; in the
// order of the tables, and of the names. kInvalidArgument: one topic of two tables, or a template that gives
// the same table for two topics, or one that the contract has.
Result<std::vector<SelectedTopic>> SelectTopics(const std::vector<Table>& tables,
                                                const std::vector<std::string>& topics);

// A problem with the topics of a table: for the reader of contracts.
struct TopicConflict {
  const Table* table = nullptr;
  std::string wrong;
  std::string expected;
};
std::optional<TopicConflict> FindTopicConflict(const std::vector<Table>& tables,
                                               const std::vector<SelectedTopic>& topics);

// Whether the name of a table has placeholders: {topic}, or {1} for a group of the pattern.
bool IsTemplateName(std::string_view name);
// "" if every placeholder of the name has a text for each topic of the selector; otherwise the problem.
std::string PlaceholderProblem(std::string_view name, const TopicSelector& selector);

}  // namespace forebay
