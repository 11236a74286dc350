// How a partition value stands in a directory name: "date=2025-10-30", "city=New%20York", in the way that
// every reader we promise (DuckDB, Polars, pyarrow, Spark) reads back as the value. The one place that
// encodes and decodes.
//
// ASCII letters, digits, '_', '-' and '.' stand for themselves, and so does every byte of a non-ASCII UTF-8
// character: Spark decodes %XX one byte at a time into Latin-1 characters, so that an encoded non-ASCII
// character would come back as another. Every other byte is %XX with upper-case hex digits.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace forebay {

// What Hive, and with it every reader, takes for a null.
inline constexpr std::string_view kHiveNull = "__HIVE_DEFAULT_PARTITION__";
// The longest encoded value; with the name and "=" it must fit the 255 bytes of a file name.
inline constexpr size_t kMaxEncodedPartitionValue = 200;

// The encoded value, or nothing where it cannot be a directory: empty, longer than kMaxEncodedPartitionValue
// when encoded, kHiveNull, not UTF-8, or holding a NUL. The result never contains '/', '=' or '%' that is not
// an escape, so a name made of it never leaves its parent. Pure.
std::optional<std::string> EncodePartitionValue(std::string_view value);

// The inverse; nothing for text that EncodePartitionValue does not produce.
std::optional<std::string> DecodePartitionValue(std::string_view encoded);

}  // namespace forebay
