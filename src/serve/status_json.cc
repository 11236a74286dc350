#include "serve/status_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "read/field_report.h"

namespace forebay::serve {
namespace {

void WriteTransaction(const PartitionStatus& partition, JsonWriter& json) {
  json.Key("open_transaction");
  if (partition.held_back().value_or(0) == 0) {
    json.Null();
    return;
  }
  const kafka::OpenTransaction& transaction = partition.transaction;
  json.OpenObject()
      .Member("since_ms", transaction.since_ms)
      .Member("producer_id", transaction.producer_id)
      .Member("producer_epoch", transaction.producer_epoch)
      .Close();
}

void WritePartition(const PartitionStatus& partition, JsonWriter& json) {
  const auto value = [](const std::optional<Offset>& offset) {
    return offset ? std::optional<int64_t>(offset->value()) : std::nullopt;
  };
  json.OpenObject()
      .Member("topic", partition.topic)
      .Member("ended", partition.has_ended)
      .Member("partition", partition.partition.value())
      .Member("incarnation", partition.incarnation.value())
      .Member("beginning", partition.beginning.value())
      .Member("next", partition.next.value())
      .Member("earliest", value(partition.earliest))
      .Member("stable", value(partition.stable))
      .Member("end", value(partition.end))
      .Member("lag", partition.lag())
      .Member("held_back", partition.held_back())
      .Member("cut_back", partition.cut_back)
      .Member("expired", partition.expired())
      .Member("late_records", partition.late_records)
      .Member("newest_event_us", partition.newest_event_us)
      .Member("newest_kafka_ms", partition.newest_kafka_ms);
  WriteTransaction(partition, json);
  json.Close();
}

void WritePeriod(const PeriodStatus& period, JsonWriter& json) {
  json.OpenObject()
      .Member("date", period.period)
      .Member("state", PeriodStateName(period.state))
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

void WriteServiceLevels(const TableStatus& table, JsonWriter& json) {
  json.Key("service_levels").OpenArray();
  for (const ServiceLevelStatus& level : table.service_levels) {
    json.OpenObject()
        .Member("property", level.property)
        .Member("limit_ms", level.limit_ms)
        .Member("value_ms", level.value_ms)
        .Member("breached", level.breached)
        .Member("detail", level.detail)
        .Close();
  }
  json.Close();
}

// Of a table of one topic, this one's members are those of the table, too.
void WriteTopics(const TableStatus& table, JsonWriter& json) {
  const TopicStatus* const only = table.has_several_topics() ? nullptr : &table.topics.front();
  json.Member("topic", only == nullptr ? std::nullopt : std::optional(only->topic))
      .Member("topic_id", only == nullptr ? std::nullopt : std::optional(only->id.base64()));
  std::string errors;
  for (const TopicStatus& topic : table.topics) {
    if (topic.error.empty()) continue;
    errors += (errors.empty() ? "" : "; ") + (only != nullptr ? "" : topic.topic + ": ") + topic.error;
  }
  json.Member("error", errors).Key("topics").OpenArray();
  for (const TopicStatus& topic : table.topics) {
    json.OpenObject()
        .Member("topic", topic.topic)
        .Member("topic_id", topic.id.base64())
        .Member("error", topic.error)
        .Member("ended", topic.ended)
        .Close();
  }
  json.Close();
}

void WriteTable(const TableStatus& table, size_t max_dates, JsonWriter& json) {
  json.OpenObject().Member("table", table.table);
  WriteTopics(table, json);
  json.Member("in_contract", table.in_contract)
      .Member("rows", table.rows)
      .Member("files", table.files)
      .Member("bytes", table.bytes)
      .Member("landed", table.landed)
      .Member("tombstones", table.tombstones)
      .Member("untimed", table.untimed)
      .Member("lag", table.lag())
      .Member("held_back", table.held_back())
      .Member("cut_back", table.cut_back())
      .Member("expired", table.expired())
      .Member("newest_event_us", table.newest_event_us)
      .Member("newest_kafka_ms", table.newest_kafka_ms)
      .Member("last_landed_at_ms", table.last_landed_at_ms);
  json.Key("quarantined").OpenObject();
  for (const auto& [reason, records] : table.quarantined) json.Member(reason, records);
  json.Close();
  WriteServiceLevels(table, json);
  WriteFieldSums(table.fields, json);
  json.Key("partitions").OpenArray();
  for (const PartitionStatus& partition : table.partitions) WritePartition(partition, json);
  json.Close();
  json.Member("time_zone", table.time_zone.empty() ? std::nullopt : std::optional(table.time_zone));
  json.Key("dates").OpenArray();
  const size_t first = table.periods.size() - std::min(table.periods.size(), max_dates);
  for (size_t i = first; i < table.periods.size(); ++i) WritePeriod(table.periods[i], json);
  json.Close().Member("dates_omitted", first).Close();
}

void WriteOperatorActions(const LakeStatus& status, JsonWriter& json) {
  json.Key("lost").OpenArray();
  for (const LostRange& lost : status.lost) {
    json.OpenObject()
        .Member("topic", status.topic_names.contains(lost.partition.topic_id)
                             ? status.topic_names.at(lost.partition.topic_id)
                             : "")
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
  json.Key("adopted_logs").OpenArray();
  for (const AdoptedLog& adopted : status.adopted_logs) {
    json.OpenObject()
        .Member("topic", adopted.topic)
        .Member("partition", adopted.log.partition.value())
        .Member("incarnation", adopted.log.incarnation.value())
        .Member("beginning", adopted.beginning.value())
        .Member("adopted_at_ms", adopted.adopted_at_ms)
        .Close();
  }
  json.Close();
}

void WriteCommits(const LakeStatus& status, JsonWriter& json) {
  json.Key("commits").OpenArray();
  for (const CommitStatus& commit : status.commits) {
    json.OpenObject()
        .Member("batch", commit.batch.value())
        .Member("published", commit.published)
        .Member("engine", commit.engine)
        .Member("decided_at_ms", commit.decided_at_ms)
        .Member("published_at_ms", commit.published_at_ms)
        .Member("rows", commit.rows)
        .Member("quarantined", commit.quarantined)
        .Member("tombstones", commit.tombstones)
        .Member("files", commit.files)
        .Member("bytes", commit.bytes)
        .Close();
  }
  json.Close();
}

void WriteExamples(const LakeStatus& status, JsonWriter& json) {
  json.Member("quarantine_error", status.examples_error).Key("quarantine_examples").OpenArray();
  for (const QuarantineExample& example : status.examples) {
    json.OpenObject()
        .Member("table", example.table)
        .Member("reason", example.reason)
        .Member("topic", example.topic)
        .Member("partition", example.partition.value())
        .Member("offset", example.offset.value())
        .Member("timestamp_us", example.timestamp_us)
        .Member("field", example.field)
        .Member("detail", example.detail)
        .Member("key_preview", example.key_preview)
        .Member("value_preview", example.value_preview)
        .Member("value_bytes", example.value_bytes)
        .Member("batch", example.batch.value())
        .Close();
  }
  json.Close();
}

}  // namespace

const char* PeriodStateName(PeriodState state) {
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

void WriteStatus(const LakeStatus& status, const EngineStatus& engine, size_t max_dates, JsonWriter& json) {
  json.Member("lake", status.lake)
      .Member("lake_id", status.lake_id)
      .Member("now_ms", status.now_ms)
      .Member("last_batch", status.last_batch.value())
      .Member("engine", status.engine)
      .Member("last_landed_at_ms", status.last_landed_at_ms)
      .Member("staged_files", status.staged_files)
      .Member("free_bytes", status.free_bytes)
      .Member("brokers_queried", status.brokers_queried)
      .Member("broker_error", status.broker_error);
  json.Key("half_published").OpenArray();
  for (const BatchId batch : status.half_published) json.Value(batch.value());
  json.Close();
  json.Key("engine_status").Json(engine.json.empty() ? "null" : engine.json);
  WriteOperatorActions(status, json);
  json.Key("tables").OpenArray();
  for (const TableStatus& table : status.tables) WriteTable(table, max_dates, json);
  json.Close();
  WriteCommits(status, json);
  WriteExamples(status, json);
}

std::string StatusJson(const LakeStatus& status, const EngineStatus& engine) {
  JsonWriter json;
  json.OpenObject();
  WriteStatus(status, engine, SIZE_MAX, json);
  return json.Close().text() + "\n";
}

}  // namespace forebay::serve
