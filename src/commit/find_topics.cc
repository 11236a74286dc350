#include "commit/find_topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/join.h"
#include "base/quoted.h"
#include "contract/pattern.h"
#include "report/text_table.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

using kafka::TopicInfo;

template <typename Values>
bool Contains(const Values& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool HasPatterns(const Contract& contract) {
  const auto has_pattern = [](const Table& table) { return !PatternsOf(table).empty(); };
  return std::any_of(contract.tables.begin(), contract.tables.end(), has_pattern);
}

// Nothing where the contract has no patterns, for which alone they are needed.
Result<std::vector<std::string>> ListTopics(const Contract& contract, kafka::Admin& admin) {
  if (!HasPatterns(contract)) return std::vector<std::string>();
  return admin.ListTopics();
}

// Those of the requested tables, by name; of all if none is requested.
std::vector<SelectedTopic> Requested(const StartOptions& options, std::vector<SelectedTopic> topics) {
  if (options.tables.empty()) return topics;
  std::erase_if(topics, [&](const SelectedTopic& topic) {
    return !Contains(options.tables, topic.table) && !Contains(options.tables, topic.declared->name);
  });
  return topics;
}

Result<std::vector<SelectedTopic>> Select(const StartOptions& options,
                                          const std::vector<std::string>& at_brokers) {
  FOREBAY_ASSIGN(std::vector<SelectedTopic> topics, SelectTopics(options.contract->tables, at_brokers));
  return Requested(options, std::move(topics));
}

// How many of the topics begin as the pattern says: other clients take such a pattern for the beginning of a
// name.
size_t CountBeginnings(const std::string& pattern, const std::vector<std::string>& topics) {
  const Result<Pattern> beginning = Pattern::Compile(pattern + ".*");
  if (!beginning.ok()) return 0;
  return static_cast<size_t>(std::count_if(topics.begin(), topics.end(), [&](const std::string& topic) {
    return beginning->MatchWhole(topic).has_value();
  }));
}

bool IsRequested(const StartOptions& options, const Table& declared) {
  return options.tables.empty() || Contains(options.tables, declared.name);
}

// A sentence for each requested table that has patterns and no topic.
std::vector<std::string> Unmatched(const StartOptions& options, const std::vector<std::string>& at_brokers,
                                   const std::vector<SelectedTopic>& selected) {
  std::set<const Table*> with_topics;
  for (const SelectedTopic& topic : selected) with_topics.insert(topic.declared);
  std::vector<std::string> sentences;
  for (const Table& table : options.contract->tables) {
    const std::vector<std::string> patterns = PatternsOf(table);
    if (patterns.empty() || with_topics.contains(&table)) continue;
    if (!IsRequested(options, table)) continue;
    std::string sentence =
        fmt::format("no topic matches {}, the topics of table {}", Join(patterns, ", "), Quoted(table.name));
    for (const std::string& pattern : patterns) {
      if (const size_t beginnings = CountBeginnings(pattern, at_brokers); beginnings > 0)
        sentence +=
            fmt::format("; a pattern matches the whole name: {}.* would match {}", pattern, beginnings);
    }
    sentences.push_back(std::move(sentence));
  }
  return sentences;
}

// The current topics of the ledger.
class KnownTopics {
 public:
  explicit KnownTopics(std::vector<LedgerTopic> topics) : topics_(std::move(topics)) {
    std::erase_if(topics_, [](const LedgerTopic& topic) { return !topic.current; });
    for (const LedgerTopic& topic : topics_) by_name_.emplace(topic.topic, &topic);
  }

  const LedgerTopic* Find(const std::string& topic) const {
    const auto found = by_name_.find(topic);
    return found == by_name_.end() ? nullptr : found->second;
  }
  // A topic of the table, other than this one.
  const LedgerTopic* FindOther(const std::string& table, const std::string& topic) const {
    const auto found = std::find_if(topics_.begin(), topics_.end(), [&](const LedgerTopic& known) {
      return known.table == table && known.topic != topic;
    });
    return found == topics_.end() ? nullptr : &*found;
  }
  bool HasTable(const std::string& table) const { return FindOther(table, "") != nullptr; }
  const std::vector<LedgerTopic>& topics() const { return topics_; }
  // Whether the lake has a topic of a table of the contract, or of its template.
  bool HasAnyOf(const Table& declared) const {
    return std::any_of(topics_.begin(), topics_.end(), [&](const LedgerTopic& topic) {
      return FindTopic(declared, topic.topic).has_value();
    });
  }

 private:
  std::vector<LedgerTopic> topics_;
  std::map<std::string, const LedgerTopic*> by_name_;
};

// A topic to adopt must be in the contract, and a topic of a pattern in the lake. Otherwise a misspelled
// topic would be ignored silently.
Status CheckAdopted(const StartOptions& options, const KnownTopics& known) {
  for (const std::string& topic : options.adopt_topics) {
    const auto has_it = [&](const Table& table) {
      const std::optional<SelectedTopic> found = FindTopic(table, topic);
      return found && (found->by_name || known.Find(topic) != nullptr);
    };
    const std::vector<Table>& tables = options.contract->tables;
    if (std::none_of(tables.begin(), tables.end(), has_it)) {
      return InvalidArgumentError(
          "no table of the contract has the topic '" + topic +
          "', which is to be adopted; give --adopt-topic a topic as the contract names "
          "it, or one that was landed");
    }
  }
  return Ok();
}

// A requested table is one of the contract, or one that a template gives, or gave while its topic was there.
Status CheckRequested(const StartOptions& options, const KnownTopics& known,
                      const std::vector<SelectedTopic>& topics) {
  const std::vector<Table>& tables = options.contract->tables;
  const bool has_template =
      std::any_of(tables.begin(), tables.end(), [](const Table& table) { return table.is_template; });
  for (const std::string& name : options.tables) {
    const auto gives_it = [&](const SelectedTopic& topic) { return topic.table == name; };
    if (options.contract->FindTable(name) != nullptr || (has_template && known.HasTable(name)) ||
        std::any_of(topics.begin(), topics.end(), gives_it))
      continue;
    return InvalidArgumentError("the contract has no table '" + name + "'" +
                                (has_template ? ", and no topic at the brokers gives it" : ""));
  }
  return Ok();
}

// A sentence for each requested table of which landed topics are missing at the brokers.
std::vector<std::string> Missing(const StartOptions& options, const KnownTopics& known,
                                 const std::vector<std::string>& at_brokers) {
  const std::set<std::string> present(at_brokers.begin(), at_brokers.end());
  std::vector<std::string> sentences;
  for (const Table& table : options.contract->tables) {
    std::vector<std::string> missing;
    for (const LedgerTopic& topic : known.topics()) {
      const std::optional<SelectedTopic> selected = FindTopic(table, topic.topic);
      if (selected && !selected->by_name && !present.contains(topic.topic)) missing.push_back(topic.topic);
    }
    if (missing.empty() || !IsRequested(options, table)) continue;
    sentences.push_back(fmt::format(
        "{} of table {} that the lake has {} not at the brokers: deleted, or this principal has no right to "
        "describe it; its rows stay: {}{}",
        Counted(missing.size(), "topic"), Quoted(table.name), missing.size() == 1 ? "is" : "are",
        Quoted(missing.front()), missing.size() == 1 ? "" : ", ..."));
  }
  return sentences;
}

// The rows of a topic stay in one table, and a table that a template gives has the rows of one topic.
Status CheckTable(const SelectedTopic& topic, const KnownTopics& known, Ledger& ledger) {
  const LedgerTopic* const landed = known.Find(topic.topic);
  if (landed != nullptr && landed->table != topic.table)
    FOREBAY_TRY(ledger.RenameTable(topic.topic, topic.table));
  const LedgerTopic* const other =
      topic.declared->is_template ? known.FindOther(topic.table, topic.topic) : nullptr;
  if (other == nullptr) return Ok();
  return FailedPreconditionError("topic '" + topic.topic + "' gives table '" + topic.table +
                                 "', in which topic '" + other->topic +
                                 "' was landed; change the table's name in the contract so that they differ");
}

// Compares the topic's current id with the id that was current in the ledger before the broker was queried.
Status CheckTopic(const StartOptions& options, const TopicInfo& info, const LedgerTopic* known,
                  Ledger& ledger) {
  if (!info.exists) {
    return UnavailableError("topic '" + info.name +
                            "' does not exist; run `forebay topics apply` with the same contract");
  }
  if (info.id.empty()) {
    return UnavailableError("the broker gives no id for topic '" + info.name +
                            "'; Forebay needs Kafka 3.1 or newer, with topic ids");
  }
  if (known == nullptr || known->id == info.id || !FOREBAY_SAFEGUARD("start:topic_id")) return Ok();
  if (!Contains(options.adopt_topics, info.name)) return RecreatedError(info.name);
  return ledger.AdoptTopic(info.name, known->id, info.id);
}

}  // namespace

