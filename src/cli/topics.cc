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

struct TopicsFlags {
  std::string contract;
  std::string brokers;
  std::string kafka_config;
  int32_t replication_factor = -1;
  std::string wait = "30s";
  bool json = false;
};

// The result of checking one of the contract's topics.
struct Finding {
  const Table* table = nullptr;
  bool created = false;
  TopicId id;
  struct Difference {
    std::string setting;
    std::string contract;
    std::string broker;
    std::string advice;  // the recommended action; one sentence
  };
  std::vector<Difference> differences;
  bool settings_compared = true;  // false: this principal may not read them
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
  const TopicSettings& wanted = finding->table->topic;
  if (info.partitions == wanted.partitions) return;
  const std::string advice =
      info.partitions < wanted.partitions
          ? fmt::format(
                "Adding partitions moves keys to other partitions, and their order is lost at that point; to "
                "do it anyway: kafka-topics.sh --bootstrap-server {} --alter --topic {} --partitions {}",
                brokers, wanted.name, wanted.partitions)
          : "Kafka cannot remove partitions: correct kafka.partitions in the contract, or use another "
            "topic";
  finding->differences.push_back(
      {"partitions", std::to_string(wanted.partitions), std::to_string(info.partitions), advice});
}

void CompareSettings(const std::map<std::string, std::string>& settings, const std::string& brokers,
                     Finding* finding) {
  const TopicSettings& wanted = finding->table->topic;
  auto value_of = [&](const char* name) {
    const auto it = settings.find(name);
    return it == settings.end() ? std::string("(not reported)") : it->second;
  };
  const std::string retention = std::to_string(wanted.retention_ms);
  if (const std::string found = value_of(kRetention); found != retention) {
    finding->differences.push_back(
        {kRetention, retention, found, AlterAdvice(brokers, wanted.name, kRetention, retention)});
  }
  if (const std::string found = value_of(kCleanup);
      SortedPolicy(found) != SortedPolicy(wanted.cleanup_policy)) {
    finding->differences.push_back({kCleanup, wanted.cleanup_policy, found,
                                    AlterAdvice(brokers, wanted.name, kCleanup, wanted.cleanup_policy)});
  }
}

Result<std::vector<Finding>> Apply(const TopicsFlags& flags, const Contract& contract) {
  FOREBAY_ASSIGN(const kafka::ClientConfig config,
                 kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  FOREBAY_ASSIGN(const int64_t wait_ms, ReadDurationMs(flags.wait));
  FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(config, {wait_ms, nullptr}));
  std::vector<Finding> findings;
  std::vector<std::string> names;
  for (const Table& table : contract.tables) {
    findings.push_back({&table, false, {}, {}});
    names.push_back(table.topic.name);
  }
  FOREBAY_ASSIGN(const auto before, admin->DescribeTopics(names));
  std::vector<kafka::NewTopic> missing;
  for (size_t i = 0; i < findings.size(); ++i) {
    if (before[i].exists) continue;
    const TopicSettings& wanted = findings[i].table->topic;
    missing.push_back(
        {wanted.name,
         wanted.partitions,
         flags.replication_factor,
         {{kRetention, std::to_string(wanted.retention_ms)}, {kCleanup, wanted.cleanup_policy}}});
    findings[i].created = true;
  }
  if (!missing.empty()) FOREBAY_TRY(admin->CreateTopics(missing));
  FOREBAY_ASSIGN(const auto after, admin->DescribeTopics(names));
  for (size_t i = 0; i < findings.size(); ++i) {
    findings[i].id = after[i].id;
    ComparePartitions(after[i], flags.brokers, &findings[i]);
    FOREBAY_ASSIGN(const auto settings, admin->TopicSettings(names[i]));
    findings[i].settings_compared = settings.has_value();
    if (settings) CompareSettings(*settings, flags.brokers, &findings[i]);
  }
  return findings;
}

void PrintText(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    const TopicSettings& topic = finding.table->topic;
    fmt::print("{}: {}\n", topic.name,
               finding.created ? "created, " + Counted(static_cast<uint64_t>(topic.partitions), "partition")
               : !finding.differences.empty() ? "differs from the contract"
               : finding.settings_compared    ? "matches the contract"
                                              : "exists, with the contract's partitions");
    if (!finding.settings_compared) {
      fmt::print(
          "  its settings were not compared: this principal lacks the right DescribeConfigs on the topic\n");
    }
    for (const Finding::Difference& difference : finding.differences) {
      fmt::print("  {}: contract {}, broker {}. {}\n", difference.setting, difference.contract,
                 difference.broker, difference.advice);
    }
  }
}

void PrintJson(const std::vector<Finding>& findings) {
  JsonWriter json;
  json.OpenObject(JsonLayout::kOneLine).Key("topics").OpenArray();
  for (const Finding& finding : findings) {
    json.OpenObject()
        .Member("table", finding.table->name)
        .Member("topic", finding.table->topic.name)
        .Member("topic_id", finding.id.base64())
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

int RunApply(const TopicsFlags& flags) {
  const Result<Contract> contract = ReadContract(flags.contract);
  if (!contract.ok()) return Fail(contract.error());
  const Result<std::vector<Finding>> findings = Apply(flags, *contract);
  if (!findings.ok()) return Fail(findings.error());
  flags.json ? PrintJson(*findings) : PrintText(*findings);
  const bool same =
      std::all_of(findings->begin(), findings->end(), [](const Finding& f) { return f.differences.empty(); });
  return same ? 0 : 1;
}

}  // namespace

void AddTopics(CLI::App& app, Command& selected) {
  CLI::App* topics = app.add_subcommand("topics", "The contract's topics at the broker");
  topics->require_subcommand(1);
  CLI::App* command = topics->add_subcommand(
      "apply", "Creates the contract's missing topics, and compares the existing ones with it");
  auto flags = std::make_shared<TopicsFlags>();
  AddContractFlag(*command, flags->contract);
  AddBrokersFlag(*command, flags->brokers);
  AddKafkaConfigFlag(*command, flags->kafka_config);
  command
      ->add_option("--replication-factor", flags->replication_factor,
                   "For new topics; -1 is the broker's default")
      ->capture_default_str();
  command->add_option("--wait", flags->wait, "Time to wait for a broker that does not answer")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Report as JSON");
  command->footer(
      "Example:\n"
      "  forebay topics apply --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092\n\n"
      "Nothing is deleted, and existing topics stay as they are: each difference is printed with the command "
      "that\n"
      "removes it, and the exit status is 1.");
  command->callback([&selected, flags] { selected = [flags] { return RunApply(*flags); }; });
}

}  // namespace forebay::cli
