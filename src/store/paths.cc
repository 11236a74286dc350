#include "store/paths.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "base/assert.h"
#include "base/hex.h"

namespace forebay {
namespace {

constexpr size_t kMaxTableNameBytes = 200;
constexpr size_t kStagedRandomDigits = 32;
constexpr std::string_view kStagedPrefix = "s-";
constexpr std::string_view kParquetSuffix = ".parquet";

template <typename Integer>
bool ParseDigits(std::string_view text, Integer* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string FormatBatchFileName(BatchFileName name) {
  FOREBAY_ASSERT(name.batch.value() >= 1 && name.index >= 0);
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), "b%08lld-%d.parquet",
                                 static_cast<long long>(name.batch.value()), name.index);
  return std::string(text.data(), static_cast<size_t>(size));
}

std::optional<BatchFileName> ParseBatchFileName(std::string_view file_name) {
  if (!file_name.starts_with('b') || !file_name.ends_with(kParquetSuffix)) return std::nullopt;
  const std::string_view numbers = file_name.substr(1, file_name.size() - 1 - kParquetSuffix.size());
  const size_t dash = numbers.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  int64_t batch = 0;
  BatchFileName name;
  if (!ParseDigits(numbers.substr(0, dash), &batch) || !ParseDigits(numbers.substr(dash + 1), &name.index)) {
    return std::nullopt;
  }
  name.batch = BatchId(batch);
  if (batch < 1 || name.index < 0 || FormatBatchFileName(name) != file_name) return std::nullopt;
  return name;
}

std::string RandomStagedName() {
  return std::string(kStagedPrefix).append(HexDigits(RandomBits())).append(kParquetSuffix);
}

bool IsStagedName(std::string_view file_name) {
  if (!file_name.starts_with(kStagedPrefix) || !file_name.ends_with(kParquetSuffix)) return false;
  if (file_name.size() != kStagedPrefix.size() + kStagedRandomDigits + kParquetSuffix.size()) return false;
  const std::string_view digits = file_name.substr(kStagedPrefix.size(), kStagedRandomDigits);
  return digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsTableDirectoryName(std::string_view name) {
  if (name.empty() || name.size() > kMaxTableNameBytes || name.front() == '.' || name.front() == '_')
    return false;
  return name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

std::string PlaceText(const FilePlace& place) {
  std::string text = place.table;
  if (!place.partition_dir.empty()) text += "/" + place.partition_dir;
  return text + "/" + place.file_name;
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
