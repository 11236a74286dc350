#include <cstdio>
#include <memory>
#include <string>

#include "audit/lake_status.h"
#include "base/time.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/engine_status.h"
#include "cli/status_report.h"

namespace forebay::cli {
namespace {

struct StatusFlags {
  std::string lake;
  std::string brokers;
  std::string kafka_config;
  std::string grace = "1h";
  std::string idle = "10m";
  std::string engine_status;
  bool json = false;
};

Result<LakeStatus> Run(const StatusFlags& flags) {
  StatusOptions options;
  options.lake = flags.lake;
  options.stop = &StopRequested();
  FOREBAY_ASSIGN(options.completeness.grace_ms, ReadDurationMs(flags.grace));
  FOREBAY_ASSIGN(options.completeness.idle_ms, ReadDurationMs(flags.idle));
  options.completeness.now_ms = WallClockMillis();
  if (!flags.brokers.empty()) {
    FOREBAY_ASSIGN(options.broker, kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  }
  InstallStopSignals();
  return ReadLakeStatus(options);
}

int RunStatus(const StatusFlags& flags) {
  const Result<LakeStatus> status = Run(flags);
  if (!status.ok()) return Fail(status.error());
  const EngineStatus engine = ReadEngineStatus(
      flags.engine_status.empty() ? DefaultEngineStatusFile(flags.lake) : flags.engine_status,
      status->now_ms);
  std::fputs((flags.json ? StatusJson(*status, engine) : StatusText(*status, engine)).c_str(), stdout);
  return 0;
}

}  // namespace

void AddStatus(CLI::App& app, Command& selected) {
  auto flags = std::make_shared<StatusFlags>();
  CLI::App* const command = app.add_subcommand("status", "Says what a lake holds and how far it has come");
  AddLakeFlag(*command, flags->lake);
  AddBrokersFlag(*command, flags->brokers)->description("Kafka brokers: for ends, lag and idle partitions");
  AddKafkaConfigFlag(*command, flags->kafka_config);
  command
      ->add_option("--grace", flags->grace,
                   "A date is complete once every partition has landed an event this long after its end")
      ->capture_default_str();
  command
      ->add_option("--idle", flags->idle,
                   "... or is landed to its end, and nothing was produced to it for this long")
      ->capture_default_str();
  command
      ->add_option("--engine-status", flags->engine_status,
                   "The Spark engine's status file (default: LAKE.spark-status.json)")
      ->envname("FOREBAY_STATUS_FILE");
  command->add_flag("--json", flags->json, "Report as JSON, with every partition and every date");
  command->footer("Example:\n  forebay status --lake lake --brokers 127.0.0.1:9092");
  command->callback([flags, &selected] { selected = [flags] { return RunStatus(*flags); }; });
}

}  // namespace forebay::cli
