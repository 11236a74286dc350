#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/join.h"
#include "base/json_quote.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/produce_plan.h"
#include "cli/progress.h"
#include "kafka/admin.h"
#include "kafka/producer.h"

namespace forebay::cli {
namespace {

constexpr int64_t kBatchOverheadBytes = 4096;
constexpr int64_t kMaxBatchBytes = 1'000'000;

// The receipt's path: the flag's, or RUN.json in it where it is a directory.
std::string ReceiptPath(const ProduceFlags& flags, const std::string& run) {
  if (flags.receipt.ends_with('/') || std::filesystem::is_directory(flags.receipt)) {
    return (std::filesystem::path(flags.receipt) / (run + ".json")).string();
  }
  return flags.receipt;
}

std::vector<std::string> TopicNames(const Receipt& receipt) {
  std::vector<std::string> names;
  for (const ReceiptTable& table : receipt.tables) names.push_back(table.topic);
  return names;
}

// Waits for the broker, and fills in the topics' ids.
Status FindTopics(kafka::Admin& admin, const ProduceFlags& flags, Receipt* receipt) {
  FOREBAY_ASSIGN(const auto topics, admin.DescribeTopics(TopicNames(*receipt)));
  for (size_t i = 0; i < topics.size(); ++i) {
    if (!topics[i].exists) {
      return WorldError(
          fmt::format("the topic {} does not exist; run: forebay topics apply --contract {} --brokers {}",
                      topics[i].name, flags.contract, flags.brokers));
    }
    if (topics[i].id.empty()) {
      return WorldError(fmt::format("the broker gives no id for topic {}; Forebay needs Kafka 2.8 or newer",
                                    topics[i].name));
    }
    receipt->tables[i].topic_id = topics[i].id;
  }
  return Ok();
}

// A receipt speaks of topics by their ids: after a change its offsets mean nothing.
Status CheckTopicsStayed(kafka::Admin& admin, const Receipt& receipt) {
  FOREBAY_ASSIGN(const auto topics, admin.DescribeTopics(TopicNames(receipt)));
  for (size_t i = 0; i < topics.size(); ++i) {
    if (topics[i].id != receipt.tables[i].topic_id) {
      return WorldError(fmt::format(
          "the topic {} was deleted {}while records were produced to it; the receipt of run {} is "
          "not true for it",
          topics[i].name, topics[i].exists ? "and made again " : "", receipt.run));
    }
  }
  return Ok();
}

// Small enough that only a record that is too large by itself can make a batch too large for its topic.
Result<int64_t> BatchBytes(kafka::Admin& admin, const Receipt& receipt) {
  int64_t bytes = kMaxBatchBytes;
  for (const std::string& topic : TopicNames(receipt)) {
    FOREBAY_ASSIGN(const auto settings, admin.TopicSettings(topic));
    const auto limit = settings.find("max.message.bytes");
    if (limit == settings.end()) continue;
    bytes = std::min(bytes, std::max<int64_t>(std::atoll(limit->second.c_str()) - kBatchOverheadBytes, 1));
  }
  return bytes;
}

struct Counts {
  uint64_t acknowledged = 0;
  uint64_t quarantined = 0;
};

Counts Count(const ReceiptTable& table) {
  Counts counts;
  for (const auto& [number, partition] : table.partitions) counts.acknowledged += partition.records;
  for (const auto& [reason, count] : table.quarantined) counts.quarantined += count;
  return counts;
}

std::string SummaryText(const Receipt& receipt, const produce::RunSummary& summary, uint64_t acknowledged,
                        const std::string& path) {
  const double rate = static_cast<double>(acknowledged) / std::max(summary.seconds, 0.001);
  std::string text = fmt::format("run {}: {} records acknowledged in {:.1f} s ({:.0f}/s)", receipt.run,
                                 acknowledged, summary.seconds, rate);
  for (const ReceiptTable& table : receipt.tables) {
    const Counts counts = Count(table);
    text += fmt::format("\n  {}: {} in {}, {} of them expected in quarantine", table.table,
                        counts.acknowledged, table.topic, counts.quarantined);
    if (table.failed > 0) text += fmt::format(", {} failed", table.failed);
    if (table.uncertain > 0) text += fmt::format(", {} uncertain", table.uncertain);
  }
  return text + "\nreceipt: " + path;
}

std::string TableJson(const ReceiptTable& table) {
  const Counts counts = Count(table);
  return "{\"table\":" + QuoteJson(table.table) + ",\"topic\":" + QuoteJson(table.topic) +
         ",\"topic_id\":" + QuoteJson(table.topic_id.base64()) +
         fmt::format(",\"acknowledged\":{},\"quarantined\":{},\"failed\":{},\"uncertain\":{}}}",
                     counts.acknowledged, counts.quarantined, table.failed, table.uncertain);
}

std::string SummaryJson(const produce::ReceiptKeeper& keeper, const produce::RunSummary& summary,
                        const std::string& path) {
  std::vector<std::string> tables;
  for (const ReceiptTable& table : keeper.receipt().tables) tables.push_back(TableJson(table));
  std::vector<std::string> failures;
  for (const auto& [reason, count] : summary.failures) {
    failures.push_back(QuoteJson(reason) + ":" + std::to_string(count));
  }
  return "{\"run\":" + QuoteJson(keeper.receipt().run) + ",\"receipt\":" + QuoteJson(path) +
         fmt::format(",\"seconds\":{:.3f},\"acknowledged\":{},\"failed\":{},\"uncertain\":{}",
                     summary.seconds, keeper.acknowledged(), keeper.failed(), keeper.uncertain()) +
         ",\"tables\":[" + Join(tables, ",") + "],\"failures\":{" + Join(failures, ",") + "}}";
}

// Everything with the broker. The value says whether every record was delivered.
Result<bool> Produce(const ProduceFlags& flags, ProducePlan& plan) {
  FOREBAY_ASSIGN(const kafka::ClientConfig config,
                 kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  const std::string path = ReceiptPath(flags, plan.receipt.run);
  FOREBAY_ASSIGN(ReceiptFile file, ReceiptFile::Create(path, plan.receipt.run));
  FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(config, {-1, &StopRequested()}));
  FOREBAY_TRY(FindTopics(*admin, flags, &plan.receipt));
  kafka::ProducerOptions options;
  options.topics = TopicNames(plan.receipt);
  options.delivery_timeout_ms = plan.delivery_timeout_ms;
  FOREBAY_ASSIGN(options.batch_bytes, BatchBytes(*admin, plan.receipt));
  FOREBAY_ASSIGN(auto producer, kafka::Producer::Open(config, options));

  std::vector<bool> has_primary_key;
  for (const Table* table : plan.tables) has_primary_key.push_back(!table->primary_key.empty());
  produce::ReceiptKeeper keeper(plan.receipt, has_primary_key);
  Progress progress("produced", plan.total);
  const Result<produce::RunSummary> summary = produce::Run(
      std::move(producer), *plan.source, keeper, file, plan.options, [&](const produce::RunProgress& now) {
        const uint64_t lost = now.failed + now.uncertain;
        progress.Update(now.acknowledged, lost > 0 ? fmt::format("{} not delivered", lost) : "");
      });
  progress.Finish();
  if (!summary.ok()) return summary.error();
  const std::string text = flags.json ? SummaryJson(keeper, *summary, path)
                                      : SummaryText(keeper.receipt(), *summary, keeper.acknowledged(), path);
  fmt::print("{}\n", text);
  for (const auto& [reason, count] : summary->failures)
    spdlog::error("{} records were not delivered: {}", count, reason);
  if (!StopRequested()) FOREBAY_TRY(CheckTopicsStayed(*admin, keeper.receipt()));
  return keeper.failed() + keeper.uncertain() == 0;
}

int RunProduce(const ProduceFlags& flags) {
  InstallStopSignals();
  const Result<Contract> contract = ReadContract(flags.contract);
  if (!contract.ok()) return Fail(contract.error());
  Result<ProducePlan> plan = MakeProducePlan(flags, *contract);
  if (!plan.ok()) return Fail(plan.error());
  const Result<bool> delivered = Produce(flags, *plan);
  if (!delivered.ok()) return Fail(delivered.error());
  return *delivered ? 0 : ExitStatus(WorldError("some records were not delivered"));
}

}  // namespace

void AddProduce(CLI::App& app, Command& selected) {
  CLI::App* command = app.add_subcommand(
      "produce", "Produces the shop scenario, or your own JSON Lines, to the contract's topics");
  auto flags = std::make_shared<ProduceFlags>();
  AddContractFlag(*command, flags->contract);
  AddBrokersFlag(*command, flags->brokers);
  AddKafkaConfigFlag(*command, flags->kafka_config);
  command
      ->add_option("--receipt", flags->receipt, "Where the receipt goes: a file, or a directory for RUN.json")
      ->required();
  command->add_option("--table", flags->table,
                      "This table alone (default: clicks, and the orders that belong to them)");
  command->add_option("--records", flags->records,
                      "How many clicks (of --table: records); default: until stopped");
  command->add_option("--first", flags->first, "The sequence of the first one, to go on after an earlier run")
      ->capture_default_str();
  command->add_option("--duration", flags->duration, "Stop after this time: 90s, 5m, 2h");
  command
      ->add_option("--rate", flags->rate,
                   "Records a second in all; default: as fast as the broker takes them")
      ->check(CLI::PositiveNumber);
  command->add_option("--from", flags->from,
                      "Send the lines of this JSON Lines file (- is standard input) to --table");
  command
      ->add_option("--delivery-timeout", flags->delivery_timeout,
                   "Give a record up as failed after this time; 0 waits for the broker for ever")
      ->capture_default_str();
  command
      ->add_option("--stop-patience", flags->stop_patience,
                   "How long SIGINT or SIGTERM waits for the broker to acknowledge what was sent")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Prints the outcome as one JSON object");
  AddScenarioFlags(*command, flags->scenario);
  command->footer(
      "Examples:\n"
      "  forebay produce --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092 --records 1000000 \\\n"
      "      --seed 7 --faults default --receipt receipts/7.json\n"
      "  forebay produce ... --rate 200 --receipt receipts/      # like a live shop, until SIGINT or "
      "SIGTERM\n"
      "  forebay produce ... --table clicks --from my.jsonl --receipt receipts/my.json\n\n"
      "Without --records, events are of now. The exit status is 3 when a record was not delivered; the "
      "receipt says\n"
      "how many failed and how many are uncertain.");
  command->callback([&selected, flags] { selected = [flags] { return RunProduce(*flags); }; });
}

}  // namespace forebay::cli
