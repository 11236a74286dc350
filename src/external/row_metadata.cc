#include "external/row_metadata.h"

#include <arrow/compute/api_vector.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/row_hash.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "contract/field_place.h"
#include "decode/schema.h"
#include "partition/directory.h"
#include "partition/hive_value.h"
#include "partition/value.h"
#include "read/key_hasher.h"

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using Levels = std::vector<PartitionLevel>;

Error FromArrow(const arrow::Status& status) {
  return InvalidArgumentError("the rows cannot be read: " + status.message());
}

// The values of a date or timestamp column.
using Times = std::vector<std::optional<int64_t>>;

Times TimesOf(const arrow::Array& column) {
  Times times(static_cast<size_t>(column.length()));
  const auto copy = [&](const auto& array) {
    for (int64_t row = 0; row < array.length(); ++row) {
      if (array.IsValid(row)) times[static_cast<size_t>(row)] = static_cast<int64_t>(array.Value(row));
    }
  };
  if (column.type_id() == arrow::Type::DATE32) {
    copy(static_cast<const arrow::Date32Array&>(column));
  } else {
    copy(static_cast<const arrow::TimestampArray&>(column));
  }
  return times;
}

// The column of a field, with the nulls of the objects around it.
Result<ArrayPtr> ColumnOf(const Table& table, const FieldPlace& place, const arrow::Schema& schema,
                          const ColumnArrays& columns) {
  const std::string& name =
      place.empty() ? std::string(kTimestampColumn) : table.fields[place.front()].column;
  const int index = schema.GetFieldIndex(name);
  FOREBAY_ASSERT(index >= 0);
  ArrayPtr column = columns[static_cast<size_t>(index)];
  for (size_t depth = 1; depth < place.size(); ++depth) {
    auto member =
        static_cast<const arrow::StructArray&>(*column).GetFlattenedField(static_cast<int>(place[depth]));
    if (!member.ok()) return FromArrow(member.status());
    column = *member;
  }
  return column;
}

// Parses "date=2025-10-30/country=de" into the table's dimensions.
Result<Levels> ParseDirectory(const Table& table, const std::string& directory) {
  const std::optional<Levels> levels = ParsePartitionDirectory(directory);
  bool fits = levels && levels->size() == table.dimensions.size();
  for (size_t i = 0; fits && i < levels->size(); ++i) fits = (*levels)[i].name == table.dimensions[i].name;
  if (fits) return *levels;
  return InvalidArgumentError(fmt::format(
      "'{}' in column _partition is not a partition directory of table '{}': a transform leaves that column "
      "as it is",
      directory, table.name));
}

// Rejects times that no decoder returns and that cannot be formatted, before anything uses them.
Status CheckYears(const Field& field, const Times& times) {
  const int64_t unit = field.type == FieldType::kDate ? 1 : kMicrosPerDay;
  for (const std::optional<int64_t>& time : times) {
    if (!time || InYears(*time, unit)) continue;
    return InvalidArgumentError("column " + field.column + " holds a time outside the years 0000 to 9999");
  }
  return Ok();
}

// The nearest local time that can be formatted; a row beyond it has no directory.
int64_t InLocalYears(int64_t micros) {
  return std::clamp(micros, kFirstDay * kMicrosPerDay, (kLastDay + 1) * kMicrosPerDay - 1);
}

