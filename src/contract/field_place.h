// Places of fields in a table, and the texts that name them in a contract. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"

namespace forebay {

// The text that stands for the record's Kafka timestamp where no field has that name.
inline constexpr std::string_view kKafkaTimestampName = "_kafka_timestamp";

// The field at a place; of the empty place, a timestamp named kKafkaTimestampName.
const Field& FieldAt(const Table& table, const FieldPlace& place);
// "payload.created_at": for messages.
std::string PathAt(const Table& table, const FieldPlace& place);
// The same of columns: "payload.created_at" where the members have other names.
std::string ColumnPathAt(const Table& table, const FieldPlace& place);
// Whether a row may be without the value: the field's column is nullable, or that of an object around it, or
// it is the Kafka timestamp.
bool IsOptionalAt(const Table& table, const FieldPlace& place);

// The place that a text names: a name of one of `fields`, a dotted path ("payload.created_at"), or a JSON
// Pointer (RFC 6901, "/payload/created_at"). A dotted path may contain names with dots; the first field that
// fits, by the order of its shortest names, is taken.
std::optional<FieldPlace> FindPlace(const std::vector<Field>& fields, std::string_view text);

// The paths of all fields outside arrays and maps: "payload", "payload.created_at".
std::vector<std::string> PathsOf(const std::vector<Field>& fields);

}  // namespace forebay
