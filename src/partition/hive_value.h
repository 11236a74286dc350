// Encodes partition values in directory names: "date=2025-10-30", "city=New%20York". Every supported reader
// (DuckDB, Polars, pyarrow, Spark) decodes them to the original value. All encoding and decoding of them is
// here.
//
// ASCII letters, digits, '_', '-' and '.' are written unchanged, and so is every byte of a non-ASCII UTF-8
// character. (Spark decodes %XX one byte at a time into Latin-1 characters, so an encoded non-ASCII character
// would decode to a different one.) Every other byte is %XX with upper-case hex digits.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace forebay {

// The value that Hive, and every reader with it, interprets as null.
inline constexpr std::string_view kHiveNull = "__HIVE_DEFAULT_PARTITION__";
// The maximum length of an encoded value; with the name and "=" it must fit in the 255 bytes of a file name.
inline constexpr size_t kMaxEncodedPartitionValue = 200;

// The encoded value, or nothing for a value that cannot be a directory: empty, longer than
// kMaxEncodedPartitionValue when encoded, kHiveNull, not UTF-8, or containing a NUL. The result never
// contains '/', '=' or a '%' that does not begin an escape, so a directory named after it stays below its
// parent. Pure.
std::optional<std::string> EncodePartitionValue(std::string_view value);

// The inverse; nothing for text that EncodePartitionValue never produces.
std::optional<std::string> DecodePartitionValue(std::string_view encoded);

}  // namespace forebay
