#include "partition/directory.h"

#include <algorithm>

#include "base/time.h"
#include "partition/hive_value.h"

namespace forebay {
namespace {

constexpr size_t kMaxFileNameBytes = 255;

// Whether this may be the column name before the '=' of a directory.
bool IsLevelName(std::string_view name) {
  if (name.empty() || name.front() == '.') return false;
  return name.find_first_of(std::string_view("/=%\0", 4)) == std::string_view::npos;
}

}  // namespace

std::optional<std::string> FormatPartitionDirectory(const std::vector<PartitionLevel>& levels) {
  std::string directory;
  for (const PartitionLevel& level : levels) {
    const std::optional<std::string> value =
        level.value == kHiveNull ? std::string(kHiveNull) : EncodePartitionValue(level.value);
    if (!value || !IsLevelName(level.name)) return std::nullopt;
    if (level.name.size() + 1 + value->size() > kMaxFileNameBytes) return std::nullopt;
    if (!directory.empty()) directory += '/';
    directory.append(level.name).append("=").append(*value);
  }
  return directory;
}

std::optional<std::vector<PartitionLevel>> ParsePartitionDirectory(std::string_view directory) {
  std::vector<PartitionLevel> levels;
  for (std::string_view rest = directory; !rest.empty();) {
    const std::string_view level = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), level.size() + 1));
    const size_t equals = level.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view encoded = level.substr(equals + 1);
    const std::optional<std::string> value =
        encoded == kHiveNull ? std::string(kHiveNull) : DecodePartitionValue(encoded);
    if (!value) return std::nullopt;
    levels.push_back({std::string(level.substr(0, equals)), *value});
  }
  if (FormatPartitionDirectory(levels) != directory) return std::nullopt;
  return levels;
}

const std::string* FindLevel(const std::vector<PartitionLevel>& levels, std::string_view name) {
  const auto found = std::find_if(levels.begin(), levels.end(),
                                  [&](const PartitionLevel& level) { return level.name == name; });
  return found == levels.end() ? nullptr : &found->value;
}

std::string WithoutLevels(const std::string& directory, const std::set<std::string>& names) {
  std::optional<std::vector<PartitionLevel>> levels = ParsePartitionDirectory(directory);
  if (!levels) return directory;
  std::erase_if(*levels, [&names](const PartitionLevel& level) { return names.contains(level.name); });
  return FormatPartitionDirectory(*levels).value_or("");
}

int32_t QuarantineDay(int64_t timestamp_ms) {
  return timestamp_ms >= 0 ? DayOfMillis(timestamp_ms) : 0;
}

std::string DateDirectory(int32_t day) {
  return "date=" + FormatDate(day);
}

}  // namespace forebay
