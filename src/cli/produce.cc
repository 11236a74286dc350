#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/progress.h"
#include "cli/scenario_flags.h"
#include "kafka/admin.h"
#include "kafka/producer.h"
#include "produce/plan.h"
#include "produce/resume.h"
#include "produce/summary.h"
#include "produce/topics.h"

namespace forebay::cli {
namespace {

struct ProduceFlags {
  produce::PlanText plan;
  std::string brokers;
  std::string kafka_config;
  bool json = false;
};

enum class Outcome { kUndelivered, kComplete };

// The part of the command that needs the broker.
Result<Outcome> Produce(const ProduceFlags& flags, produce::Plan& plan) {
  FOREBAY_ASSIGN(const kafka::ClientConfig config,
                 kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  FOREBAY_ASSIGN(ReceiptFile file, produce::OpenReceipt(flags.plan, plan));
  FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(config, {-1, &StopRequested()}));
  FOREBAY_ASSIGN(const auto topics, produce::PrepareTopics(flags.plan, flags.brokers, config, *admin, &plan));
  kafka::ProducerOptions options;
  options.topics = produce::TopicNames(plan.receipt);
  options.delivery_timeout_ms = plan.delivery_timeout_ms;
  FOREBAY_ASSIGN(options.batch_bytes, produce::BatchBytes(*admin, plan.receipt));
  options.clients = produce::ClientCount(topics, plan.options);
  FOREBAY_ASSIGN(auto producer, kafka::Producer::Open(config, options));

  produce::ReceiptKeeper keeper = produce::MakeKeeper(plan);
  Progress progress("produced", plan.total);
  const Result<produce::RunSummary> summary = produce::Run(
      std::move(producer), *plan.source, keeper, file, plan.options, [&](const produce::RunProgress& now) {
        const uint64_t lost = now.failed + now.uncertain;
        progress.Update(now.acknowledged, lost > 0 ? fmt::format("{} not delivered", lost) : "");
      });
  progress.Finish();
  if (!summary.ok()) return summary.error();
  const std::string text = flags.json ? produce::SummaryJson(keeper, *summary, file.path())
                                      : produce::SummaryText(keeper, *summary, file.path());
  fmt::print("{}\n", text);
  for (const auto& [reason, count] : summary->failures)
    spdlog::error("{} records were not delivered: {}", count, reason);
  if (!StopRequested()) FOREBAY_TRY(produce::CheckTopicsStayed(*admin, keeper.receipt()));
  if (keeper.failed() + keeper.uncertain() > 0) return Outcome::kUndelivered;
  if (summary->complete) return Outcome::kComplete;
  return CancelledError(produce::PartialMessage(keeper.receipt(), file.path()));
}

int RunProduce(const ProduceFlags& flags) {
  InstallStopSignals();
  const Result<Contract> contract = ReadContract(flags.plan.contract);
  if (!contract.ok()) return Fail(contract.error());
  Result<produce::Plan> plan = produce::MakePlan(flags.plan, *contract, &StopRequested());
  if (!plan.ok()) return Fail(plan.error());
  if (plan->input && plan->input->rejected > 0)
    fmt::print(stderr, "{}\n", produce::RejectsText(*plan->input));
  const Result<Outcome> outcome = Produce(flags, *plan);
  if (!outcome.ok()) return Fail(outcome.error());
  switch (*outcome) {
    case Outcome::kUndelivered:
      return ExitStatus(IoError("some records were not delivered"));
    case Outcome::kComplete:
      break;
  }
  return 0;
}

// A file of records, and the continuation of a run.
void AddReplayFlags(CLI::App& command, produce::PlanText& plan) {
  command
      .add_option(
          "--from", plan.from,
          "Send the records of this file to --table: JSON Lines, an array, or a stream of JSON values; "
          "plain, gzip or zstd; - is standard input")
      ->type_name("FILE");
  command.add_flag("--refuse-rejects", plan.refuse_rejects,
                   "Send nothing if the contract would reject a record of --from");
  command.add_flag(
      "--resume", plan.resume,
      "Continue the interrupted run of the file --receipt: send only the records that are not in the "
      "topic yet. Repeat the run's other options");
}

}  // namespace

void AddProduce(CLI::App& app, Command& selected) {
  CLI::App* command =
      app.add_subcommand("produce", "Produces the shop scenario, or your own JSON, to the contract's topics");
  auto flags = std::make_shared<ProduceFlags>();
  flags->plan.producer = "forebay produce " FOREBAY_VERSION;
  AddContractFlag(*command, flags->plan.contract);
  AddBrokersFlag(*command, flags->brokers);
  AddKafkaConfigFlag(*command, flags->kafka_config);
  command
      ->add_option("--receipt", flags->plan.receipt,
                   "Path of the receipt: a file, or a directory for RUN.json")
      ->type_name("FILE")
      ->check(NotEmpty())
      ->required();
  command->add_option("--table", flags->plan.table, "Only this table (default: clicks, and their orders)");
  command->add_option("--topic", flags->plan.topic,
                      "The topic, where the table has several, or is one that a template gives");
  command
      ->add_option("--records", flags->plan.records,
                   "Number of clicks (with --table: of records), at least 1; default: until stopped")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 48));
  command
      ->add_option("--first", flags->plan.first,
                   "Sequence number of the first one, to continue an earlier run")
      ->capture_default_str();
  command->add_option("--duration", flags->plan.duration, "Stop after this time: 90s, 5m, 2h")
      ->type_name("DURATION");
  command
      ->add_option("--rate", flags->plan.rate,
                   "Records a second in total; default: as fast as the broker accepts them")
      ->check(IsFinite())
      ->check(CLI::PositiveNumber);
  AddReplayFlags(*command, flags->plan);
  command
      ->add_option("--delivery-timeout", flags->plan.delivery_timeout,
                   "Count a record as failed after this time; 0 waits indefinitely")
      ->capture_default_str();
  command
      ->add_option("--stop-timeout", flags->plan.stop_timeout,
                   "Time that SIGINT or SIGTERM waits for acknowledgements of sent records")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Report as JSON");
  AddScenarioFlags(*command, flags->plan.scenario);
  command->footer(
      "Examples:\n"
      "  forebay produce --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092 --records 1000000 \\\n"
      "      --seed 7 --faults default --receipt receipts/7.json\n"
      "  forebay produce ... --rate 200 --receipt receipts/      # like a live shop, until SIGINT or "
      "SIGTERM\n"
      "  forebay produce ... --table clicks --from my.jsonl --receipt receipts/my.json [--resume]\n\n"
      "Of --from, a value on one line is sent byte for byte, one on several lines without the white space\n"
      "between its tokens. A file is read to its end first: nothing of it is sent unless all of it is JSON,\n"
      "and the records that the contract will reject are listed. Standard input from a pipe is sent as it\n"
      "comes, up to what is not JSON.\n\n"
      "Without --records, event times are the current time. The exit status is 3 when a record was not "
      "delivered (the\n"
      "receipt has the numbers of failed and of uncertain records), and 5 when --from or --records ended "
      "early.");
  command->callback([&selected, flags] { selected = [flags] { return RunProduce(*flags); }; });
}

}  // namespace forebay::cli
