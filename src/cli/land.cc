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
#include "commit/adopt_log.h"
#include "contract/contract.h"
#include "kafka/client_config.h"
#include "native/lander.h"
#include "read/field_report.h"
#include "report/json_writer.h"
#include "report/small_files.h"
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
  bool existing = false;
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
  std::vector<std::string> adopt_logs;
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
  options.existing = flags.existing;
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
  for (const std::string& log : flags.adopt_logs) {
    FOREBAY_ASSIGN(options.adopt_logs.emplace_back(), ParseLog(log));
  }
  if (flags.consumer_group != "none") options.consumer_group = flags.consumer_group;
  options.stop = &StopRequested();
  return options;
}

// Shows the offsets out of the total, with --once. A landing without end logs its commits instead.
class ProgressPrinter {
 public:
  void Show(const LandProgress& progress) {
    if (progress.target == 0) return;
    if (!shown_) shown_.emplace("consumed", static_cast<uint64_t>(progress.target));
    shown_->Update(
        static_cast<uint64_t>(progress.reached),
        fmt::format("{} landed, {} quarantined, {}", Grouped(progress.rows), Grouped(progress.quarantined),
                    Counted(static_cast<uint64_t>(progress.batches), "batch")));
  }
  void End() {
    if (shown_) shown_->Finish();
  }

 private:
  std::optional<Progress> shown_;
};

// The state of a landing that ended without an error, as in the JSON report.
const char* StateName(const LandFlags& flags, const LandProgress& total) {
  if (total.interrupted) return "partial";
  return flags.follow ? "stopped" : "complete";
}

void Report(const LandFlags& flags, const LandProgress& total, double seconds) {
  if (flags.json) {
    JsonWriter report;
    report.OpenObject(JsonLayout::kOneLine)
        .Member("state", StateName(flags, total))
        .Member("new_lake", total.new_lake)
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
        .Key("fields")
        .OpenObject();
    WriteFieldSums(total.fields, report);
    report.Close().Close();
    return fmt::print("{}\n", report.text());
  }
  const std::string waiting = total.held_back == 0
                                  ? std::string()
                                  : fmt::format("; {} behind open transactions: a later landing lands them",
                                                Counted(static_cast<uint64_t>(total.held_back), "record"));
  if (total.new_lake) fmt::print("began a new lake in {}\n", flags.lake);
  if (total.batches == 0) {
    fmt::print("{}{} ({:.1f} s)\n", total.interrupted ? "nothing was landed" : "nothing new to land", waiting,
               seconds);
    return;
  }
  fmt::print("landed {} in {}, {}, {}; {} quarantined, {}{}; {:.1f} s\n", Counted(total.rows, "row"),
             Counted(total.batches, "batch"), Counted(total.files, "file"), BytesText(total.file_bytes),
             Grouped(total.quarantined), Counted(total.tombstones, "tombstone"), waiting, seconds);
  if (const std::string small = SmallFilesText(total.batches, total.files, total.file_bytes); !small.empty())
    fmt::print("  {}\n", small);
  for (const auto& [table, sums] : total.fields) {
    if (const std::string text = FieldSumsText(sums, 4); !text.empty()) fmt::print("  {}:\n{}", table, text);
  }
}

// Says on stderr what an interrupted landing left, and returns its exit status.
int Interrupted(const LandProgress& total) {
  const std::string left =
      total.reached < total.target
          ? fmt::format(" after {} of {} offsets", Grouped(total.reached), Grouped(total.target))
          : "";
  return Fail(CancelledError(fmt::format(
      "interrupted{}; the landed batches count, and the next landing continues after them", left)));
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
  if (landed.ok()) Report(flags, *landed, MonotonicSeconds() - began);
  return landed;
}

// When a batch ends, and what it may use.
void AddBatchFlags(CLI::App& command, LandFlags& flags) {
  command
      .add_option("--flush-interval", flags.flush_interval,
                  "Maximum time from reading a record to landing it")
      ->envname("FOREBAY_FLUSH_INTERVAL")
      ->type_name("DURATION")
      ->capture_default_str();
  command.add_option("--memory-limit", flags.memory_limit, "Memory limit of the process")
      ->envname("FOREBAY_MEMORY_LIMIT")
      ->type_name("SIZE")
      ->capture_default_str();
  command.add_option("--file-size", flags.file_size, "Size at which a file is closed")
      ->type_name("SIZE")
      ->capture_default_str();
  command.add_option("--batch-rows", flags.batch_rows, "Maximum number of records in a batch")
      ->capture_default_str();
  command.add_option("--batch-size", flags.batch_size, "Maximum size of a batch's records, approximately")
      ->type_name("SIZE")
      ->capture_default_str();
  command
      .add_option("--max-open-partitions", flags.max_open_partitions,
                  "Maximum number of directories in a batch")
      ->capture_default_str();
}

// What only an operator can decide.
void AddDecisionFlags(CLI::App& command, LandFlags& flags) {
  command.add_flag(
      "--accept-loss", flags.accept_loss,
      "Continue where records expired before they were landed; the loss is recorded permanently");
  command.add_option("--adopt-topic", flags.adopt_topics, "Accept a topic that was deleted and recreated")
      ->type_name("TOPIC");
  command
      .add_option(
          "--adopt-log", flags.adopt_logs,
          "Accept a partition's log that was cut back and grew again: it is landed from where it differs")
      ->type_name("TOPIC:PARTITION");
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
  command->add_flag("--existing", flags->existing,
                    "Refuse to begin a new lake: for a lake that must exist already, in scripts");
  command
      ->add_option("--start", flags->start,
                   "Start position of topics that are new to the lake: earliest, latest or a timestamp")
      ->type_name("earliest|latest|TIMESTAMP")
      ->capture_default_str();
  AddBatchFlags(*command, *flags);
  command
      ->add_option(
          "--max-reject-rate", flags->max_reject_rate,
          "Stop, before offsets are spent, when the contract rejects more than this share of a table's "
          "records in a batch, or of one of its topics (0 to 1; 1: never). Default: 0.9, of at least 10 "
          "rejected records")
      ->check(IsFinite())
      ->check(CLI::Range(0.0, 1.0));
  AddDecisionFlags(*command, *flags);
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
      "A stop (SIGINT, SIGTERM) lands what was consumed. --once then exits with 5, and the state in the JSON "
      "report\nis \"partial\" instead of \"complete\", unless it had reached the ends of the topics.\n\n"
      "Example:\n  forebay land --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092 --lake lake "
      "--once");
  command->callback([flags, &selected] {
    selected = [flags] {
      const auto landed = Run(*flags);
      if (!landed.ok()) return Fail(landed.error());
      return landed->interrupted ? Interrupted(*landed) : 0;
    };
  });
}

}  // namespace forebay::cli
