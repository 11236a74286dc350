#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/http_flags.h"
#include "cli/progress.h"
#include "contract/contract.h"
#include "kafka/client_config.h"
#include "native/lander.h"
#include "report/json_writer.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

struct LandFlags {
  std::string contract;
  std::string brokers;
  std::string kafka_config;
  std::string lake;
  bool once = false;
  bool follow = false;
  bool wait = false;
  bool json = false;
  std::string start = "earliest";
  std::string flush_interval = "60s";
  std::string memory_limit = "512MB";
  std::string file_size = "256MB";
  int64_t batch_rows = LandOptions().batch_rows;
  std::string batch_size = "2GB";
  int64_t max_open_partitions = LandOptions().max_open_partitions;
  double max_reject_rate = -1;
  bool accept_loss = false;
  std::vector<std::string> adopt_topics;
  std::string consumer_group = "forebay";
  HttpFlags http;
};

Result<LandOptions> MakeOptions(const LandFlags& flags, const Contract& contract,
                                const kafka::ClientConfig& brokers) {
  if (flags.once == flags.follow)
    return InvalidArgumentError("`forebay land` requires either --once or --follow");
  LandOptions options;
  options.contract = &contract;
  options.brokers = &brokers;
  options.lake = flags.lake;
  options.follow = flags.follow;
  options.wait_for_lock = flags.wait;
  FOREBAY_ASSIGN(options.start, ParseStartAt(flags.start));
  FOREBAY_ASSIGN(options.flush_interval_ms, ReadDurationMs(flags.flush_interval));
  FOREBAY_ASSIGN(options.memory_limit, ReadByteSize(flags.memory_limit));
  FOREBAY_ASSIGN(options.file_bytes, ReadByteSize(flags.file_size));
  FOREBAY_ASSIGN(options.batch_bytes, ReadByteSize(flags.batch_size));
  options.batch_rows = flags.batch_rows;
  options.max_open_partitions = flags.max_open_partitions;
  if (options.flush_interval_ms <= 0 || options.file_bytes <= 0 || options.batch_bytes <= 0 ||
      options.batch_rows <= 0 || options.max_open_partitions <= 0) {
    return InvalidArgumentError(
        "--flush-interval, --file-size, --batch-size, --batch-rows and --max-open-partitions must be above "
        "0");
  }
  if (flags.max_reject_rate >= 0) options.max_reject_rate = flags.max_reject_rate;
  options.accept_loss = flags.accept_loss;
  options.adopt_topics = flags.adopt_topics;
  if (flags.consumer_group != "none") options.consumer_group = flags.consumer_group;
  options.stop = &StopRequested();
  return options;
}

// Shows offsets out of the total with --once, and records with --follow.
class ProgressPrinter {
 public:
  void Show(const LandProgress& progress) {
    const bool bounded = progress.target > 0;
    if (!shown_) shown_.emplace("consumed", static_cast<uint64_t>(progress.target));
    shown_->Update(
        static_cast<uint64_t>(bounded ? progress.reached : progress.consumed),
        fmt::format("{} landed, {} quarantined, {}", Grouped(progress.rows), Grouped(progress.quarantined),
                    Counted(static_cast<uint64_t>(progress.batches), "batch")));
  }
  void End() {
    if (shown_) shown_->Finish();
  }

 private:
  std::optional<Progress> shown_;
};

void Report(const LandProgress& total, double seconds, bool json) {
  if (json) {
    JsonWriter report;
    report.OpenObject(JsonLayout::kOneLine)
        .Member("batches", total.batches)
        .Member("files", total.files)
        .Member("file_bytes", total.file_bytes)
        .Member("rows", total.rows)
        .Member("quarantined", total.quarantined)
        .Member("tombstones", total.tombstones)
        .Member("untimed", total.untimed)
        .Member("consumed", total.consumed)
        .Member("consumed_bytes", total.consumed_bytes)
        .Member("held_back", total.held_back)
        .Member("seconds", seconds)
        .Close();
    return fmt::print("{}\n", report.text());
  }
  const std::string waiting = total.held_back == 0
                                  ? std::string()
                                  : fmt::format("; {} behind open transactions: a later landing lands them",
                                                Counted(static_cast<uint64_t>(total.held_back), "record"));
  if (total.batches == 0) {
    fmt::print("nothing new to land{} ({:.1f} s)\n", waiting, seconds);
    return;
  }
  fmt::print("landed {} in {}, {}, {}; {} quarantined, {}{}; {:.1f} s\n", Counted(total.rows, "row"),
             Counted(total.batches, "batch"), Counted(total.files, "file"), BytesText(total.file_bytes),
             Grouped(total.quarantined), Counted(total.tombstones, "tombstone"), waiting, seconds);
}

