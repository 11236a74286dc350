// Partition directories: "country=DE/date=2025-10-30". All of them are built and parsed here.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace forebay {

// One directory level of a partition: its name and its value, decoded. The value kHiveNull stands for null;
// no other value can be that text.
struct PartitionLevel {
  std::string name;
  std::string value;
  auto operator<=>(const PartitionLevel&) const = default;
};

// "country=DE/date=2025-10-30", or "" without levels; nothing if a value cannot be encoded or a level does
// not fit a file name.
std::optional<std::string> FormatPartitionDirectory(const std::vector<PartitionLevel>& levels);
// The inverse; nothing for text that FormatPartitionDirectory does not produce.
std::optional<std::vector<PartitionLevel>> ParsePartitionDirectory(std::string_view directory);

// The value of the level with this name; null if there is none. Valid as long as `levels`.
const std::string* FindLevel(const std::vector<PartitionLevel>& levels, std::string_view name);

// The directory without the levels of these names: "country=DE" of "country=DE/date=2025-10-30". Returns text
// that is no directory as it is.
std::string WithoutLevels(const std::string& directory, const std::set<std::string>& names);

// The day of a rejected record's directory, as days since 1970-01-01: that of its Kafka timestamp, or 0
// without one (a negative timestamp).
int32_t QuarantineDay(int64_t timestamp_ms);
// "date=2025-10-30": the directory of a day in the quarantine table. REQUIRES: a day in the years 0000 to
// 9999.
std::string DateDirectory(int32_t day);

}  // namespace forebay
