#include "contract/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/join.h"
#include "base/trim.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "contract/contract.h"
#include "kafka/admin.h"
#include "report/json_writer.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

constexpr char kRetention[] = "retention.ms";
constexpr char kCleanup[] = "cleanup.policy";
constexpr char kNotCompared[] =
    "its settings were not compared: reading them needs the right DescribeConfigs on it";

struct TopicsFlags {
  std::string contract;
  std::string brokers;
  std::string kafka_config;
  int32_t replication_factor = -1;
  std::string wait = "30s";
  bool json = false;
};

// What becomes of a topic that does not exist.
enum class Missing { kReport, kCreate };

// The result of checking one of the contract's topics.
struct Finding {
  SelectedTopic topic;
  bool exists = true;
  bool created = false;
  bool settings_compared = true;  // false: the principal may not read them
  TopicId id;
  struct Difference {
    std::string setting;
    std::string contract;
    std::string broker;
    std::string advice;  // the recommended action; one sentence
  };
  std::vector<Difference> differences;

  bool Matches() const { return exists && differences.empty(); }
  const TopicSettings& wanted() const { return topic.declared->topic; }
};

// How many topics match the patterns of a table; none can be created for them.
struct PatternFinding {
  const Table* table = nullptr;
  size_t topics = 0;
};

struct Findings {
  std::vector<Finding> topics;
  std::vector<PatternFinding> patterns;
};

// "compact,delete" and "delete,compact" are the same policy.
std::string SortedPolicy(const std::string& policy) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin <= policy.size();) {
    const size_t end = std::min(policy.find(',', begin), policy.size());
    const std::string_view word = Trim(std::string_view(policy).substr(begin, end - begin));
    if (!word.empty()) words.emplace_back(word);
    begin = end + 1;
  }
  std::sort(words.begin(), words.end());
  return Join(words, ",");
}

std::string AlterAdvice(const std::string& brokers, const std::string& topic, const std::string& setting,
                        const std::string& value) {
  return fmt::format(
      "To change the topic: kafka-configs.sh --bootstrap-server {} --alter --entity-type topics "
      "--entity-name {} --add-config {}={}",
      brokers, topic, setting, value.find(',') == std::string::npos ? value : "[" + value + "]");
}

void ComparePartitions(const kafka::TopicInfo& info, const std::string& brokers, Finding* finding) {
  const TopicSettings& wanted = finding->wanted();
  // One contract for several topics need not know how many partitions each has.
  if (!wanted.selectors.empty() && !wanted.partitions_known) return;
  if (info.partitions == wanted.partitions) return;
  const std::string advice =
      info.partitions < wanted.partitions
          ? fmt::format(
                "Adding partitions moves keys to other partitions, and their order is lost at that point; to "
                "do it anyway: kafka-topics.sh --bootstrap-server {} --alter --topic {} --partitions {}",
                brokers, info.name, wanted.partitions)
          : "Kafka cannot remove partitions: correct kafka.partitions in the contract, or use another "
            "topic";
  finding->differences.push_back(
      {"partitions", std::to_string(wanted.partitions), std::to_string(info.partitions), advice});
}

void CompareSettings(const std::map<std::string, std::string>& settings, const std::string& brokers,
                     Finding* finding) {
  const TopicSettings& wanted = finding->wanted();
  const std::string& name = finding->topic.topic;
  auto value_of = [&](const char* setting) {
    const auto it = settings.find(setting);
    return it == settings.end() ? std::string("(not reported)") : it->second;
  };
  if (wanted.retention_ms) {
    const std::string retention = std::to_string(*wanted.retention_ms);
    if (const std::string found = value_of(kRetention); found != retention) {
      finding->differences.push_back(
          {kRetention, retention, found, AlterAdvice(brokers, name, kRetention, retention)});
    }
  }
  if (const std::string found = value_of(kCleanup);
      SortedPolicy(found) != SortedPolicy(wanted.cleanup_policy)) {
    finding->differences.push_back({kCleanup, wanted.cleanup_policy, found,
                                    AlterAdvice(brokers, name, kCleanup, wanted.cleanup_policy)});
  }
}

kafka::NewTopic ToCreate(const Finding& finding, int32_t replication_factor) {
  const TopicSettings& wanted = finding.wanted();
  kafka::NewTopic topic{
      finding.topic.topic, wanted.partitions, replication_factor, {{kCleanup, wanted.cleanup_policy}}};
  if (wanted.retention_ms) topic.settings[kRetention] = std::to_string(*wanted.retention_ms);
  return topic;
}

