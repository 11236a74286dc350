// The tables of the ledger as column lists. A list names the columns that the ledger's records carry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "ledger/columns.h"
#include "ledger/records.h"

namespace forebay {

inline std::string_view NameOf(FileState state) {
  switch (state) {
    case FileState::kPresent:
      return "present";
    case FileState::kExpiring:
      return "expiring";
    case FileState::kExpired:
      return "expired";
  }
  return "";
}

inline std::string_view NameOf(BatchState state) {
  return state == BatchState::kPublished ? "published" : "decided";
}

inline bool ReadValue(const Statement& row, int column, FileState& value) {
  const std::optional<std::string> name = row.Text(column);
  for (const FileState state : {FileState::kPresent, FileState::kExpiring, FileState::kExpired}) {
    if (name != NameOf(state)) continue;
    value = state;
    return true;
  }
  return false;
}
inline bool ReadValue(const Statement& row, int column, BatchState& value) {
  const std::optional<std::string> name = row.Text(column);
  value = name == NameOf(BatchState::kPublished) ? BatchState::kPublished : BatchState::kDecided;
  return name == NameOf(value);
}

inline std::string_view NameOf(FieldCountKind kind) {
  switch (kind) {
    case FieldCountKind::kRows:
      return "rows";
    case FieldCountKind::kUnknown:
      return "unknown";
    case FieldCountKind::kMissing:
      return "missing";
  }
  return "";
}

inline bool ReadValue(const Statement& row, int column, FieldCountKind& value) {
  const std::optional<std::string> name = row.Text(column);
  for (const auto kind : {FieldCountKind::kRows, FieldCountKind::kUnknown, FieldCountKind::kMissing}) {
    if (name != NameOf(kind)) continue;
    value = kind;
    return true;
  }
  return false;
}

// A row of a table whose value in the ledger's records does not name its batch.
template <typename Value>
struct OfBatch {
  BatchId batch;
  Value value;
};
using CountRow = OfBatch<QuarantineCount>;
using UntimedRow = OfBatch<UntimedCount>;
struct LakeRow {
  int64_t only_row = 1;
  std::string id;
  int64_t begun_at_ms = 0;
};
struct BatchKey {
  BatchId batch;
};
struct StateRow {
  BatchState state = BatchState::kDecided;
};
// A landed record as columns; all or the last of them NULL.
struct LandedRecordColumns {
  std::optional<int64_t> offset;
  std::optional<int64_t> fingerprint;
  std::optional<int64_t> leader_epoch;
};
struct RangeRow {
  BatchId batch;
  BatchRange value;
  LandedRecordColumns last_record;  // of `value`
};
struct PartitionRow {
  LedgerPartition value;
  LandedRecordColumns base;  // of `value`
};
struct ContractRow {
  std::string hash;
  std::string yaml;
};

inline constexpr std::tuple kLakeColumns(FOREBAY_COLUMN("only_row", only_row), FOREBAY_COLUMN("id", id),
                                         FOREBAY_COLUMN("begun_at_ms", begun_at_ms));

inline constexpr std::tuple kTopicColumns(FOREBAY_COLUMN("topic_id", id), FOREBAY_COLUMN("topic", topic),
                                          FOREBAY_COLUMN("table_name", table),
                                          FOREBAY_COLUMN("current", current),
                                          FOREBAY_COLUMN("first_seen_at_ms", first_seen_at_ms));

// Expressions for columns that version 3 does not have.
struct ColumnNames {
  std::string_view incarnation = "incarnation";
  std::string_view adopted_at_ms = "adopted_at_ms";
  std::string_view base_offset = "base_offset";
  std::string_view base_fingerprint = "base_fingerprint";
  std::string_view base_leader_epoch = "base_leader_epoch";
  std::string_view last_record_offset = "last_record_offset";
  std::string_view last_record_fingerprint = "last_record_fingerprint";
  std::string_view last_record_leader_epoch = "last_record_leader_epoch";
  std::string_view may_be_transformed = "may_be_transformed";
};
constexpr ColumnNames NamesOfVersion(int64_t version) {
  if (version >= 4) return {};
  return {"1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "engine <> 'native'"};
}

constexpr auto PartitionColumns(const ColumnNames& names = {}) {
  return std::tuple(FOREBAY_COLUMN("topic_id", value.partition.topic_id),
                    FOREBAY_COLUMN("kafka_partition", value.partition.partition),
                    FOREBAY_COLUMN(names.incarnation, value.partition.incarnation),
                    FOREBAY_COLUMN("beginning", value.beginning), FOREBAY_COLUMN("next", value.next),
                    FOREBAY_COLUMN(names.adopted_at_ms, value.adopted_at_ms),
                    FOREBAY_COLUMN(names.base_offset, base.offset),
                    FOREBAY_COLUMN(names.base_fingerprint, base.fingerprint),
                    FOREBAY_COLUMN(names.base_leader_epoch, base.leader_epoch));
}

inline constexpr std::tuple kContractColumns(FOREBAY_COLUMN("hash", hash), FOREBAY_COLUMN("yaml", yaml));

constexpr auto BatchColumns(const ColumnNames& names = {}) {
  return std::tuple(FOREBAY_COLUMN("batch", id), FOREBAY_COLUMN("state", state),
                    FOREBAY_COLUMN("contract_hash", contract_hash), FOREBAY_COLUMN("engine", engine),
                    FOREBAY_COLUMN("engine_version", engine_version),
                    FOREBAY_COLUMN(names.may_be_transformed, may_be_transformed),
                    FOREBAY_COLUMN("decided_at_ms", decided_at_ms),
                    FOREBAY_COLUMN("published_at_ms", published_at_ms));
}

inline constexpr std::tuple kBatchKeyColumns(FOREBAY_COLUMN("batch", batch));

inline constexpr std::tuple kStateColumns(FOREBAY_COLUMN("state", state));

constexpr auto RangeColumns(const ColumnNames& names = {}) {
  return std::tuple(FOREBAY_COLUMN("batch", batch), FOREBAY_COLUMN("topic_id", value.partition.topic_id),
                    FOREBAY_COLUMN("kafka_partition", value.partition.partition),
                    FOREBAY_COLUMN(names.incarnation, value.partition.incarnation),
                    FOREBAY_COLUMN("from_offset", value.offsets.from),
                    FOREBAY_COLUMN("to_offset", value.offsets.to), FOREBAY_COLUMN("rows", value.rows),
                    FOREBAY_COLUMN("quarantined", value.quarantined),
                    FOREBAY_COLUMN("tombstones", value.tombstones),
                    FOREBAY_COLUMN("max_event_time_us", value.max_event_time_us),
                    FOREBAY_COLUMN("last_kafka_timestamp_ms", value.last_kafka_timestamp_ms),
                    FOREBAY_COLUMN(names.last_record_offset, last_record.offset),
                    FOREBAY_COLUMN(names.last_record_fingerprint, last_record.fingerprint),
                    FOREBAY_COLUMN(names.last_record_leader_epoch, last_record.leader_epoch));
}

inline constexpr std::tuple kFileColumns(
    FOREBAY_COLUMN("batch", batch), FOREBAY_COLUMN("table_name", place.table),
    FOREBAY_COLUMN("partition_dir", place.partition_dir), FOREBAY_COLUMN("file_name", place.file_name),
    FOREBAY_COLUMN("staged_name", file.staged_name), FOREBAY_COLUMN("rows", file.rows),
    FOREBAY_COLUMN("bytes", file.bytes), FOREBAY_COLUMN("checksum", file.checksum),
    FOREBAY_COLUMN("position_sum", file.position_sum), FOREBAY_COLUMN("key_sum", file.key_sum),
    FOREBAY_COLUMN("min_event_time_us", file.min_event_time_us),
    FOREBAY_COLUMN("max_event_time_us", file.max_event_time_us), FOREBAY_COLUMN("state", state));

inline constexpr std::tuple kPlaceColumns(FOREBAY_COLUMN("table_name", table),
                                          FOREBAY_COLUMN("partition_dir", partition_dir),
                                          FOREBAY_COLUMN("file_name", file_name));

inline constexpr std::tuple kCountColumns(FOREBAY_COLUMN("batch", batch),
                                          FOREBAY_COLUMN("table_name", value.table),
                                          FOREBAY_COLUMN("reason", value.reason),
                                          FOREBAY_COLUMN("records", value.records));

inline constexpr std::tuple kUntimedColumns(FOREBAY_COLUMN("batch", batch),
                                            FOREBAY_COLUMN("table_name", value.table),
                                            FOREBAY_COLUMN("records", value.records));

inline constexpr std::tuple kFieldCountColumns(FOREBAY_COLUMN("table_name", table),
                                               FOREBAY_COLUMN("kind", kind), FOREBAY_COLUMN("field", field),
                                               FOREBAY_COLUMN("records", records));

constexpr auto LostColumns(const ColumnNames& names = {}) {
  return std::tuple(
      FOREBAY_COLUMN("topic_id", partition.topic_id), FOREBAY_COLUMN("kafka_partition", partition.partition),
      FOREBAY_COLUMN(names.incarnation, partition.incarnation), FOREBAY_COLUMN("from_offset", offsets.from),
      FOREBAY_COLUMN("to_offset", offsets.to), FOREBAY_COLUMN("accepted_at_ms", accepted_at_ms));
}

inline constexpr std::tuple kAdoptionColumns(FOREBAY_COLUMN("topic", topic),
                                             FOREBAY_COLUMN("from_topic_id", from),
                                             FOREBAY_COLUMN("to_topic_id", to),
                                             FOREBAY_COLUMN("adopted_at_ms", adopted_at_ms));

inline constexpr std::tuple kPatternTableColumns(FOREBAY_COLUMN("table_name", table),
                                                 FOREBAY_COLUMN("first_planned_at_ms", first_planned_at_ms));

inline constexpr std::tuple kExpiryColumns(FOREBAY_COLUMN("table_name", table),
                                           FOREBAY_COLUMN("selection", selection),
                                           FOREBAY_COLUMN("files", files), FOREBAY_COLUMN("rows", rows),
                                           FOREBAY_COLUMN("asked_at_ms", asked_at_ms));

// `damage` is the name of that column.
constexpr auto RebuildColumns(std::string_view damage) {
  return std::tuple(FOREBAY_COLUMN("batch", batch), FOREBAY_COLUMN("table_name", place.table),
                    FOREBAY_COLUMN("partition_dir", place.partition_dir),
                    FOREBAY_COLUMN("file_name", place.file_name), FOREBAY_COLUMN(damage, damage),
                    FOREBAY_COLUMN("old_checksum", old_checksum),
                    FOREBAY_COLUMN("decided_at_ms", decided_at_ms), FOREBAY_COLUMN("done_at_ms", done_at_ms));
}

}  // namespace forebay
