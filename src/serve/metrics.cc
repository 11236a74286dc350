#include "serve/metrics.h"

#include <algorithm>

#include "serve/exposition.h"
#include "serve/status_json.h"

namespace forebay::serve {
namespace {

constexpr auto kCounter = Exposition::Type::kCounter;
constexpr auto kGauge = Exposition::Type::kGauge;

constexpr LandPhase kPhases[] = {LandPhase::kStarting,  LandPhase::kWaiting, LandPhase::kRecovering,
                                 LandPhase::kPreparing, LandPhase::kLanding, LandPhase::kEnded,
                                 LandPhase::kFailed};

double Seconds(int64_t milliseconds) {
  return static_cast<double>(milliseconds) / 1000;
}

void AppendRecords(const LakeStatus& lake, Exposition& to) {
  to.Family("forebay_records_total", kCounter, "Records landed into the lake, by outcome.");
  for (const TableStatus& table : lake.tables) {
    uint64_t quarantined = 0;
    for (const auto& [reason, records] : table.quarantined) quarantined += records;
    to.Sample(table.landed, {{"table", table.table}, {"outcome", "landed"}});
    to.Sample(quarantined, {{"table", table.table}, {"outcome", "quarantined"}});
    to.Sample(table.tombstones, {{"table", table.table}, {"outcome", "tombstone"}});
  }
  to.Family("forebay_quarantined_records_total", kCounter, "Rejected records, by reason.");
  for (const TableStatus& table : lake.tables) {
    for (const auto& [reason, records] : table.quarantined) {
      to.Sample(records, {{"table", table.table}, {"reason", reason}});
    }
  }
}

void AppendUntimed(const LakeStatus& lake, Exposition& to) {
  to.Family("forebay_untimed_records_total", kCounter,
            "Landed records without a usable Kafka timestamp: absent, before 2000, or after 2099.");
  for (const TableStatus& table : lake.tables) to.Sample(table.untimed, {{"table", table.table}});
}

void AppendFields(const LakeStatus& lake, Exposition& to) {
  to.Family("forebay_unknown_member_records_total", kCounter,
            "Landed records with a member that the contract does not know, by member.");
  for (const TableStatus& table : lake.tables) {
    for (const auto& [member, rows] : table.fields.unknown_members())
      to.Sample(rows, {{"table", table.table}, {"member", member}});
  }
  to.Family("forebay_nulled_value_records_total", kCounter,
            "Landed records in which a wrong value became null, by field.");
  for (const TableStatus& table : lake.tables) {
    for (const auto& [field, rows] : table.fields.nulled_values())
      to.Sample(rows, {{"table", table.table}, {"field", field}});
  }
  to.Family("forebay_always_missing_fields", kGauge,
            "Fields of the contract without a value in any landed row.");
  for (const TableStatus& table : lake.tables)
    to.Sample(table.fields.always_missing().size(), {{"table", table.table}});
}

void AppendTables(const LakeStatus& lake, Exposition& to) {
  to.Family("forebay_table_rows", kGauge, "Rows in the files of a table.");
  for (const TableStatus& table : lake.tables) to.Sample(table.rows, {{"table", table.table}});
  to.Family("forebay_table_files", kGauge, "Files of a table.");
  for (const TableStatus& table : lake.tables) to.Sample(table.files, {{"table", table.table}});
  to.Family("forebay_table_bytes", kGauge, "Bytes in the files of a table.");
  for (const TableStatus& table : lake.tables) to.Sample(table.bytes, {{"table", table.table}});
  to.Family("forebay_dates", kGauge, "Dates of a table, by state of completeness.");
  for (const TableStatus& table : lake.tables) {
    for (const PeriodState state : {PeriodState::kOpen, PeriodState::kComplete, PeriodState::kUnknown}) {
      const auto dates = std::count_if(table.periods.begin(), table.periods.end(),
                                       [&](const PeriodStatus& period) { return period.state == state; });
      to.Sample(dates, {{"table", table.table}, {"state", PeriodStateName(state)}});
    }
  }
}

// Calls `sample` for each partition of which something may still be landed.
template <typename Sample>
void ForEachPartition(const LakeStatus& lake, const Sample& sample) {
  for (const TableStatus& table : lake.tables) {
    for (const PartitionStatus& partition : table.partitions) {
      if (partition.has_ended) continue;
      const std::string number = std::to_string(partition.partition.value());
      sample(partition, Labels{{"table", table.table}, {"topic", partition.topic}, {"partition", number}});
    }
  }
}

// What keeps records of the topics out of the lake, other than lag.
void AppendObstacles(const LakeStatus& lake, int64_t now_ms, Exposition& to) {
  const auto each = [&](const auto& sample) { ForEachPartition(lake, sample); };
  to.Family("forebay_expired_records", kGauge,
            "Offsets that expired in Kafka before they were landed: they are lost.");
  each([&](const PartitionStatus& partition, const Labels& labels) {
    if (const auto expired = partition.expired()) to.Sample(*expired, labels);
  });
  to.Family("forebay_held_back_records", kGauge,
            "Offsets behind an open transaction, from the last stable offset to the end of the log.");
  each([&](const PartitionStatus& partition, const Labels& labels) {
    if (const auto held_back = partition.held_back()) to.Sample(*held_back, labels);
  });
  to.Family("forebay_cut_back_records", kGauge,
            "Landed offsets beyond the end of the log: it was cut back, or these are other brokers.");
  each([&](const PartitionStatus& partition, const Labels& labels) {
    if (partition.cut_back) to.Sample(*partition.cut_back, labels);
  });
  to.Family("forebay_open_transaction_age_seconds", kGauge,
            "Age of the transaction that holds records of a partition back; absent without one.");
  each([&](const PartitionStatus& partition, const Labels& labels) {
    if (partition.held_back().value_or(0) > 0 && partition.transaction.since_ms)
      to.Sample(Seconds(now_ms - *partition.transaction.since_ms), labels);
  });
}

void AppendProgress(const LakeStatus& lake, int64_t now_ms, Exposition& to) {
  to.Family(
      "forebay_lag_records", kGauge,
      "Offsets from the landed position to the last stable offset; absent while brokers are unreachable.");
  ForEachPartition(lake, [&](const PartitionStatus& partition, const Labels& labels) {
    if (partition.lag()) to.Sample(*partition.lag(), labels);
  });
  AppendObstacles(lake, now_ms, to);
  to.Family("forebay_freshness_seconds", kGauge, "Age of the newest landed record, by its Kafka timestamp.");
  for (const TableStatus& table : lake.tables) {
    if (table.newest_kafka_ms) to.Sample(Seconds(now_ms - *table.newest_kafka_ms), {{"table", table.table}});
  }
  to.Family("forebay_newest_event_timestamp_seconds", kGauge, "The newest landed event time.");
  for (const TableStatus& table : lake.tables) {
    if (table.newest_event_us) {
      to.Sample(static_cast<double>(*table.newest_event_us) / 1e6, {{"table", table.table}});
    }
  }
}

void AppendServiceLevels(const LakeStatus& lake, Exposition& to) {
  const auto labels = [](const TableStatus& table, const ServiceLevelStatus& level) {
    return Labels{{"table", table.table}, {"property", level.property}};
  };
  to.Family("forebay_service_level_limit_seconds", kGauge, "The contract's service levels.");
  for (const TableStatus& table : lake.tables) {
    for (const ServiceLevelStatus& level : table.service_levels)
      to.Sample(Seconds(level.limit_ms), labels(table, level));
  }
  to.Family("forebay_service_level_breaches", kGauge,
            "1 if a service level of the contract is breached, 0 if it is met; absent if it is unknown.");
  for (const TableStatus& table : lake.tables) {
    for (const ServiceLevelStatus& level : table.service_levels) {
      if (level.breached) to.Sample(*level.breached ? 1 : 0, labels(table, level));
    }
  }
}

void AppendLake(const LakeStatus& lake, int64_t now_ms, Exposition& to) {
  AppendRecords(lake, to);
  AppendUntimed(lake, to);
  AppendFields(lake, to);
  AppendTables(lake, to);
  AppendProgress(lake, now_ms, to);
  AppendServiceLevels(lake, to);
  to.Family("forebay_batches_total", kCounter, "Batches decided in the ledger.");
  to.Sample(lake.last_batch.value());
  if (lake.last_landed_at_ms) {
    to.Family("forebay_last_commit_timestamp_seconds", kGauge, "Time at which the newest batch was decided.");
    to.Sample(Seconds(*lake.last_landed_at_ms));
  }
  to.Family("forebay_half_published_batches", kGauge, "Batches decided but not published yet.");
  to.Sample(lake.half_published.size());
  to.Family("forebay_staged_files", kGauge, "Files in the lake's staging directory.");
  to.Sample(lake.staged_files);
  to.Family("forebay_disk_free_bytes", kGauge, "Free space on the lake's disk.");
  to.Sample(lake.free_bytes);
  to.Family("forebay_lost_records_total", kCounter, "Offsets lost and accepted with land --accept-loss.");
  int64_t lost = 0;
  for (const LostRange& range : lake.lost) lost += range.offsets.to.value() - range.offsets.from.value();
  to.Sample(lost);
  to.Family("forebay_topic_adoptions_total", kCounter, "Recreated topics adopted with land --adopt-topic.");
  to.Sample(lake.adoptions.size());
  to.Family("forebay_log_adoptions_total", kCounter,
            "Logs that were cut back, adopted with land --adopt-log.");
  to.Sample(lake.adopted_logs.size());
  if (lake.brokers_queried) {
    to.Family("forebay_brokers_up", kGauge, "1 if the brokers answered the last query, 0 otherwise.");
    to.Sample(lake.broker_error.empty() ? 1 : 0);
  }
}

void AppendStage(const LandTelemetry& lander, std::atomic<int64_t> StageCounter::*counter, Exposition& to) {
  to.Sample((lander.consumed.*counter).load(), {{"stage", "consumed"}});
  to.Sample((lander.decoded.*counter).load(), {{"stage", "decoded"}});
  to.Sample((lander.written.*counter).load(), {{"stage", "written"}});
  to.Sample((lander.committed.*counter).load(), {{"stage", "committed"}});
}

void AppendLander(const LandTelemetry& lander, Exposition& to) {
  to.Family("forebay_lander_phase", kGauge, "1 for the lander's current phase, 0 for all others.");
  const LandPhase now = lander.phase.load();
  for (const LandPhase phase : kPhases) to.Sample(phase == now ? 1 : 0, {{"phase", PhaseName(phase)}});
  to.Family("forebay_stage_records_total", kCounter, "Records processed by a stage of this lander.");
  AppendStage(lander, &StageCounter::records, to);
  to.Family(
      "forebay_stage_bytes_total", kCounter,
      "Bytes processed by a stage: of keys and values when consumed, of values when decoded, of Parquet "
      "after that.");
  AppendStage(lander, &StageCounter::bytes, to);
  to.Family("forebay_committed_files_total", kCounter, "Files published by this lander.");
  to.Sample(lander.files.load());
  to.Family("forebay_commit_duration_seconds", Exposition::Type::kHistogram,
            "Time to commit a batch: sync, decide, publish.");
  to.Histogram(lander.commit_seconds.counts());
  to.Family("forebay_in_flight_bytes", kGauge, "Bytes of records consumed but not decoded yet.");
  to.Sample(lander.in_flight_bytes.load());
  to.Family("forebay_in_flight_limit_bytes", kGauge,
            "Limit of forebay_in_flight_bytes, at which the lander stops consuming.");
  to.Sample(lander.in_flight_limit_bytes.load());
  to.Family("forebay_queued_blocks", kGauge, "Blocks of rows waiting to be written.");
  to.Sample(lander.queued_blocks.load());
  to.Family("forebay_open_files", kGauge, "Parquet files being written.");
  to.Sample(lander.open_files.load());
  to.Family("forebay_staged_batches", kGauge, "Batches waiting to be committed.");
  to.Sample(lander.staged_batches.load());
}

void AppendProcess(const ProcessStats& process, Exposition& to) {
  to.Family("process_resident_memory_bytes", kGauge, "Resident memory size in bytes.");
  to.Sample(process.resident_bytes);
  to.Family("process_virtual_memory_bytes", kGauge, "Virtual memory size in bytes.");
  to.Sample(process.virtual_bytes);
  to.Family("process_cpu_seconds_total", kCounter, "Total user and system CPU time spent in seconds.");
  to.Sample(process.cpu_seconds);
  to.Family("process_start_time_seconds", kGauge, "Start time of the process since unix epoch in seconds.");
  to.Sample(process.started_at_s);
  to.Family("process_open_fds", kGauge, "Number of open file descriptors.");
  to.Sample(process.open_fds);
  to.Family("process_max_fds", kGauge, "Maximum number of open file descriptors.");
  to.Sample(process.max_fds);
}

}  // namespace

const char* PhaseName(LandPhase phase) {
  switch (phase) {
    case LandPhase::kStarting:
      return "starting";
    case LandPhase::kWaiting:
      return "waiting";
    case LandPhase::kRecovering:
      return "recovering";
    case LandPhase::kPreparing:
      return "preparing";
    case LandPhase::kLanding:
      return "landing";
    case LandPhase::kEnded:
      return "ended";
    case LandPhase::kFailed:
      break;
  }
  return "failed";
}

std::string MetricsText(const LakeView& view, const LandTelemetry* lander, const ProcessStats& process,
                        int64_t now_ms) {
  Exposition text;
  text.Family("forebay_build_info", kGauge, "1, with the version as a label.");
  text.Sample(1, {{"version", FOREBAY_VERSION}});
  text.Family("forebay_lake_readable", kGauge,
              "1 if the last read of the lake's ledger succeeded, 0 otherwise.");
  text.Sample(view.status && view.error.empty() ? 1 : 0);
  if (view.status) {
    text.Family("forebay_status_age_seconds", kGauge, "Age of the lake status snapshot.");
    text.Sample(Seconds(std::max<int64_t>(now_ms - view.status->now_ms, 0)));
    AppendLake(*view.status, now_ms, text);
  }
  if (lander != nullptr) AppendLander(*lander, text);
  AppendProcess(process, text);
  return text.text();
}

}  // namespace forebay::serve
