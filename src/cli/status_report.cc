#include "cli/status_report.h"

#include <fmt/format.h>

#include "base/time.h"
#include "cli/json_writer.h"
#include "cli/text_table.h"

namespace forebay::cli {
namespace {

constexpr size_t kPeriodsShown = 31;
constexpr size_t kPartitionsShown = 32;

const char* StateName(PeriodState state) {
  switch (state) {
    case PeriodState::kOpen:
      return "open";
    case PeriodState::kComplete:
      return "complete";
    case PeriodState::kUnknown:
      break;
  }
  return "unknown";
}

std::string TimeMs(const std::optional<int64_t>& milliseconds) {
  return milliseconds ? FormatTimestamp(*milliseconds * 1000) : "-";
}

std::string TimeUs(const std::optional<int64_t>& microseconds) {
  return microseconds ? FormatTimestamp(*microseconds) : "-";
}

std::string OffsetText(const std::optional<Offset>& offset) {
  return offset ? std::to_string(offset->value()) : "-";
}

void AppendPartitions(const TableStatus& table, std::string* text) {
  TextTable partitions(
      {">partition", ">beginning", ">next", ">end", ">lag", "newest event", "newest in Kafka"});
  for (size_t i = 0; i < table.partitions.size() && i < kPartitionsShown; ++i) {
    const PartitionStatus& partition = table.partitions[i];
    partitions.Add({std::to_string(partition.partition.value()), std::to_string(partition.beginning.value()),
                    std::to_string(partition.next.value()), OffsetText(partition.stable),
                    partition.lag() ? Grouped(*partition.lag()) : "-", TimeUs(partition.newest_event_us),
                    TimeMs(partition.newest_kafka_ms)});
  }
  *text += partitions.Text(2);
  if (table.partitions.size() > kPartitionsShown) {
    *text +=
        fmt::format("  and {} more partitions; --json has all\n", table.partitions.size() - kPartitionsShown);
  }
}

void AppendPeriods(const TableStatus& table, std::string* text) {
  if (table.periods.empty()) return;
  const size_t first = table.periods.size() > kPeriodsShown ? table.periods.size() - kPeriodsShown : 0;
  *text += "\n";
  if (first > 0) *text += fmt::format("  {} earlier dates are left out; --json has all\n", first);
  TextTable periods({"date", "state", ">rows", ">files", ">size", "checksum", ">last batch", ""});
  std::string waits_for;
  for (size_t i = first; i < table.periods.size(); ++i) {
    const PeriodStatus& period = table.periods[i];
    std::string remark;
    if (period.reopened) {
      remark = fmt::format("records came after batch {} had completed it", period.completed_by->value());
    } else if (period.waits_for != waits_for) {
      remark = period.waits_for;  // the same one is not said again and again
    }
    waits_for = period.waits_for;
    periods.Add({period.period, StateName(period.state), Grouped(period.rows), Grouped(period.files),
                 BytesText(period.bytes), fmt::format("{:016x}", period.checksum),
                 std::to_string(period.last_batch.value()), remark});
  }
  *text += periods.Text(2);
}

void AppendTable(const LakeStatus& status, const TableStatus& table, std::string* text) {
  *text += fmt::format("\n{} from {}: {}, {}, {}", table.table, table.topic, Counted(table.rows, "row"),
                       Counted(table.files, "file"), BytesText(table.bytes));
  if (const auto lag = table.lag()) *text += fmt::format("; lag {}", Grouped(*lag));
  if (table.newest_event_us) {
    *text += fmt::format("; newest event {} old", AgeText(status.now_ms - *table.newest_event_us / 1000));
  }
  if (table.newest_kafka_ms) {
    *text += fmt::format(", newest record in Kafka {} old", AgeText(status.now_ms - *table.newest_kafka_ms));
  }
  *text += "\n";
  if (!table.trouble.empty()) *text += fmt::format("  the topic: {}\n", table.trouble);
  AppendPartitions(table, text);
  AppendPeriods(table, text);
  if (table.quarantined.empty()) return;
  TextTable reasons({"quarantined because", ">records"});
  for (const auto& [reason, records] : table.quarantined) reasons.Add({reason, Grouped(records)});
  *text += "\n" + reasons.Text(2);
}

void WritePartition(const PartitionStatus& partition, JsonWriter& json) {
  const auto value = [](const std::optional<Offset>& offset) {
    return offset ? std::optional<int64_t>(offset->value()) : std::nullopt;
  };
  json.OpenObject()
      .Member("partition", partition.partition.value())
      .Member("beginning", partition.beginning.value())
      .Member("next", partition.next.value())
      .Member("earliest", value(partition.earliest))
      .Member("stable", value(partition.stable))
      .Member("lag", partition.lag())
      .Member("newest_event_us", partition.newest_event_us)
      .Member("newest_kafka_ms", partition.newest_kafka_ms)
      .Close();
}

void WritePeriod(const PeriodStatus& period, JsonWriter& json) {
  json.OpenObject()
      .Member("date", period.period)
      .Member("state", StateName(period.state))
      .Member("waits_for", period.waits_for)
      .Member("rows", period.rows)
      .Member("files", period.files)
      .Member("bytes", period.bytes)
      .Member("checksum", fmt::format("{:016x}", period.checksum))
      .Member("key_sum", fmt::format("{:016x}", period.key_sum))
      .Member("last_batch", period.last_batch.value())
      .Member("last_landed_at_ms", period.last_landed_at_ms);
  if (period.completed_by) {
    json.Member("completed_by_batch", period.completed_by->value());
  } else {
    json.Key("completed_by_batch").Null();
  }
  json.Member("reopened", period.reopened).Close();
}

void WriteTable(const TableStatus& table, JsonWriter& json) {
  json.OpenObject()
      .Member("table", table.table)
      .Member("topic", table.topic)
      .Member("topic_id", table.topic_id.base64())
      .Member("trouble", table.trouble)
      .Member("rows", table.rows)
      .Member("files", table.files)
      .Member("bytes", table.bytes)
      .Member("tombstones", table.tombstones)
      .Member("lag", table.lag())
      .Member("newest_event_us", table.newest_event_us)
      .Member("newest_kafka_ms", table.newest_kafka_ms)
      .Member("last_landed_at_ms", table.last_landed_at_ms);
  json.Key("quarantined").OpenObject();
  for (const auto& [reason, records] : table.quarantined) json.Member(reason, records);
  json.Close();
  json.Key("partitions").OpenArray();
  for (const PartitionStatus& partition : table.partitions) WritePartition(partition, json);
  json.Close();
  json.Key("dates").OpenArray();
  for (const PeriodStatus& period : table.periods) WritePeriod(period, json);
  json.Close().Close();
}

void WriteDeeds(const LakeStatus& status, JsonWriter& json) {
  json.Key("lost").OpenArray();
  for (const LostRange& lost : status.lost) {
    json.OpenObject()
        .Member("topic_id", lost.partition.topic_id.base64())
        .Member("partition", lost.partition.partition.value())
        .Member("from_offset", lost.offsets.from.value())
        .Member("to_offset", lost.offsets.to.value())
        .Member("accepted_at_ms", lost.accepted_at_ms)
        .Close();
  }
  json.Close();
  json.Key("adoptions").OpenArray();
  for (const Adoption& adoption : status.adoptions) {
    json.OpenObject()
        .Member("topic", adoption.topic)
        .Member("from", adoption.from.base64())
        .Member("to", adoption.to.base64())
        .Member("adopted_at_ms", adoption.adopted_at_ms)
        .Close();
  }
  json.Close();
}

}  // namespace

std::string StatusText(const LakeStatus& status, const EngineStatus& engine) {
  std::string text = fmt::format("lake {} ({}): ", status.lake, status.lake_id);
  if (status.last_batch.value() == 0) {
    text += "nothing landed yet\n";
  } else {
    text += fmt::format("{}, the last one {} ago, by the {} engine\n",
                        Counted(static_cast<uint64_t>(status.last_batch.value()), "batch"),
                        AgeText(status.now_ms - status.last_landed_at_ms.value_or(0)), status.engine);
  }
  for (const BatchId batch : status.half_published) {
    text += fmt::format(
        "batch {} is decided and not published: a lander is at work, or `forebay land` finishes it\n",
        batch.value());
  }
  if (status.staged_files > 0) text += fmt::format("{} in staging\n", Counted(status.staged_files, "file"));
  text += fmt::format("{} free on its disk\n", BytesText(status.free_bytes));
  text += engine.text;
  for (const LostRange& lost : status.lost) {
    text +=
        fmt::format("given up on purpose: partition {} of topic id {}, {} offsets from {}\n",
                    lost.partition.partition.value(), lost.partition.topic_id.base64(),
                    Grouped(lost.offsets.to.value() - lost.offsets.from.value()), lost.offsets.from.value());
  }
  for (const Adoption& adoption : status.adoptions) {
    text += fmt::format("{} was recreated, and taken on purpose on {}\n", adoption.topic,
                        FormatTimestamp(adoption.adopted_at_ms * 1000));
  }
  for (const TableStatus& table : status.tables) AppendTable(status, table, &text);
  if (!status.broker_asked)
    text += "\nWithout --brokers: no ends, no lag, and dates are complete by event time alone.\n";
  return text;
}

std::string StatusJson(const LakeStatus& status, const EngineStatus& engine) {
  JsonWriter json;
  json.OpenObject()
      .Member("lake", status.lake)
      .Member("lake_id", status.lake_id)
      .Member("now_ms", status.now_ms)
      .Member("last_batch", status.last_batch.value())
      .Member("engine", status.engine)
      .Member("last_landed_at_ms", status.last_landed_at_ms)
      .Member("staged_files", status.staged_files)
      .Member("free_bytes", status.free_bytes)
      .Member("broker_asked", status.broker_asked);
  json.Key("half_published").OpenArray();
  for (const BatchId batch : status.half_published) json.Value(batch.value());
  json.Close();
  json.Key("engine_status").Json(engine.json.empty() ? "null" : engine.json);
  WriteDeeds(status, json);
  json.Key("tables").OpenArray();
  for (const TableStatus& table : status.tables) WriteTable(table, json);
  return json.Close().Close().text() + "\n";
}

}  // namespace forebay::cli