Error RecreatedError(const std::string& topic) {
  return UnavailableError(
      "topic '" + topic +
      "' was deleted and recreated since it was last landed: its offsets start again. Nothing was landed "
      "of the new one; to land it, run `forebay land --adopt-topic " +
      topic + "`");
}

Result<std::vector<FoundTopic>> FindTopics(const StartOptions& options, kafka::Admin& admin, Ledger& ledger,
                                           std::vector<std::string>* warnings) {
  // Read the ledger before the broker. Otherwise a stale id could replace a newer one that another process
  // adopted in between.
  FOREBAY_ASSIGN(std::vector<LedgerTopic> landed, ledger.Topics());
  const KnownTopics known(std::move(landed));
  FOREBAY_TRY(CheckAdopted(options, known));
  FOREBAY_ASSIGN(const std::set<std::string> planned_before, ledger.PatternTables());
  FOREBAY_ASSIGN(const std::vector<std::string> at_brokers, ListTopics(*options.contract, admin));
  FOREBAY_ASSIGN(const std::vector<SelectedTopic> selected, Select(options, at_brokers));
  FOREBAY_TRY(CheckRequested(options, known, selected));
  *warnings = Unmatched(options, at_brokers, selected);
  for (std::string& sentence : Missing(options, known, at_brokers)) warnings->push_back(std::move(sentence));
  std::vector<std::string> names;
  for (const SelectedTopic& topic : selected) names.push_back(topic.topic);
  FOREBAY_ASSIGN(const std::vector<TopicInfo> infos, admin.DescribeTopics(names));
  std::map<const Table*, bool> has_begun;
  std::vector<FoundTopic> found;
  for (size_t i = 0; i < selected.size(); ++i) {
    if (!infos[i].exists && !selected[i].by_name) continue;  // deleted since it was listed
    FOREBAY_TRY(CheckTable(selected[i], known, ledger));
    FOREBAY_TRY(CheckTopic(options, infos[i], known.Find(infos[i].name), ledger));
    const auto [begun, is_new] = has_begun.try_emplace(selected[i].declared);
    const Table& declared = *selected[i].declared;
    if (is_new) begun->second = planned_before.contains(declared.name) || known.HasAnyOf(declared);
    found.push_back({selected[i], infos[i], !selected[i].by_name && begun->second});
  }
  return found;
}