// Checks that rows are in the directory of their own values: a transform must not change the source of a
// partition dimension.
Status CheckPlace(const Table& table, const PartitionDimension& dimension, const std::string& value,
                  const Times& times, const DirectoryRows& rows) {
  const Field& field = FieldAt(table, dimension.source);
  FOREBAY_ASSIGN(const TimeZone zone, TimeZone::Load(dimension.time_zone));
  LocalTime local(zone);
  std::optional<int64_t> least;
  std::optional<int64_t> greatest;
  bool any_null = false;
  for (const int32_t row : rows.rows) {
    const std::optional<int64_t>& time = times[static_cast<size_t>(row)];
    any_null |= !time;
    if (!time) continue;
    least = std::min(least.value_or(*time), *time);
    greatest = std::max(greatest.value_or(*time), *time);
  }
  std::set<std::string> belong;
  if (any_null) belong.emplace(kHiveNull);
  for (const std::optional<int64_t>& time : {least, greatest}) {
    if (!time) continue;
    belong.insert(
        FormatPartitionValue(field, dimension.transform,
                             field.type == FieldType::kTimestamp ? InLocalYears(local.Of(*time)) : *time));
  }
  for (const std::string& belongs : belong) {
    if (belongs == value) continue;
    return InvalidArgumentError(fmt::format(
        "a row whose {} says {}={} is in the partition directory {}: a transform may not change what "
        "the directory is made of",
        field.column, dimension.name, belongs, rows.directory));
  }
  return Ok();
}

Status CheckPlaces(const Table& table, const arrow::Schema& schema, const ColumnArrays& columns,
                   const std::vector<DirectoryRows>& directories) {
  std::vector<Times> sources(table.dimensions.size());
  for (size_t i = 0; i < table.dimensions.size(); ++i) {
    const PartitionDimension& dimension = table.dimensions[i];
    if (dimension.transform == PartitionTransform::kIdentity || table.InPathOnly(dimension.source)) continue;
    FOREBAY_ASSIGN(const ArrayPtr column, ColumnOf(table, dimension.source, schema, columns));
    sources[i] = TimesOf(*column);
    FOREBAY_TRY(CheckYears(FieldAt(table, dimension.source), sources[i]));
  }
  for (const DirectoryRows& rows : directories) {
    FOREBAY_ASSIGN(const Levels levels, ParseDirectory(table, rows.directory));
    for (size_t i = 0; i < levels.size(); ++i) {
      if (sources[i].empty()) continue;
      FOREBAY_TRY(CheckPlace(table, table.dimensions[i], levels[i].value, sources[i], rows));
    }
  }
  return Ok();
}

// The rows of one directory as a batch of the key columns.
Result<std::shared_ptr<arrow::RecordBatch>> KeyColumns(const std::vector<std::string>& names,
                                                       const arrow::Schema& schema,
                                                       const ColumnArrays& columns,
                                                       const std::vector<int32_t>& rows) {
  const auto count = static_cast<int64_t>(rows.size());
  const bool all = columns.empty() || columns.front()->length() == count;
  const arrow::Int32Array indices(
      count, std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(rows.data()),
                                             count * static_cast<int64_t>(sizeof(int32_t))));
  arrow::FieldVector fields;
  ColumnArrays keys;
  for (const std::string& name : names) {
    const int index = schema.GetFieldIndex(name);
    FOREBAY_ASSERT(index >= 0);
    fields.push_back(schema.field(index));
    const ArrayPtr& column = columns[static_cast<size_t>(index)];
    if (all) {
      keys.push_back(column);
      continue;
    }
    const auto taken = arrow::compute::Take(*column, indices, arrow::compute::TakeOptions::NoBoundsCheck());
    if (!taken.ok()) return FromArrow(taken.status());
    keys.push_back(*taken);
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), count, std::move(keys));
}

}  // namespace

RowMetadata::RowMetadata(const ColumnArrays& columns, size_t first_position, bool has_topics)
    : topic_(has_topics ? std::static_pointer_cast<arrow::StringArray>(columns[first_position - 1])
                        : nullptr),
      partition_(std::static_pointer_cast<arrow::Int32Array>(columns[first_position])),
      offset_(std::static_pointer_cast<arrow::Int64Array>(columns[first_position + 1])),
      timestamp_(std::static_pointer_cast<arrow::TimestampArray>(columns[first_position + 2])) {}

