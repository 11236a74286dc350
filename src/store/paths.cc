#include "store/paths.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "base/assert.h"
#include "base/hex.h"
#include "base/time.h"

namespace forebay {
namespace {

constexpr size_t kMaxTableNameBytes = 200;
constexpr size_t kStagedRandomDigits = 32;
constexpr std::string_view kStagedPrefix = "s-";
constexpr size_t kNameDigits = 12;  // of the time, and of the random bits
constexpr std::string_view kParquetSuffix = ".parquet";

// A number of digits alone.
std::optional<int64_t> ParseDigits(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return value;
}

bool IsHexDigits(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

bool IsFileName(std::string_view file_name) {
  if (file_name.size() != 2 * kNameDigits + 1 + kParquetSuffix.size()) return false;
  return IsHexDigits(file_name.substr(0, kNameDigits)) && file_name[kNameDigits] == '-' &&
         IsHexDigits(file_name.substr(kNameDigits + 1, kNameDigits)) && file_name.ends_with(kParquetSuffix);
}

std::optional<BatchId> BatchOfOldFileName(std::string_view file_name) {
  constexpr size_t kMinBatchDigits = 8;
  if (!file_name.starts_with('b') || !file_name.ends_with(kParquetSuffix)) return std::nullopt;
  const std::string_view numbers = file_name.substr(1, file_name.size() - 1 - kParquetSuffix.size());
  const size_t dash = numbers.find('-');
  if (dash == std::string_view::npos || dash < kMinBatchDigits) return std::nullopt;
  if (dash > kMinBatchDigits && numbers.front() == '0') return std::nullopt;
  const std::string_view index = numbers.substr(dash + 1);
  const std::optional<int64_t> batch = ParseDigits(numbers.substr(0, dash));
  if (!batch || *batch < 1 || !ParseDigits(index) || (index.size() > 1 && index.front() == '0'))
    return std::nullopt;
  return BatchId(*batch);
}

std::string RandomStagedName() {
  return std::string(kStagedPrefix).append(HexDigits(RandomBits())).append(kParquetSuffix);
}

bool IsStagedName(std::string_view file_name) {
  if (!file_name.starts_with(kStagedPrefix) || !file_name.ends_with(kParquetSuffix)) return false;
  if (file_name.size() != kStagedPrefix.size() + kStagedRandomDigits + kParquetSuffix.size()) return false;
  return IsHexDigits(file_name.substr(kStagedPrefix.size(), kStagedRandomDigits));
}

bool IsTableDirectoryName(std::string_view name) {
  if (name.empty() || name.size() > kMaxTableNameBytes || name.front() == '.' || name.front() == '_')
    return false;
  return name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

bool IsHiddenName(std::string_view name) {
  return name.starts_with('.') || name == "lost+found";
}

std::string PlaceText(const FilePlace& place) {
  std::string text = place.table;
  if (!place.partition_dir.empty()) text += "/" + place.partition_dir;
  return text + "/" + place.file_name;
}

FilePlace NewPlace(std::string table, std::string partition_dir) {
  std::array<char, 16> time;
  std::snprintf(time.data(), time.size(), "%012llx",
                static_cast<unsigned long long>(WallClockMillis()) & 0xffffffffffff);
  const std::string random = HexDigits(RandomBits()).substr(0, kNameDigits);
  std::string name = std::string(time.data()).append("-").append(random).append(kParquetSuffix);
  return {std::move(table), std::move(partition_dir), std::move(name)};
}

std::string LakePaths::PartitionDir(const std::string& table, const std::string& partition_dir) const {
  return partition_dir.empty() ? TableDir(table) : TableDir(table) + "/" + partition_dir;
}

std::string LakePaths::File(const FilePlace& place) const {
  return PartitionDir(place.table, place.partition_dir) + "/" + place.file_name;
}

std::vector<std::string> LakePaths::DirectoriesOf(const std::string& table,
                                                  const std::string& partition_dir) const {
  std::vector<std::string> directories = {TableDir(table)};
  const std::string all = PartitionDir(table, partition_dir);
  for (size_t slash = directories.front().size(); slash != std::string::npos;) {
    slash = all.find('/', slash + 1);
    directories.push_back(all.substr(0, slash));
  }
  return directories;
}

}  // namespace forebay
