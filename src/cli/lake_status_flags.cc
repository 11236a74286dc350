#include "cli/lake_status_flags.h"

#include "base/units.h"
#include "cli/common.h"

namespace forebay::cli {

void AddLakeStatusFlags(CLI::App& command, LakeStatusFlags& flags) {
  AddLakeFlag(command, flags.lake);
  AddBrokersFlag(command, flags.brokers)
      ->description("Kafka brokers, for end offsets, lag and idle partitions");
  AddKafkaConfigFlag(command, flags.kafka_config);
  command
      .add_option(
          "--grace", flags.grace,
          "A date is complete once every partition has landed an event this long after the end of the date")
      ->type_name("DURATION")
      ->capture_default_str();
  command
      .add_option("--idle", flags.idle,
                  "... or is landed to its end offset, and has had no new record for this long")
      ->type_name("DURATION")
      ->capture_default_str();
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
  if (!flags.brokers.empty()) {
    FOREBAY_ASSIGN(options.broker, kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  }
  options.engine_status_file =
      flags.engine_status.empty() ? serve::DefaultEngineStatusFile(flags.lake) : flags.engine_status;
  return options;
}

}  // namespace forebay::cli