Status CreateMissing(const std::vector<std::string>& names, int32_t replication_factor, kafka::Admin& admin,
                     std::vector<Finding>* findings) {
  FOREBAY_ASSIGN(const auto before, admin.DescribeTopics(names));
  std::vector<kafka::NewTopic> missing;
  for (size_t i = 0; i < names.size(); ++i) {
    Finding& finding = (*findings)[i];
    finding.created = !before[i].exists;
    if (finding.created) missing.push_back(ToCreate(finding, replication_factor));
  }
  return missing.empty() ? Ok() : admin.CreateTopics(missing);
}

Status CompareExisting(const std::vector<std::string>& names, const std::string& brokers, kafka::Admin& admin,
                       std::vector<Finding>* findings) {
  FOREBAY_ASSIGN(const auto found, admin.DescribeTopics(names));
  std::vector<std::string> existing;
  std::vector<Finding*> of_existing;
  for (size_t i = 0; i < names.size(); ++i) {
    Finding& finding = (*findings)[i];
    finding.exists = found[i].exists;
    if (!finding.exists) continue;
    finding.id = found[i].id;
    ComparePartitions(found[i], brokers, &finding);
    existing.push_back(names[i]);
    of_existing.push_back(&finding);
  }
  FOREBAY_ASSIGN(const auto settings, admin.TopicSettings(existing));
  for (size_t i = 0; i < existing.size(); ++i) {
    of_existing[i]->settings_compared = settings[i].has_value();
    if (settings[i]) CompareSettings(*settings[i], brokers, of_existing[i]);
  }
  return Ok();
}

// The topics that match patterns, and those that the contract names.
Result<Findings> FindTopics(const Contract& contract, kafka::Admin& admin) {
  Findings findings;
  for (const Table& table : contract.tables) {
    if (!PatternsOf(table).empty()) findings.patterns.push_back({&table});
  }
  std::vector<std::string> at_brokers;
  if (!findings.patterns.empty()) {
    FOREBAY_ASSIGN(at_brokers, admin.ListTopics());
  }
  FOREBAY_ASSIGN(const std::vector<SelectedTopic> topics, SelectTopics(contract.tables, at_brokers));
  for (const SelectedTopic& topic : topics) findings.topics.emplace_back().topic = topic;
  for (PatternFinding& pattern : findings.patterns) {
    pattern.topics =
        static_cast<size_t>(std::count_if(topics.begin(), topics.end(), [&](const SelectedTopic& topic) {
          return topic.declared == pattern.table && !topic.by_name;
        }));
  }
  return findings;
}

Result<Findings> Compare(const TopicsFlags& flags, const Contract& contract, Missing missing) {
  FOREBAY_ASSIGN(const kafka::ClientConfig config,
                 kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  FOREBAY_ASSIGN(const int64_t wait_ms, ReadDurationMs(flags.wait));
  FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(config, {wait_ms, nullptr}));
  FOREBAY_ASSIGN(Findings findings, FindTopics(contract, *admin));
  std::vector<std::string> names;
  for (const Finding& finding : findings.topics) names.push_back(finding.topic.topic);
  if (missing == Missing::kCreate)
    FOREBAY_TRY(CreateMissing(names, flags.replication_factor, *admin, &findings.topics));
  FOREBAY_TRY(CompareExisting(names, flags.brokers, *admin, &findings.topics));
  return findings;
}

std::string Verdict(const Finding& finding) {
  if (!finding.exists) return "does not exist; `forebay topics apply` creates it";
  if (finding.created) {
    return "created, " + Counted(static_cast<uint64_t>(finding.wanted().partitions), "partition");
  }
  if (!finding.differences.empty()) return "differs from the contract";
  return finding.settings_compared ? "matches the contract" : "exists";
}

void PrintText(const Findings& findings) {
  for (const PatternFinding& pattern : findings.patterns) {
    fmt::print("{}: {} of table '{}' match; no topic is created for a pattern\n",
               Join(PatternsOf(*pattern.table), ", "), Counted(pattern.topics, "topic"), pattern.table->name);
  }
  for (const Finding& finding : findings.topics) {
    fmt::print("{}: {}\n", finding.topic.topic, Verdict(finding));
    if (!finding.settings_compared) fmt::print("  {}\n", kNotCompared);
    for (const Finding::Difference& difference : finding.differences) {
      fmt::print("  {}: contract {}, broker {}. {}\n", difference.setting, difference.contract,
                 difference.broker, difference.advice);
    }
  }
}

