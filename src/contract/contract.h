// The contract: a parsed and validated ODCS v3 YAML file. All code that depends on a schema reads it from
// here; no other code knows any particular contract.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/text_format.h"

namespace forebay {

enum class FieldType {
  kString,
  kInteger,
  kNumber,
  kDecimal,
  kBoolean,
  kDate,
  kTime,  // of a day, without a date
  kTimestamp,
  kLocalTimestamp,  // what a calendar and a clock show; not which instant that is
  kObject,
  kArray,
  kMap,
  kJson,  // any value, kept as JSON text
};

// The encoding of a timestamp in the JSON. Of dates, times and local timestamps, kAny or kPattern.
enum class TimestampFormat {
  kAny,  // any text or number that means one instant (decode/timestamp_text.h), those of a time_pattern too;
         // of the others, the spellings of ISO 8601; the default
  kPattern,  // as time_pattern says, and not otherwise
  kRfc3339,
  kEpochSeconds,
  kEpochMillis,
  kEpochMicros,
  kEpochNanos,
};

// A bound on a value, in the field's own units. `exact` holds the unscaled value (at the field's scale) for
// decimals, the integer itself for integers, days for dates and microseconds for times and timestamps. Only
// numbers use `number`, and they use nothing else.
struct Bound {
  __int128 exact = 0;
  double number = 0;
  bool exclusive = false;
};

// Where the value of a field comes from.
enum class FieldSource {
  kValue,  // the member of the record's value; the only source of nested fields
  kKey,    // the record's key, as a whole or a member of it
  kHeader,
  kPartition,
  kOffset,
  kTimestamp,  // Kafka's
};

// What a value of another JSON type may stand for.
struct Coercions {
  bool numbers_in_strings = false;   // "5" for 5
  bool numbers_as_booleans = false;  // 0 and 1
  bool empty_as_null = false;        // ""
  bool operator==(const Coercions&) const = default;
};

struct Field {
  std::string name;                  // of the member in the record
  std::string column;                // of the column in files and for readers
  std::vector<std::string> aliases;  // other names of the member, such as older ones
  FieldType type = FieldType::kString;
  bool required = false;  // for the element of an array: null elements are rejected
  bool nullable = true;   // of the column: not required, or tombstones are rows
  int line = 0;           // in the contract file, 1-based

  int32_t precision = 0;  // decimals: 1..38
  int32_t scale = 0;      // decimals: 0..precision
  int32_t bits = 64;      // integers: 32 or 64
  TimestampFormat timestamp_format = TimestampFormat::kAny;
  // Of dates and times: a TimePattern of texts; empty: none.
  std::string time_pattern;
  // Of timestamps of kAny and kPattern: the zone of texts without an offset, by its name in the IANA
  // database; empty: such texts are wrong.
  std::string default_zone;

  std::vector<std::string> enum_values;  // of strings; empty means any value
  std::vector<Bound> enum_numbers;       // of integers, decimals and numbers; empty means any value
  std::optional<Bound> multiple_of;      // of the same; above zero
  std::optional<Bound> minimum;
  std::optional<Bound> maximum;
  std::string pattern;  // empty: none. ECMA-262 syntax, unanchored, over the UTF-8 text; run by PCRE2
  TextFormat format = TextFormat::kAny;
  std::optional<int64_t> min_length;  // code points; of an array, elements
  std::optional<int64_t> max_length;
  bool unique_items = false;  // arrays

  // A wrong value becomes null, and is kept among the members that the contract does not know. Only of
  // optional members of the record's value.
  bool null_if_wrong = false;
  Coercions coercions;

  FieldSource source = FieldSource::kValue;
  std::vector<std::string> source_path;  // kKey: members, from the key down; kHeader: the header's name

  // Objects: the members, at least one. Arrays: exactly one, the element. Maps: the key (a required string)
  // and the value.
  std::vector<Field> fields;

