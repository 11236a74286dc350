#include "external/manifest.h"

#include <fmt/format.h>

#include <limits>

#include "base/strict_json.h"
#include "base/time.h"
#include "report/json_writer.h"

namespace forebay {
namespace {

namespace json = boost::json;

constexpr const char* kHere = "the manifest";
constexpr uint64_t kVersion = 3;

// Opens the document; the caller closes it.
JsonWriter OpenManifest(const char* kind, const ManifestOrigin& origin, const std::string& table) {
  JsonWriter json;
  json.OpenObject(JsonLayout::kOneLine)
      .Member("manifest_version", kVersion)
      .Member("kind", kind)
      .Member("contract", origin.contract_hash)
      .Member("lake", origin.lake_id)
      .Member("engine", origin.engine)
      .Member("engine_version", origin.engine_version)
      .Member("table", table);
  return json;
}

void WriteCounted(const char* member, const CountedRecords& counted, JsonWriter& json) {
  json.Key(member).OpenObject().Member("records", counted.records);
  json.Key("position_sum").Hex(counted.position_sum).Close();
}

void WritePartition(const StatsKey& key, const PartitionStats& stats, JsonWriter& json) {
  json.OpenObject().Member("topic", key.topic).Member("partition", key.partition.value());
  WriteCounted("rows", stats.rows, json);
  WriteCounted("quarantined", stats.quarantined, json);
  WriteCounted("tombstones", stats.tombstones, json);
  json.Member("untimed", stats.untimed);
  json.Key("reasons").OpenObject();
  for (const auto& [reason, records] : stats.reasons) json.Member(reason, records);
  json.Close()
      .Member("max_event_time_us", stats.max_event_time_us)
      .Member("last_kafka_timestamp_ms", stats.last_kafka_timestamp_ms)
      .Member("last_timestamp_offset", stats.last_timestamp_offset)
      .Member("first_offset", stats.first_offset)
      .Member("last_offset", stats.last_offset);
  if (stats.last_fingerprint) {
    json.Key("last_fingerprint").Hex(*stats.last_fingerprint);
  } else {
    json.Member("last_fingerprint", std::optional<int64_t>());
  }
  json.Close();
}

CountedRecords ReadCounted(StrictJson& reader, const json::object& object, std::string_view member) {
  static const json::value kNull;
  const json::value* value = object.if_contains(member);
  const std::string where(member);
  const json::object& counted =
      reader.Object(value == nullptr ? kNull : *value, where, {"records", "position_sum"});
  const json::value* records = counted.if_contains("records");
  return {records == nullptr ? 0 : reader.Int64(*records, where), reader.Hex(counted, "position_sum", where)};
}

ManifestOrigin ReadOrigin(StrictJson& reader, const json::object& object) {
  return {reader.String(object, "contract", kHere), reader.String(object, "lake", kHere),
          reader.String(object, "engine", kHere), reader.String(object, "engine_version", kHere)};
}

int64_t ReadInt(StrictJson& reader, const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  return value == nullptr ? 0 : reader.Int64(*value, std::string(member));
}

// A time that the ledger accepts, in microseconds or milliseconds (`per_day` of them in a day).
std::optional<int64_t> ReadTime(StrictJson& reader, const json::object& object, std::string_view member,
                                const std::string& where, int64_t per_day) {
  const std::optional<int64_t> time = reader.OptionalInt(object, member, where);
  if (time && !InYears(*time, per_day)) {
    reader.Diagnostic(fmt::format("'{}' in {} is outside the years 0000 to 9999", member, where));
  }
  return time;
}

FileManifest ReadFile(StrictJson& reader, const json::value& document) {
  const json::object& object =
      reader.Object(document, kHere,
                    {"manifest_version", "kind", "contract", "lake", "engine", "engine_version", "table",
                     "partition_dir", "file_name", "staged_name", "rows", "bytes", "checksum", "position_sum",
                     "key_sum", "min_event_time_us", "max_event_time_us", "added_columns"});
  FileManifest manifest{ReadOrigin(reader, object), {}, {}};
  ProposedFile& file = manifest.file;
  file.table = reader.String(object, "table", kHere);
  file.partition_dir = reader.String(object, "partition_dir", kHere);
  file.file_name = reader.String(object, "file_name", kHere);
  file.staged_name = reader.String(object, "staged_name", kHere);
  file.rows = ReadInt(reader, object, "rows");
  file.bytes = ReadInt(reader, object, "bytes");
  file.checksum = reader.Hex(object, "checksum", kHere);
  file.position_sum = reader.Hex(object, "position_sum", kHere);
  file.key_sum = reader.Hex(object, "key_sum", kHere);
  file.min_event_time_us = ReadTime(reader, object, "min_event_time_us", kHere, kMicrosPerDay);
  file.max_event_time_us = ReadTime(reader, object, "max_event_time_us", kHere, kMicrosPerDay);
  for (const json::value& value : reader.Array(object, "added_columns", kHere)) {
    const std::string here = "an added column";
    const json::object& column = reader.Object(value, here, {"name", "type"});
    manifest.added_columns.push_back(
        {file.table, reader.String(column, "name", here), reader.String(column, "type", here)});
  }
  return manifest;
}

void ReadPartition(StrictJson& reader, const json::value& value, TopicStats* stats) {
  const json::object& object =
      reader.Object(value, "a partition",
                    {"topic", "partition", "rows", "quarantined", "tombstones", "untimed", "reasons",
                     "max_event_time_us", "last_kafka_timestamp_ms", "last_timestamp_offset", "first_offset",
                     "last_offset", "last_fingerprint"});
  const int64_t number = ReadInt(reader, object, "partition");
  if (number > std::numeric_limits<int32_t>::max())
    return reader.Diagnostic("a partition has a wrong number");
  PartitionStats partition;
  partition.rows = ReadCounted(reader, object, "rows");
  partition.quarantined = ReadCounted(reader, object, "quarantined");
  partition.tombstones = ReadCounted(reader, object, "tombstones");
  partition.untimed = ReadInt(reader, object, "untimed");
  if (const json::value* reasons = object.if_contains("reasons")) {
    for (const auto& reason : reader.AnyObject(*reasons, "'reasons'")) {
      partition.reasons.emplace(reason.key(), reader.Int64(reason.value(), "a reason"));
    }
  }
  const std::string here = "a partition";
  partition.max_event_time_us = ReadTime(reader, object, "max_event_time_us", here, kMicrosPerDay);
  partition.last_kafka_timestamp_ms =
      ReadTime(reader, object, "last_kafka_timestamp_ms", here, kMillisPerDay);
  partition.last_timestamp_offset = reader.OptionalInt(object, "last_timestamp_offset", here);
  partition.first_offset = reader.OptionalInt(object, "first_offset", here);
  partition.last_offset = reader.OptionalInt(object, "last_offset", here);
  if (const json::value* const hex = object.if_contains("last_fingerprint");
      hex != nullptr && !hex->is_null())
    partition.last_fingerprint = reader.Hex(object, "last_fingerprint", here);
  if (partition.last_fingerprint && !partition.last_offset)
    return reader.Diagnostic("a partition has a fingerprint without its offset");
  if (partition.last_timestamp_offset.has_value() != partition.last_kafka_timestamp_ms.has_value())
    return reader.Diagnostic("a partition has a timestamp without its offset");
  StatsOf(*stats, reader.String(object, "topic", here), PartitionId(static_cast<int32_t>(number)))
      .Add(partition);
}

PartitionStatsManifest ReadStats(StrictJson& reader, const json::value& document) {
  const json::object& object = reader.Object(
      document, kHere,
      {"manifest_version", "kind", "contract", "lake", "engine", "engine_version", "table", "partitions"});
  PartitionStatsManifest manifest{ReadOrigin(reader, object), reader.String(object, "table", kHere), {}};
  for (const json::value& partition : reader.Array(object, "partitions", kHere)) {
    ReadPartition(reader, partition, &manifest.stats);
  }
  return manifest;
}

FieldStatsManifest ReadFieldStats(StrictJson& reader, const json::value& document) {
  const json::object& object = reader.Object(document, kHere,
                                             {"manifest_version", "kind", "contract", "lake", "engine",
                                              "engine_version", "table", "rows", "empty", "unknown"});
  FieldStatsManifest manifest{ReadOrigin(reader, object),
                              reader.String(object, "table", kHere),
                              ReadInt(reader, object, "rows"),
                              {},
                              {}};
  for (const json::value& field : reader.Array(object, "empty", kHere))
    manifest.empty.insert(static_cast<size_t>(reader.Count(field, "a field of 'empty'")));
  if (const json::value* unknown = object.if_contains("unknown")) {
    for (const auto& member : reader.AnyObject(*unknown, "'unknown'"))
      manifest.unknown.emplace(member.key(), reader.Int64(member.value(), "an unknown member"));
  }
  return manifest;
}

}  // namespace

std::string WriteManifest(const FileManifest& manifest) {
  const ProposedFile& file = manifest.file;
  JsonWriter json = OpenManifest("file", manifest.origin, file.table);
  json.Member("partition_dir", file.partition_dir)
      .Member("file_name", file.file_name)
      .Member("staged_name", file.staged_name)
      .Member("rows", file.rows)
      .Member("bytes", file.bytes);
  json.Key("checksum").Hex(file.checksum);
  json.Key("position_sum").Hex(file.position_sum);
  json.Key("key_sum").Hex(file.key_sum);
  json.Member("min_event_time_us", file.min_event_time_us)
      .Member("max_event_time_us", file.max_event_time_us);
  json.Key("added_columns").OpenArray();
  for (const AddedColumn& column : manifest.added_columns)
    json.OpenObject().Member("name", column.name).Member("type", column.type).Close();
  json.Close().Close();
  return json.text();
}

std::string WriteManifest(const PartitionStatsManifest& manifest) {
  JsonWriter json = OpenManifest("partition_stats", manifest.origin, manifest.table);
  json.Key("partitions").OpenArray();
  for (const auto& [key, stats] : manifest.stats) WritePartition(key, stats, json);
  json.Close().Close();
  return json.text();
}

std::string WriteManifest(const FieldStatsManifest& manifest) {
  JsonWriter json = OpenManifest("field_stats", manifest.origin, manifest.table);
  json.Member("rows", manifest.rows).Key("empty").OpenArray();
  for (const size_t field : manifest.empty) json.Value(field);
  json.Close().Key("unknown").OpenObject();
  for (const auto& [member, rows] : manifest.unknown) json.Member(member, rows);
  json.Close().Close();
  return json.text();
}

Result<Manifest> ReadManifest(const std::string& text) {
  StrictJson reader("a document that a worker sent", "manifest");
  const json::value document = reader.Parse(text);
  const json::object& object = reader.AnyObject(document, kHere);
  if (const uint64_t version = reader.Count(object, "manifest_version", kHere);
      reader.good() && version != kVersion) {
    reader.Diagnostic(
        fmt::format("its version is {}, but this Forebay reads version {}: workers and driver need the same "
                    "version of Forebay",
                    version, kVersion));
  }
  const std::string kind = reader.String(object, "kind", kHere);
  FOREBAY_TRY(reader.status());
  Manifest manifest;
  if (kind == "file") {
    manifest = ReadFile(reader, document);
  } else if (kind == "partition_stats") {
    manifest = ReadStats(reader, document);
  } else if (kind == "field_stats") {
    manifest = ReadFieldStats(reader, document);
  } else {
    reader.Diagnostic(fmt::format("it has the unknown kind '{}'", kind));
  }
  FOREBAY_TRY(reader.status());
  return manifest;
}

}  // namespace forebay
