#include "contract/evolution.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/join.h"
#include "base/quoted.h"
#include "contract/field_evolution.h"
#include "contract/field_place.h"
#include "contract/kept_columns.h"
#include "contract/topics.h"

namespace forebay {
namespace {

using Changes = std::vector<ContractChange>;

// A part of a table that readers rely on: what it is, to compare, and how messages name it.
struct Role {
  std::string columns;  // empty: the table has none
  std::string text;
};

Role RoleOf(const Table& table, const std::vector<FieldPlace>& places) {
  std::vector<std::string> columns;
  std::vector<std::string> names;
  for (const FieldPlace& place : places) {
    columns.push_back(Quoted(ColumnPathAt(table, place)));
    names.push_back(Quoted(PathAt(table, place)));
  }
  return {Join(columns, ", "), places.empty() ? "none" : Join(names, ", ")};
}

Role RoleOf(const Table& table, const std::optional<FieldPlace>& place) {
  return RoleOf(table, place ? std::vector<FieldPlace>{*place} : std::vector<FieldPlace>());
}

Role PartitioningOf(const Table& table) {
  std::vector<std::string> levels;
  for (const PartitionDimension& dimension : table.dimensions) {
    levels.push_back(fmt::format("{} {} {} {}", dimension.name, static_cast<int>(dimension.transform),
                                 ColumnPathAt(table, dimension.source), dimension.time_zone));
  }
  return {Join(levels, ", "), table.DescribePartitioning()};
}

// `if_none_before`: why a table that had none may get one; empty: it may not.
void CompareRole(const std::string& table, const char* role, const Role& before, const Role& after,
                 const char* refused, const char* if_none_before, Changes* changes) {
  if (before.columns == after.columns) return;
  const bool allowed = before.columns.empty() && *if_none_before != '\0';
  changes->push_back({table, fmt::format("{} changed from {} to {}", role, before.text, after.text),
                      allowed ? if_none_before : refused, allowed});
}

// "'a'", or "['a', '^b.*']" where rows tell their topic.
std::string TopicsText(const TopicSettings& topics) {
  if (topics.selectors.empty()) return Quoted(topics.name);
  std::vector<std::string> texts;
  for (const TopicSelector& selector : topics.selectors) texts.push_back(Quoted(selector.text));
  return "[" + Join(texts, ", ") + "]";
}

void CompareTopics(const Table& before, const Table& after, Changes* changes) {
  const std::string was = TopicsText(before.topic);
  const std::string is = TopicsText(after.topic);
  if (was == is) return;
  const auto change = [&](const char* reason, bool allowed) {
    changes->push_back({after.name, fmt::format("topic changed from {} to {}", was, is), reason, allowed});
  };
  if (before.is_template && after.is_template) {
    change("each topic has a table of its own; those of topics that are landed no more stay", true);
  } else if (before.HasTopicColumn() && after.HasTopicColumn()) {
    change("rows tell their topic; those of topics that are landed no more stay", true);
  } else if (before.HasTopicColumn()) {
    change("landed files have the column _kafka_topic; keep a list, which may be of one topic", false);
  } else if (after.HasTopicColumn() && FindTopic(after, before.topic.name)) {
    change("rows tell their topic from now on; landed ones have null in _kafka_topic", true);
  } else {
    change("rows are identified by their Kafka partition and offset, and another topic has the same ones",
           false);
  }
}

// What readers rely on beside the columns.
void CompareRoles(const Table& before, const Table& after, Changes* changes) {
  const auto compare = [&](const char* role, const Role& was, const Role& is, const char* refused,
                           const char* if_none_before = "") {
    CompareRole(after.name, role, was, is, refused, if_none_before, changes);
  };
  compare("partitioning", PartitioningOf(before), PartitioningOf(after),
          "readers expect the same directories for all rows");
  compare("primary key", RoleOf(before, before.primary_key), RoleOf(after, after.primary_key),
          "readers count each key once, and landed rows have the former one",
          "landed rows have none that verify --keys compares");
  compare("Kafka key", RoleOf(before, before.key), RoleOf(after, after.key),
          "the newest row of a key, and the order of its rows, would be those of another key",
          "nothing is known of the order of landed rows");
  compare("event time", RoleOf(before, before.event_time), RoleOf(after, after.event_time),
          "the ledger keeps the event times of landed files, and tells by them which dates are complete",
          "dates are complete by the rows that are landed from now on");
}

void CompareTombstones(const Table& before, const Table& after, Changes* changes) {
  if (before.tombstones_are_rows == after.tombstones_are_rows) return;
  changes->push_back(
      after.tombstones_are_rows
          ? ContractChange{after.name, "tombstones are rows",
                           "those that are landed from now on; readers may find null in all columns"}
          : ContractChange{after.name, "tombstones are no rows any more",
                           "landed ones have null in all columns; keep kafka.tombstones", false});
}

bool SameTopicSettings(const TopicSettings& a, const TopicSettings& b) {
  return a.partitions == b.partitions && a.retention_ms == b.retention_ms &&
         a.cleanup_policy == b.cleanup_policy;
}

void CompareSettings(const Table& before, const Table& after, Changes* changes) {
  const auto note = [&](bool same, const char* change, const char* reason) {
    if (!same) changes->push_back({after.name, change, reason});
  };
  note(SameTopicSettings(before.topic, after.topic), "settings of the topic changed",
       "they are for `forebay topics`, and change no row");
  note(before.max_ahead_ms == after.max_ahead_ms && before.max_behind_ms == after.max_behind_ms,
       "limits of the event time changed",
       "they are for records that are landed from now on; landed rows stay as they are");
  note(before.encodings == after.encodings, "encodings changed", "they are for new files");
  note(before.service_levels == after.service_levels, "service levels changed", "they are for reports");
}

void CompareTables(const std::vector<Table>& before, const Table& after, Changes* changes) {
  const Table& newest = before.front();
  const Table landed = WithKeptColumns(newest, before);
  CompareTopics(newest, after, changes);
  CompareRoles(newest, after, changes);
  CompareTombstones(newest, after, changes);
  CompareSettings(newest, after, changes);
  CompareFields({newest.fields, landed.fields}, after.fields, after.name, changes);
}

// Nothing binds a table without rows.
void CompareUnlanded(const Table& before, const Table& after, Changes* changes) {
  Changes found;
  CompareTables({before}, after, &found);
  for (ContractChange& change : found) {
    if (!change.allowed) change.reason = "no row of the table was landed, so that nothing binds it";
    change.allowed = true;
    changes->push_back(std::move(change));
  }
}

// The rows of a topic stay in one directory.
void CompareDirectories(const LandedContracts& before, const Table& after, Changes* changes) {
  std::vector<std::pair<std::string, std::string>> moved;  // topic, landed table
  for (const auto& [topic, table] : before.topics) {
    const std::optional<SelectedTopic> selected = FindTopic(after, topic);
    if (selected && selected->table != table) moved.emplace_back(topic, table);
  }
  if (moved.empty()) return;
  const auto& [topic, table] = moved.front();
  const std::string others = moved.size() == 1 ? "" : fmt::format(" (and {} more)", moved.size() - 1);
  changes->push_back({after.name, fmt::format("topic {}{} has another table", Quoted(topic), others),
                      fmt::format("it was landed as table '{}', in the directory of that name; keep the name "
                                  "of the table",
                                  table),
                      false});
}

// A landed table that a table of the new contract continues, and how that one has it.
struct Continued {
  LandedForms::const_iterator landed;
  Table now;
};

// For a template, returns each of its tables under the template's name, so that a change of all of them is
// reported once.
std::vector<Continued> ContinuedBy(const Table& after, const LandedContracts& before) {
  std::vector<Continued> continued;
  if (const auto same = before.tables.find(after.name); same != before.tables.end())
    continued.push_back({same, after});
  if (!after.is_template) return continued;
  for (const auto& [topic, name] : before.topics) {
    const std::optional<SelectedTopic> selected = FindTopic(after, topic);
    const auto landed = before.tables.find(name);
    if (!selected || selected->table != name || landed == before.tables.end()) continue;
    continued.push_back({landed, TableOf(*selected)});
    continued.back().now.name = after.name;
  }
  return continued;
}

// Whether a contract has a landed table.
bool HasLanded(const Contract& contract, const LandedContracts& before, const std::string& table) {
  if (contract.FindTable(table) != nullptr) return true;
  return std::any_of(before.topics.begin(), before.topics.end(), [&](const auto& landed) {
    return landed.second == table && contract.FindTable(table, landed.first) != nullptr;
  });
}

void CompareContinued(const LandedContracts& before, const std::vector<Continued>& continued,
                      const Table& after, Changes* changes) {
  const auto is_removed = [&](const Continued& table) {
    return !HasLanded(before.newest, before, table.landed->first);
  };
  if (std::all_of(continued.begin(), continued.end(), is_removed))
    changes->push_back({after.name, "removed table came back", "it continues where its landing ended"});
  const Table* const newest = before.newest.FindTable(after.name);
  if (newest != nullptr && newest->is_template) CompareTopics(*newest, after, changes);
  Changes found;
  for (const auto& [landed, now] : continued) CompareTables(landed->second, now, &found);
  for (ContractChange& change : found) {
    if (std::find(changes->begin(), changes->end(), change) == changes->end())
      changes->push_back(std::move(change));
  }
}

// Whether the new contract has a table of the newest one, or one of those that this template gives.
bool IsContinued(const Table& table, const LandedContracts& before, const Contract& after) {
  if (after.FindTable(table.name, table.topic.name) != nullptr) return true;
  return std::any_of(before.topics.begin(), before.topics.end(), [&](const auto& landed) {
    const std::optional<SelectedTopic> selected = FindTopic(table, landed.first);
    return selected && selected->table == landed.second &&
           after.FindTable(landed.second, landed.first) != nullptr;
  });
}

void CompareHeads(const LandedContracts& before, const Contract& after, Changes* changes) {
  const auto compare = [&](const char* what, const std::string& was, const std::string& is) {
    if (was != is)
      changes->push_back({"", fmt::format("{} changed from {} to {}", what, Quoted(was), Quoted(is)),
                          "files and quarantine tell which rows are of which version"});
  };
  compare("id", before.newest.id, after.id);
  compare("version", before.newest.version, after.version);
  const auto is_there = [&](const auto& landed) { return HasLanded(after, before, landed.first); };
  if (!before.tables.empty() && std::none_of(before.tables.begin(), before.tables.end(), is_there)) {
    changes->push_back(
        {"", "none of the landed tables is left",
         "it looks like the contract of another lake; keep one of the tables, or use a new lake", false});
  }
}

}  // namespace

LandedContracts AllLanded(const Contract& contract) {
  LandedContracts landed{contract, {}, {}};
  for (const Table& table : contract.tables) {
    landed.tables[table.name] = {table};
    for (const std::string& topic : NamedTopics(table)) landed.topics[topic] = FindTopic(table, topic)->table;
  }
  return landed;
}

std::vector<ContractChange> CompareContracts(const LandedContracts& before, const Contract& after) {
  Changes changes;
  CompareHeads(before, after, &changes);
  for (const Table& table : after.tables) {
    const Table* const newest = before.newest.FindTable(table.name);
    if (const std::vector<Continued> continued = ContinuedBy(table, before); !continued.empty()) {
      CompareContinued(before, continued, table, &changes);
    } else if (newest != nullptr) {
      CompareUnlanded(*newest, table, &changes);
    } else {
      changes.push_back({table.name, "new table", "it has a directory of its own"});
    }
    CompareDirectories(before, table, &changes);
  }
  for (const Table& table : before.newest.tables) {
    if (IsContinued(table, before, after)) continue;
    changes.push_back(
        {table.name, "table removed",
         "its files stay, and its topic is not landed any more; should the table come back, its "
         "landing continues where it ended, without the records that have expired by then"});
  }
  return changes;
}

bool IsAllowed(const std::vector<ContractChange>& changes) {
  return std::all_of(changes.begin(), changes.end(), [](const auto& change) { return change.allowed; });
}

std::vector<std::string> ChangeTexts(const std::vector<ContractChange>& changes, bool allowed) {
  std::vector<std::string> texts;
  for (const ContractChange& change : changes) {
    if (change.allowed != allowed) continue;
    texts.push_back(fmt::format("{}{}{}; {}", change.place, change.place.empty() ? "" : ": ", change.change,
                                change.reason));
  }
  return texts;
}

Status CheckChanges(const std::vector<ContractChange>& changes, const Contract& before,
                    const Contract& after) {
  if (IsAllowed(changes)) return Ok();
  const std::string versions =
      before.version == after.version
          ? fmt::format(
                "another contract of version {} was landed in this lake, and this one cannot replace it",
                after.version)
          : fmt::format("version {} cannot replace version {} in this lake", after.version, before.version);
  std::string message =
      fmt::format("incompatible contract change: {}; undo these changes, or use a new lake:", versions);
  for (const std::string& text : ChangeTexts(changes, false)) message += "\n  " + text;
  return InvalidArgumentError(message);
}

}  // namespace forebay
