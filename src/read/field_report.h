// What landed rows tell about the contract, for people: members that it does not know, fields that never have
// a value, and which of them look like misspellings of each other.
#pragma once

#include <string>
#include <vector>

#include "ledger/field_sums.h"
#include "report/json_writer.h"

namespace forebay {

// Sentences such as "`sex` is always missing; `Sex` is unknown in 344 of 344 rows".
std::vector<std::string> MisspellingHints(const FieldSums& sums);

// A few lines on one table, each indented and ended with a newline; empty if there is nothing to tell.
std::string FieldSumsText(const FieldSums& sums, size_t indent);

// Members of the open object: "unknown_members" and "nulled_values" (rows by member), "always_missing" and
// "hints".
void WriteFieldSums(const FieldSums& sums, JsonWriter& json);
// For each table a member of the open object, with those of the table.
void WriteFieldSums(const FieldSumsByTable& sums, JsonWriter& json);

}  // namespace forebay
