#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/progress.h"
#include "cli/verify_report.h"
#include "verify/audit.h"

namespace forebay::cli {
namespace {

struct VerifyFlags {
  std::string lake;
  std::string brokers;
  std::string kafka_config;
  std::vector<std::string> receipts;
  int64_t since = 0;
  int threads = 0;
  bool content = false;
  bool keys = false;
  bool require_landed = false;
  std::string broker_timeout = "5s";
  bool json = false;
};

Result<AuditReport> Run(const VerifyFlags& flags) {
  AuditOptions options;
  options.lake = flags.lake;
  options.since = BatchId(flags.since);
  options.content = flags.content;
  options.keys = flags.keys;
  options.require_landed = flags.require_landed;
  options.threads = flags.threads;
  options.stop = &StopRequested();
  FOREBAY_ASSIGN(options.broker_timeout_ms, ReadDurationMs(flags.broker_timeout));
  if (!flags.brokers.empty()) {
    FOREBAY_ASSIGN(options.broker, kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  } else if (flags.content) {
    return InvalidArgumentError("--content compares with Kafka's records, and needs --brokers");
  }
  FOREBAY_ASSIGN(options.receipts, ReadReceipts(flags.receipts));
  InstallStopSignals();
  std::mutex mutex;
  std::optional<Progress> progress;
  options.progress = [&mutex, &progress](uint64_t done, uint64_t all) {
    const std::lock_guard lock(mutex);
    if (!progress) progress.emplace("rows read:", all);
    progress->Update(done, "");
  };
  return Audit(options);
}

int RunVerify(const VerifyFlags& flags) {
  const Result<AuditReport> report = Run(flags);
  if (!report.ok()) return Fail(report.error());
  std::fputs((flags.json ? ReportJson(*report) : ReportText(*report)).c_str(), stdout);
  if (!report->problem_counts.empty()) return 1;
  if (report->broker_error.empty()) return 0;
  std::fflush(stdout);
  return Fail(
      UnavailableError(report->broker_error +
                       "; the lake was checked without the brokers: whether its topics are those that were "
                       "landed, and why landed offsets have no row, is unknown"));
}

}  // namespace

void AddVerify(CLI::App& app, Command& selected) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App* const command =
      app.add_subcommand("verify", "Checks a lake for missing, duplicate, changed and foreign records");
  AddLakeFlag(*command, flags->lake);
  AddBrokersFlag(*command, flags->brokers)
      ->description("Kafka brokers: distinguishes tombstones and transaction markers from losses");
  AddKafkaConfigFlag(*command, flags->kafka_config);
  command->add_option("--receipt", flags->receipts, "Receipts of producers: files, or directories of *.json")
      ->type_name("FILE");
  command->add_option("--since", flags->since, "Check only batches newer than this one")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--content", flags->content,
                    "Compare all values with the records that Kafka still has, decoded again");
  command->add_flag("--keys", flags->keys,
                    "Report duplicate primary keys; the producer causes these, so they are not a failure");
  command->add_flag("--require-landed", flags->require_landed,
                    "Fail if acknowledged records are not landed yet");
  command->add_option("--threads", flags->threads, "Threads that read files; 0: one for each core")
      ->check(CLI::Range(0, 256));
  AddBrokerTimeoutFlag(*command, flags->broker_timeout);
  command->add_flag("--json", flags->json, "Report as JSON");
  command->footer(
      "Exit status: 0 no findings, 1 findings, 2 invalid usage, 3 check not completed, 5 interrupted.\n"
      "Changes nothing, and may run beside a landing. When the brokers do not answer, the lake is checked "
      "without them,\nand the exit status is 3, unless there are findings.\n\n"
      "Example:\n  forebay verify --lake lake --brokers 127.0.0.1:9092 --receipt receipts/");
  command->callback([flags, &selected] { selected = [flags] { return RunVerify(*flags); }; });
}

}  // namespace forebay::cli
