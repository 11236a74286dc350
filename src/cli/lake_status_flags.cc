#include "cli/lake_status_flags.h"

#include "base/units.h"
#include "cli/common.h"

namespace forebay::cli {
namespace {

Result<LocalClock> ReadLocalClock(const std::string& name) {
  if (name == "auto") return LocalClock::kAuto;
  if (name == "trusted") return LocalClock::kTrusted;
  if (name == "untrusted") return LocalClock::kUntrusted;
  return InvalidArgumentError("--local-clock is '" + name + "'; auto, trusted or untrusted was expected");
}

}  // namespace

void AddLakeStatusFlags(CLI::App& command, LakeStatusFlags& flags) {
  AddLakeFlag(command, flags.lake);
  AddBrokersFlag(command, flags.brokers)
      ->description("Kafka brokers, for end offsets, lag and idle partitions");
  AddKafkaConfigFlag(command, flags.kafka_config);
  command
      .add_option(
          "--grace", flags.grace,
          "A date is complete once the clock, and the landed records of every partition, are this long past "
          "its end")
      ->type_name("DURATION")
      ->capture_default_str();
  command
      .add_option("--idle", flags.idle,
                  "... or the partition is landed to its end offset, and has had no new record for this long")
      ->type_name("DURATION")
      ->capture_default_str();
  command
      .add_option("--local-clock", flags.local_clock,
                  "Whether this machine's clock alone may complete the dates of an idle topic; auto: if the "
                  "kernel says that it is synchronized")
      ->type_name("auto|trusted|untrusted")
      ->capture_default_str()
      ->envname("FOREBAY_LOCAL_CLOCK");
  command
      .add_option("--engine-status", flags.engine_status,
                  "The Spark engine's status file (default: LAKE.spark-status.json)")
      ->type_name("FILE")
      ->envname("FOREBAY_STATUS_FILE");
}

Result<serve::WatchOptions> MakeWatchOptions(const LakeStatusFlags& flags) {
  serve::WatchOptions options;
  options.lake = flags.lake;
  FOREBAY_ASSIGN(options.completeness.grace_ms, ReadDurationMs(flags.grace));
  FOREBAY_ASSIGN(options.completeness.idle_ms, ReadDurationMs(flags.idle));
  FOREBAY_ASSIGN(options.completeness.local_clock, ReadLocalClock(flags.local_clock));
  if (!flags.brokers.empty()) {
    FOREBAY_ASSIGN(options.broker, kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  }
  options.engine_status_file =
      flags.engine_status.empty() ? serve::DefaultEngineStatusFile(flags.lake) : flags.engine_status;
  return options;
}

}  // namespace forebay::cli
