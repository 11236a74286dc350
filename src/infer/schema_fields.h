// The fields of a contract from a schema that describes the records: a JSON Schema (draft 4 to 2020-12, or of
// OpenAPI), or an Avro schema of records that are written as plain JSON.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "infer/typing.h"

namespace forebay::infer {

inline constexpr size_t kMaxSchemaBytes = 16 * 1024 * 1024;
inline constexpr size_t kMaxSchemaFields = 20'000;
inline constexpr int kMaxSchemaDepth = 24;  // of objects, arrays and maps in each other

// Recognizes the kind of schema; one within the answer of a schema registry ({"schema": "..."}) is unwrapped.
// `source_name` names the file in messages. kInvalidArgument if it is neither, or does not describe objects.
Result<TypedFields> FieldsOfSchema(std::string_view text, const std::string& source_name);

// For FieldsOfSchema. What a contract cannot express is remarked, and its values are kept as JSON.
TypedFields FieldsOfJsonSchema(const boost::json::object& schema);
TypedFields FieldsOfAvroSchema(const boost::json::object& record);

// A member of an object as text; "" if there is none, or it is no text.
std::string TextMember(const boost::json::object& object, std::string_view member);

// Adds a text to the field's enum, unless it is in there.
void AddToEnum(const boost::json::value& value, Field& field);

}  // namespace forebay::infer