void PrintJson(const Findings& findings) {
  JsonWriter json;
  json.OpenObject(JsonLayout::kOneLine).Key("patterns").OpenArray();
  for (const PatternFinding& pattern : findings.patterns) {
    json.OpenObject()
        .Member("table", pattern.table->name)
        .Member("pattern", Join(PatternsOf(*pattern.table), ", "))
        .Member("topics", pattern.topics)
        .Close();
  }
  json.Close().Key("topics").OpenArray();
  for (const Finding& finding : findings.topics) {
    json.OpenObject()
        .Member("table", finding.topic.table)
        .Member("topic", finding.topic.topic)
        .Member("topic_id", finding.id.base64())
        .Member("exists", finding.exists)
        .Member("created", finding.created)
        .Member("settings_compared", finding.settings_compared);
    json.Key("differences").OpenArray();
    for (const Finding::Difference& difference : finding.differences) {
      json.OpenObject()
          .Member("setting", difference.setting)
          .Member("contract", difference.contract)
          .Member("broker", difference.broker)
          .Member("advice", difference.advice)
          .Close();
    }
    json.Close().Close();
  }
  fmt::print("{}\n", json.Close().Close().text());
}

int Run(const TopicsFlags& flags, Missing missing) {
  const Result<Contract> contract = ReadContract(flags.contract);
  if (!contract.ok()) return Fail(contract.error());
  const Result<Findings> findings = Compare(flags, *contract, missing);
  if (!findings.ok()) return Fail(findings.error());
  flags.json ? PrintJson(*findings) : PrintText(*findings);
  const bool same = std::all_of(findings->topics.begin(), findings->topics.end(),
                                [](const Finding& f) { return f.Matches(); });
  return same ? 0 : 1;
}

// Flags of both commands.
std::shared_ptr<TopicsFlags> AddFlags(CLI::App& command) {
  auto flags = std::make_shared<TopicsFlags>();
  AddContractFlag(command, flags->contract);
  AddBrokersFlag(command, flags->brokers);
  AddKafkaConfigFlag(command, flags->kafka_config);
  command.add_option("--wait", flags->wait, "Time to wait for a broker that does not answer")
      ->capture_default_str();
  command.add_flag("--json", flags->json, "Report as JSON");
  return flags;
}

void AddApply(CLI::App& topics, Command& selected) {
  CLI::App* command = topics.add_subcommand(
      "apply", "Creates the contract's missing topics, and compares the existing ones with it");
  auto flags = AddFlags(*command);
  command
      ->add_option("--replication-factor", flags->replication_factor,
                   "For new topics; -1 is the broker's default")
      ->capture_default_str();
  command->footer(
      "Example:\n"
      "  forebay topics apply --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092\n\n"
      "Nothing is deleted, and existing topics stay as they are: each difference is printed with the command "
      "that\n"
      "removes it, and the exit status is 1. Records are landed all the same. Without kafka.retention.ms in "
      "the\n"
      "contract, a new topic has the broker's retention. For a pattern nothing is created; the topics that "
      "match "
      "it\n"
      "are compared.");
  command->callback([&selected, flags] { selected = [flags] { return Run(*flags, Missing::kCreate); }; });
}

void AddCheck(CLI::App& topics, Command& selected) {
  CLI::App* command =
      topics.add_subcommand("check", "Compares the contract's topics with it, and changes nothing");
  auto flags = AddFlags(*command);
  command->footer(
      "Example:\n"
      "  forebay topics check --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092\n\n"
      "The exit status is 1 if a topic is missing or differs. A principal without the right DescribeConfigs "
      "on a\n"
      "topic learns that it exists, and its partitions.");
  command->callback([&selected, flags] { selected = [flags] { return Run(*flags, Missing::kReport); }; });
}

}  // namespace

void AddTopics(CLI::App& app, Command& selected) {
  CLI::App* topics = app.add_subcommand("topics", "The contract's topics at the broker");
  topics->require_subcommand(1);
  AddCheck(*topics, selected);
  AddApply(*topics, selected);
}

}  // namespace forebay::cli