Result<LandProgress> Run(const LandFlags& flags) {
  FOREBAY_ASSIGN(const Contract contract, ReadContract(flags.contract));
  FOREBAY_ASSIGN(const kafka::ClientConfig brokers,
                 kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  FOREBAY_ASSIGN(LandOptions options, MakeOptions(flags, contract, brokers));
  InstallStopSignals();
  LandTelemetry telemetry;
  options.telemetry = &telemetry;
  serve::WatchOptions watch;
  watch.lake = flags.lake;
  watch.broker = brokers;
  watch.engine_status_file = serve::DefaultEngineStatusFile(flags.lake);
  FOREBAY_ASSIGN(const auto site, OpenSite(flags.http, std::move(watch), &telemetry));
  ProgressPrinter printer;
  const double began = MonotonicSeconds();
  const auto landed = Land(options, [&](const LandProgress& progress) { printer.Show(progress); });
  printer.End();
  if (landed.ok()) Report(*landed, MonotonicSeconds() - began, flags.json);
  return landed;
}

}  // namespace

void AddLand(CLI::App& app, Command& selected) {
  auto flags = std::make_shared<LandFlags>();
  CLI::App* command = app.add_subcommand("land", "Lands the contract's topics in a lake, exactly once");
  AddContractFlag(*command, flags->contract);
  AddBrokersFlag(*command, flags->brokers)->required();
  AddKafkaConfigFlag(*command, flags->kafka_config);
  AddLakeFlag(*command, flags->lake);
  command->add_flag("--once", flags->once, "Land up to the current ends of the topics, and exit");
  command->add_flag("--follow", flags->follow,
                    "Land until stopped (SIGINT, SIGTERM); consumed records are then landed");
  command->add_flag("--wait", flags->wait,
                    "Wait while another process holds the lake's lock, instead of exiting with 4");
  command
      ->add_option("--start", flags->start,
                   "Start position of topics that are new to the lake: earliest, latest or a timestamp")
      ->type_name("earliest|latest|TIMESTAMP")
      ->capture_default_str();
  command
      ->add_option("--flush-interval", flags->flush_interval,
                   "Maximum time from reading a record to landing it")
      ->envname("FOREBAY_FLUSH_INTERVAL")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--memory-limit", flags->memory_limit, "Memory limit of the process")
      ->envname("FOREBAY_MEMORY_LIMIT")
      ->type_name("SIZE")
      ->capture_default_str();
  command->add_option("--file-size", flags->file_size, "Size at which a file is closed")
      ->type_name("SIZE")
      ->capture_default_str();
  command->add_option("--batch-rows", flags->batch_rows, "Maximum number of records in a batch")
      ->capture_default_str();
  command->add_option("--batch-size", flags->batch_size, "Maximum size of a batch's records, approximately")
      ->type_name("SIZE")
      ->capture_default_str();
  command
      ->add_option("--max-open-partitions", flags->max_open_partitions,
                   "Maximum number of directories in a batch")
      ->capture_default_str();
  command
      ->add_option("--max-reject-rate", flags->max_reject_rate,
                   "Stop when the contract rejects more than this share of a batch (0 to 1; off by default)")
      ->check(IsFinite())
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag(
      "--accept-loss", flags->accept_loss,
      "Continue where records expired before they were landed; the loss is recorded permanently");
  command->add_option("--adopt-topic", flags->adopt_topics, "Accept a topic that was deleted and recreated")
      ->type_name("TOPIC");
  command
      ->add_option("--consumer-group", flags->consumer_group,
                   "Consumer group under which lag tools see the landed offsets; none: commit no offsets")
      ->envname("FOREBAY_CONSUMER_GROUP")
      ->type_name("NAME|none")
      ->check(NotEmpty())
      ->capture_default_str();
  AddHttpFlags(*command, flags->http);
  command->add_flag("--json", flags->json, "Report as JSON");
  command->footer(
      "Example:\n  forebay land --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092 --lake lake "
      "--once");
  command->callback([flags, &selected] {
    selected = [flags] {
      const auto landed = Run(*flags);
      return landed.ok() ? 0 : Fail(landed.error());
    };
  });
}

}  // namespace forebay::cli
