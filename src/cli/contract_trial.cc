#include "cli/contract_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "cli/common.h"
#include "compare/record_view.h"
#include "contract/diagnostics.h"
#include "contract/topics.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "sample/json_values.h"

namespace forebay::cli {
namespace {

constexpr int kPollMs = 100;
constexpr uint64_t kDefaultTopicRecords = 10'000;

std::string TableNames(const Contract& contract) {
  std::vector<std::string_view> names;
  for (const Table& table : contract.tables) names.push_back(table.name);
  return JoinOr(names);
}

// The tables to try, as the contract declares them: the one of --table or of the topic that is named, the
// only one, or, of their own topics, all.
Result<std::vector<Table>> ChooseTables(const TrialFlags& flags, const Contract& contract) {
  if (contract.tables.empty())
    return InvalidArgumentError("no table of the contract has a topic and fields: there is nothing to land");
  if (!flags.table.empty()) {
    const Table* const table = contract.FindTable(flags.table, flags.topic);
    if (table != nullptr) return std::vector{*table};
    return InvalidArgumentError(fmt::format("the contract has no table '{}', only {}; check --table",
                                            flags.table, TableNames(contract)));
  }
  std::vector<Table> tables;
  for (const Table& table : contract.tables) {
    if (flags.topic.empty() || FindTopic(table, flags.topic) || contract.tables.size() == 1)
      tables.push_back(table);
  }
  if (tables.empty() || (!flags.sample.empty() && tables.size() > 1)) {
    return InvalidArgumentError(fmt::format("{} requires --table, the table of the records: {}",
                                            flags.sample.empty() ? "--topic " + flags.topic : "--sample",
                                            TableNames(contract)));
  }
  return tables;
}

Result<TableTrial> TryFile(const TrialFlags& flags, const Contract& contract, const Table& table) {
  FOREBAY_ASSIGN(const auto trial, Trial::Create(contract, table));
  FOREBAY_ASSIGN(const auto values, JsonValues::Open(flags.sample, "--sample"));
  const uint64_t most = flags.records.value_or(0);
  uint64_t records = 0;
  while (most == 0 || records < most) {
    if (StopRequested()) return CancelledError("stopped while the sample was read");
    FOREBAY_ASSIGN(const JsonValues::Step step, values->Next(kPollMs));
    if (step == JsonValues::Step::kEnd) break;
    if (step == JsonValues::Step::kNothingYet) continue;
    RecordView record;
    // As a producer that sends it now.
    record.timestamp_ms = WallClockMillis();
    record.offset = Offset(static_cast<int64_t>(records));
    record.value = values->value();
    FOREBAY_TRY(trial->Add(record, values->position()));
    ++records;
  }
  if (records == 0) return InvalidArgumentError(values->name() + " holds no records; check --sample");
  FOREBAY_ASSIGN(TrialReport report, trial->Finish());
  return TableTrial{table.name, values->name(), std::nullopt, std::move(report)};
}

// A topic, and the table that its records are tried for.
struct TopicToTry {
  std::string topic;
  Table table;
};

// The topic that is named, or the tables' own.
Result<std::vector<TopicToTry>> ChooseTopics(const TrialFlags& flags, const kafka::ClientConfig& brokers,
                                             const std::vector<Table>& tables) {
  std::vector<TopicToTry> topics;
  if (!flags.topic.empty()) {
    FOREBAY_TRY(SelectTopics(tables, {flags.topic}));  // not of two tables
    const Table& table = tables.front();
    const std::optional<SelectedTopic> own = FindTopic(table, flags.topic);
    topics.push_back({flags.topic, own ? TableOf(*own) : table});
    return topics;
  }
  std::vector<std::string> at_brokers;
  if (std::any_of(tables.begin(), tables.end(),
                  [](const Table& table) { return !PatternsOf(table).empty(); })) {
    FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(brokers, {.stop = &StopRequested()}));
    FOREBAY_ASSIGN(at_brokers, admin->ListTopics());
  }
  FOREBAY_ASSIGN(const std::vector<SelectedTopic> selected, SelectTopics(tables, at_brokers));
  for (const SelectedTopic& topic : selected) topics.push_back({topic.topic, TableOf(topic)});
  if (!topics.empty()) return topics;
  return UnavailableError(fmt::format("no topic of {} matches {}; --topic names one to try",
                                      brokers.brokers(), DescribeTopics(tables.front())));
}

Result<TableTrial> TryTopic(const TrialFlags& flags, const kafka::ClientConfig& brokers,
                            const Contract& contract, const TopicToTry& from) {
  FOREBAY_ASSIGN(const auto trial, Trial::Create(contract, from.table));
  const TopicSampleOptions options{
      .topic = from.topic, .records = flags.records.value_or(kDefaultTopicRecords), .stop = &StopRequested()};
  HeaderViews headers;
  FOREBAY_ASSIGN(const TopicSample sample, SampleTopic(brokers, options, [&](const kafka::Message& message) {
                   RecordView record = ViewOf(message);
                   if (from.table.HasTopicColumn()) record.topic = from.topic;
                   record.timestamp_ms = message.timestamp_ms;
                   record.headers = headers.Of(message);
                   return trial->Add(record);
                 }));
  FOREBAY_ASSIGN(TrialReport report, trial->Finish());
  return TableTrial{from.table.name, options.topic, sample, std::move(report)};
}

}  // namespace

void AddTrialFlags(CLI::App& command, TrialFlags& flags) {
  CLI::Option* const sample =
      command
          .add_option(
              "--sample", flags.sample,
              "Try the records of this file: JSON Lines, an array, or a stream of JSON values; plain, gzip "
              "or zstd; - is standard input")
          ->type_name("FILE")
          ->check(NotEmpty());
  flags.from_topic = command
                         .add_option("--topic", flags.topic,
                                     "Try records from both ends of this topic (default: the tables' own)")
                         ->type_name("[TOPIC]")
                         ->expected(0, 1)
                         ->excludes(sample);
  AddBrokersFlag(command, flags.brokers);
  AddKafkaConfigFlag(command, flags.kafka_config);
  command.add_option("--table", flags.table, "The table of the records")->type_name("TABLE");
  command
      .add_option("--records", flags.records,
                  "Try at most this many records (default: 10000 of a topic, all of a file; 0: all)")
      ->type_name("N");
}

Result<std::vector<TableTrial>> RunTrials(const TrialFlags& flags, const Contract& contract) {
  FOREBAY_ASSIGN(const std::vector<Table> tables, ChooseTables(flags, contract));
  std::vector<TableTrial> trials;
  if (!flags.sample.empty()) {
    FOREBAY_ASSIGN(trials.emplace_back(), TryFile(flags, contract, tables.front()));
    return trials;
  }
  FOREBAY_ASSIGN(const auto brokers, kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  FOREBAY_ASSIGN(const std::vector<TopicToTry> topics, ChooseTopics(flags, brokers, tables));
  for (const TopicToTry& topic : topics) {
    FOREBAY_ASSIGN(trials.emplace_back(), TryTopic(flags, brokers, contract, topic));
  }
  return trials;
}

}  // namespace forebay::cli
