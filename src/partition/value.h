// Partition values as text, before encoding: "2025-10-30", "2025-10-30-07", "rain", "42".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "contract/contract.h"

namespace forebay {

// The value of a field, in the form in which the primary key's hash takes it (base/row_hash.h): the text of a
// string; otherwise an integer, which is 0 or 1 for a boolean, days for a date and microseconds for a
// timestamp.
using PartitionValue = std::variant<std::string, int64_t>;

// `value` is in local time (base/time_zone.h) where the dimension has a time zone. REQUIRES: the contract
// allows a dimension with this transform of this field, and times are in the years 0000 to 9999.
std::string FormatPartitionValue(const Field& field, PartitionTransform transform,
                                 const PartitionValue& value);
// The inverse for kIdentity, whose values are stored in the path alone; nothing for other text.
std::optional<PartitionValue> ParsePartitionValue(const Field& field, const std::string& text);

}  // namespace forebay