std::vector<std::string> RequestedPatternTables(const StartOptions& options) {
  std::vector<std::string> names;
  for (const Table& table : options.contract->tables) {
    if (!PatternsOf(table).empty() && IsRequested(options, table)) names.push_back(table.name);
  }
  return names;
}

Status CheckStillThere(const std::vector<FoundTopic>& topics, kafka::Admin& admin) {
  std::vector<std::string> names;
  for (const FoundTopic& topic : topics) {
    if (!topic.selected.by_name) names.push_back(topic.selected.topic);
  }
  FOREBAY_ASSIGN(const std::vector<TopicInfo> now, admin.DescribeTopics(names));
  size_t at = 0;
  for (const FoundTopic& topic : topics) {
    if (topic.selected.by_name) continue;
    if (now[at++].id != topic.info.id)
      return Error(ErrorCode::kConflict,
                   "topic '" + topic.info.name + "' was deleted while it was looked at");
  }
  return Ok();
}

Result<std::vector<std::string>> FindNewTopics(const StartOptions& options, const LandPlan& plan,
                                               kafka::Admin& admin) {
  std::vector<std::string> found;
  if (!HasPatterns(*options.contract)) return found;
  FOREBAY_ASSIGN(const std::vector<std::string> at_brokers, admin.ListTopics());
  FOREBAY_ASSIGN(const std::vector<SelectedTopic> selected, Select(options, at_brokers));
  for (const SelectedTopic& topic : selected) {
    if (plan.FindTopic(topic.topic) == nullptr) found.push_back(topic.topic);
  }
  return found;
}

}  // namespace forebay
