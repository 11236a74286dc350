// The Arrow schemas of landed files, as listed in docs/formats.md. Pure functions, thread-safe.
#pragma once

#include <memory>
#include <string_view>

#include "contract/contract.h"

namespace arrow {
class DataType;
class Field;
class Schema;
}  // namespace arrow

namespace forebay {

inline constexpr std::string_view kExtraColumn = "_extra";
inline constexpr std::string_view kTombstoneColumn = "_kafka_tombstone";
inline constexpr std::string_view kTopicColumn = "_kafka_topic";
inline constexpr std::string_view kPartitionColumn = "_kafka_partition";
inline constexpr std::string_view kOffsetColumn = "_kafka_offset";
inline constexpr std::string_view kTimestampColumn = "_kafka_timestamp";

// The type of a field's column in a file.
std::shared_ptr<arrow::DataType> ArrowType(const Field& field);
// Whether the strings of a column in TableSchema are JSON texts.
bool HoldsJson(const arrow::Field& column);

// The contract's fields except those that exist only in the path, then _extra, _kafka_tombstone if tombstones
// are rows, _kafka_topic (only of a table of several topics), _kafka_partition, _kafka_offset and
// _kafka_timestamp.
std::shared_ptr<arrow::Schema> TableSchema(const Table& table);

// Whether the values of this top-level field hardly repeat: true if it alone is the primary key.
bool HoldsUniqueValues(const Table& table, size_t field);

// _kafka_topic, _kafka_partition, _kafka_offset, _kafka_timestamp, key, value, reason, field, detail,
// contract_version, headers, violations.
std::shared_ptr<arrow::Schema> QuarantineSchema();

}  // namespace forebay
