// The contract: what an ODCS v3 YAML file says, checked and typed. Everything that depends on a schema reads
// it from here; nothing about any particular contract is written elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace forebay {

enum class FieldType { kString, kInteger, kNumber, kDecimal, kBoolean, kDate, kTimestamp, kObject, kArray };

// How a timestamp stands in the JSON.
enum class TimestampFormat { kRfc3339, kEpochSeconds, kEpochMillis, kEpochMicros };

// A bound on a value, in the field's own terms: unscaled value for decimals (at the field's scale), the
// integer itself for integers, days for dates, microseconds for timestamps; `number` alone is used for
// numbers.
struct Bound {
  __int128 exact = 0;
  double number = 0;
  bool exclusive = false;
};

struct Field {
  std::string name;
  FieldType type = FieldType::kString;
  bool required = false;  // for the element of an array: null elements are refused
  int line = 0;           // in the contract file, 1-based

  int32_t precision = 0;  // decimals: 1..38
  int32_t scale = 0;      // decimals: 0..precision
  int32_t bits = 64;      // integers: 32 or 64
  TimestampFormat timestamp_format = TimestampFormat::kRfc3339;

  std::vector<std::string> enum_values;  // strings only; empty means any value
  std::optional<Bound> minimum;
  std::optional<Bound> maximum;
  std::string pattern;  // empty: none. ECMA-262 like, unanchored, over the UTF-8 text; PCRE2 reads it
  std::optional<int64_t> min_length;  // code points
  std::optional<int64_t> max_length;

  std::vector<Field> fields;  // objects: the members, at least one. Arrays: exactly one, the element

  const Field& element() const { return fields.front(); }
};

enum class PartitionTransform { kIdentity, kDate, kHour };

// One directory level. Values: kIdentity formats the field's value; kDate is YYYY-MM-DD and kHour is
// YYYY-MM-DD-HH of a timestamp (or date) field, in UTC.
struct PartitionDimension {
  std::string name;  // the directory is `name=value`
  PartitionTransform transform = PartitionTransform::kIdentity;
  // Index into Table::fields; a required field. kIdentity: string, integer, boolean or date. kDate: timestamp
  // or date. kHour: timestamp.
  size_t source = 0;
};

struct TopicSettings {
  std::string name;
  int32_t partitions = 1;
  int64_t retention_ms = -1;              // -1: for ever
  std::string cleanup_policy = "delete";  // "delete", "compact" or "compact,delete"
};

// What slaProperties promise. The landing enforces none of it; reports and alarms compare with it.
struct ServiceLevels {
  std::optional<int64_t> freshness_ms;  // from Kafka to the lake
  std::optional<int64_t> latency_ms;    // from the event to Kafka
  std::optional<int64_t> retention_ms;  // how long the lake keeps a date
  bool operator==(const ServiceLevels&) const = default;
};

// One ODCS schema object: one topic in, one directory out.
// INVARIANTS: at least one field and one partition dimension; every index is in range.
struct Table {
  std::string name;
  int line = 0;
  TopicSettings topic;
  std::vector<Field> fields;                   // those of the record, in the contract's order
  std::vector<PartitionDimension> dimensions;  // in partitionKeyPosition order
  std::vector<size_t> primary_key;       // indexes into fields, in primaryKeyPosition order; may be empty
  std::optional<size_t> key;             // the field that is the Kafka key; a required scalar
  std::optional<size_t> event_time;      // a required timestamp or date field
  int64_t max_ahead_ms = 86'400'000;     // eventTime.maxAhead
  std::optional<int64_t> max_behind_ms;  // eventTime.maxBehind; none: unlimited
  ServiceLevels service_levels;          // the contract's, with those in place that name this table

  // True for a field that is an identity partition dimension: it lives in the path, not in the file.
  bool InPathOnly(size_t field) const;
  std::optional<size_t> FindField(std::string_view field_name) const;
};

struct Contract {
  std::string id;
  std::string name;
  std::string version;
  std::vector<Table> tables;
  ServiceLevels service_levels;  // those that name no table
  std::string yaml;              // the text it was read from, unchanged: the ledger keeps it with each batch

  const Table* FindTable(std::string_view table) const;
  const Table* FindTopic(std::string_view topic) const;
};

// One thing that is wrong with a contract: "what is wrong; what was expected", without a full stop.
struct Diagnostic {
  int line = 1;
  std::string text;
};

// Reads a contract. `source_name` stands in messages. A wrong contract gives kInvalidArgument with one line
// for each diagnostic, "FILE:LINE: what is wrong; what was expected", all of them, in line order.
Result<Contract> ParseContract(std::string_view yaml, const std::string& source_name);
// The same from a file. One that cannot be read is kInvalidArgument too.
Result<Contract> ReadContract(const std::string& path);
// The same, with the diagnostics as data: either a contract, or at least one diagnostic.
std::optional<Contract> CheckContract(std::string_view yaml, std::vector<Diagnostic>& diagnostics);
// The contract file's bytes, whatever they are; kInvalidArgument where they cannot be read.
Result<std::string> ReadContractFile(const std::string& path);

// Whether rows landed under `before` and under `after` may stand in one lake. Added optional fields and added
// tables, looser or tighter rules, and other topic settings are fine. A removed table or field, an added
// required field, a changed type, size, scale or timestamp format, an optional field that became required,
// and another topic, Kafka key, primary key, event time or partition dimension are refused: kInvalidArgument,
// with one line for each reason.
Status CheckEvolution(const Contract& before, const Contract& after);

}  // namespace forebay