Result<RowMetadata> RowMetadata::OfRows(const Table& table, const arrow::Schema& schema,
                                        const ColumnArrays& columns,
                                        const std::vector<DirectoryRows>& directories) {
  FOREBAY_TRY(CheckPlaces(table, schema, columns, directories));
  RowMetadata row_metadata(columns, static_cast<size_t>(schema.GetFieldIndex(std::string(kPartitionColumn))),
                           table.HasTopicColumn());
  row_metadata.counts_keys_ = true;
  FOREBAY_TRY(row_metadata.ReadKeys(table, schema, columns, directories));
  FOREBAY_TRY(row_metadata.ReadEventTimes(table, schema, columns, directories));
  return row_metadata;
}

RowMetadata RowMetadata::OfRejects(const ColumnArrays& columns) {
  return RowMetadata(columns, 1, true);
}

RowMetadata RowMetadata::OfTombstones(const ColumnArrays& columns) {
  return RowMetadata(columns, 1, true);
}

Status RowMetadata::ReadKeys(const Table& table, const arrow::Schema& schema, const ColumnArrays& columns,
                             const std::vector<DirectoryRows>& directories) {
  if (table.primary_key.empty()) return Ok();
  keys_.resize(static_cast<size_t>(rows()));
  std::vector<uint64_t> hashes;
  for (const DirectoryRows& of : directories) {
    FOREBAY_ASSIGN(KeyHasher hasher, KeyHasher::Make(table, of.directory));
    FOREBAY_ASSIGN(const auto batch, KeyColumns(hasher.columns(), schema, columns, of.rows));
    FOREBAY_TRY(hasher.Hash(*batch, 0, &hashes));
    for (size_t i = 0; i < of.rows.size(); ++i) keys_[static_cast<size_t>(of.rows[i])] = hashes[i];
  }
  return Ok();
}

Status RowMetadata::ReadEventTimes(const Table& table, const arrow::Schema& schema,
                                   const ColumnArrays& columns,
                                   const std::vector<DirectoryRows>& directories) {
  if (!table.event_time) return Ok();
  const Field& field = FieldAt(table, *table.event_time);
  if (!table.InPathOnly(*table.event_time)) {
    FOREBAY_ASSIGN(const ArrayPtr column, ColumnOf(table, *table.event_time, schema, columns));
    event_times_ = TimesOf(*column);
    FOREBAY_TRY(CheckYears(field, event_times_));
  } else {
    event_times_.resize(static_cast<size_t>(rows()));
    for (const DirectoryRows& of : directories) {
      FOREBAY_ASSIGN(const Levels levels, ParseDirectory(table, of.directory));
      const std::string* const value = FindLevel(levels, field.column);
      if (value != nullptr && *value == kHiveNull) continue;
      const auto day = value == nullptr ? std::nullopt : ParseDate(*value);
      if (!day)
        return InvalidArgumentError("the directory " + of.directory + " does not say what " + field.column +
                                    " is");
      for (const int32_t row : of.rows) event_times_[static_cast<size_t>(row)] = *day;
    }
  }
  if (field.type == FieldType::kDate) {
    for (std::optional<int64_t>& time : event_times_) {
      if (time) *time *= kMicrosPerDay;
    }
  }
  return Ok();
}

RowTotals RowMetadata::TotalsOf(std::span<const int32_t> rows) const {
  RowTotals totals;
  totals.rows = static_cast<int64_t>(rows.size());
  for (const int32_t row : rows) {
    const std::string_view of_topic = counts_keys_ ? topic(row) : std::string_view();
    const uint64_t position = HashPosition(of_topic, PartitionId(partition(row)), Offset(offset(row)));
    totals.position_sum += position;
    if (!counts_keys_) continue;
    totals.key_sum += keys_.empty() ? position : keys_[static_cast<size_t>(row)];
    const std::optional<int64_t> time = event_time_us(row);
    if (!time) continue;
    totals.min_event_time_us = std::min(totals.min_event_time_us.value_or(*time), *time);
    totals.max_event_time_us = std::max(totals.max_event_time_us.value_or(*time), *time);
  }
  return totals;
}

}  // namespace forebay