  const Field& element() const { return fields.front(); }
};

// The place of a field in a table: an index into Table::fields, then indexes into the members of objects.
// Empty: the record's Kafka timestamp, which is no field (contract/field_place.h).
using FieldPlace = std::vector<size_t>;

enum class PartitionTransform { kIdentity, kYear, kMonth, kDate, kHour };

// One directory level. kIdentity formats the field's value. The others format a timestamp or date as YYYY,
// YYYY-MM, YYYY-MM-DD or YYYY-MM-DD-HH, in a time zone. A row without the value is in the level of
// kHiveNull.
struct PartitionDimension {
  std::string name;  // the directory is `name=value`
  PartitionTransform transform = PartitionTransform::kIdentity;
  // Its type for kIdentity: string, integer, boolean or date; otherwise timestamp, or date if not for kHour.
  FieldPlace source = {};
  std::string time_zone = {};  // its name in the IANA database; empty: UTC. Only of timestamps
  int line = 0;                // of time_zone in the contract file
};

// How a table's files encode the columns that no dictionary suits. Each is smaller than the one before, and
// fewer readers know it (docs/readers.md).
enum class Encodings {
  kPlain,
  kDeltaTimes,  // times and offsets: DELTA_BINARY_PACKED
  kDelta,       // and strings: DELTA_LENGTH_BYTE_ARRAY
};

class Pattern;

// One topic, or those whose names match a pattern.
struct TopicSelector {
  std::string text;                        // a name, or the pattern
  std::shared_ptr<const Pattern> pattern;  // of a whole name; null: a name
};

// INVARIANT: either a name, or at least one selector.
struct TopicSettings {
  std::string name;  // of the table's only topic
  std::vector<TopicSelector>
      selectors;  // of a table of several topics, and of a template (contract/topics.h)
  int32_t partitions = 1;
  bool partitions_known = false;          // the contract states them
  std::optional<int64_t> retention_ms;    // -1: unlimited; nullopt: the broker decides
  std::string cleanup_policy = "delete";  // "delete", "compact" or "compact,delete"
};

// Service levels from slaProperties. Landing does not enforce them; reports and alerts compare with them.
struct ServiceLevels {
  std::optional<int64_t> freshness_ms;  // from Kafka to the lake
  std::optional<int64_t> latency_ms;    // from the event to Kafka
  std::optional<int64_t> retention_ms;  // time for which the lake keeps a date
  bool operator==(const ServiceLevels&) const = default;
};

// One ODCS schema object: a topic, or several, and one output directory; or a template of such tables.
// INVARIANTS: at least one field; every place is of a field, and outside arrays and maps.
struct Table {
  std::string name;          // of a template: with placeholders
  bool is_template = false;  // gives a table for each of its topics
  int line = 0;
  TopicSettings topic;
  std::vector<Field> fields;                   // fields of the record, in the contract's order
  std::vector<PartitionDimension> dimensions;  // in partitionKeyPosition order; none: one directory
  std::vector<FieldPlace> primary_key;         // in primaryKeyPosition order; may be empty
  std::optional<FieldPlace> key;               // the field that is the Kafka key; a scalar
  std::optional<FieldPlace> event_time;        // a timestamp or date
  int64_t max_ahead_ms = 86'400'000;           // eventTime.maxAhead
  std::optional<int64_t> max_behind_ms;        // eventTime.maxBehind; none: unlimited
  bool tombstones_are_rows = false;
  Encodings encodings = Encodings::kDeltaTimes;
  ServiceLevels service_levels;  // the contract's, overridden by entries that name this table

  // Whether rows may be of several topics, so that the column _kafka_topic tells of which.
  bool HasTopicColumn() const { return !topic.selectors.empty() && !is_template; }
  // True for a field of the record itself that is an identity partition dimension: its value is stored in the
  // path, not in the file.
  bool InPathOnly(size_t field) const;
  bool InPathOnly(const FieldPlace& place) const { return place.size() == 1 && InPathOnly(place.front()); }
  // The names of the dimensions in a time zone. The rules of a zone change, so that a record that is landed
  // again may belong in another of their directories.
  std::set<std::string> ZonedLevels() const;
  // For messages and reports: "city", "date = date(event_time)"; those of all dimensions with commas, or
  // "nothing".
  std::string DescribeDimension(const PartitionDimension& dimension) const;
  std::string DescribePartitioning() const;
};

struct Contract {
  std::string id;
  std::string name;
  std::string version;
  std::vector<Table> tables;
  ServiceLevels service_levels;  // from entries that name no table
  // The source text, with the values of environment variables: the ledger stores it with each batch.
  std::string yaml;

  // The table of this name; or the template that gives a table of this name for this topic.
  const Table* FindTable(std::string_view table, std::string_view topic = {}) const;
};

// One problem in a contract. The text is "PROBLEM; EXPECTATION", without a full stop.
struct Diagnostic {
  int line = 1;
  std::string text;
};

// A part of a valid contract that landing does not enforce. The text is "FACT; CONSEQUENCE".
struct Note : Diagnostic {
  // It is about whole tables, and the standard has it for other tools: no reason to refuse a contract where
  // notes are errors.
  bool for_other_tools = false;
};

// INVARIANT: there is a contract, which may be without tables, or at least one diagnostic.
struct ContractCheck {
  std::optional<Contract> contract;
  std::vector<Diagnostic> diagnostics;  // both in line order
  std::vector<Note> notes;
};

// Parses a contract. `source_name` names it in messages. An invalid contract returns kInvalidArgument with
// all of its diagnostics in line order, one a line: "FILE:LINE: PROBLEM; EXPECTATION". Time zones may be
// unknown: a lake can be read without them.
Result<Contract> ParseContract(std::string_view yaml, const std::string& source_name);
// The same from a file, to be used here: environment variables have values (contract/environment.h), this
// machine knows the time zones, and at least one table has a topic. An unreadable file is kInvalidArgument
// too.
Result<Contract> ReadContract(const std::string& path);
// The same for the text of a file, with diagnostics and notes as data.
ContractCheck CheckContract(std::string_view yaml);
// The raw bytes of the contract file; kInvalidArgument if it cannot be read.
Result<std::string> ReadContractFile(const std::string& path);

}  // namespace forebay
