#include "verify/duplicate_keys.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/parallel.h"
#include "decode/schema.h"
#include "read/key_hasher.h"
#include "read/row_reader.h"

namespace forebay {
namespace {

constexpr size_t kMaxPlacesListed = 3;

struct HashCount {
  uint64_t hash;
  uint64_t rows;
};

// Receives one batch of a file's rows: partition and offset in columns 0 and 1, then the columns of the key,
// then that of the topic if the table has several.
using RowVisitor =
    std::function<void(const arrow::RecordBatch&, const KeyHasher&, const std::vector<uint64_t>& hashes)>;

Status ReadKeys(const ScanContext& context, const FileToRead& task, const RowVisitor& visit) {
  const FilePlace& place = task.file->place;
  const Table* const table = context.contracts.FindTable(*task.batch, place.table);
  if (table == nullptr || table->primary_key.empty()) return Ok();
  Result<KeyHasher> hasher = KeyHasher::Make(*table, place.partition_dir);
  Result<std::unique_ptr<RowReader>> reader = RowReader::Open(context.lake.store(), place);
  if (!hasher.ok() || !reader.ok() || *reader == nullptr) return Ok();
  std::vector<std::string> columns = {std::string(kPartitionColumn), std::string(kOffsetColumn)};
  columns.insert(columns.end(), hasher->columns().begin(), hasher->columns().end());
  if (table->HasTopicColumn()) columns.emplace_back(kTopicColumn);
  if (!(*reader)->Select(columns).ok()) return Ok();
  std::vector<uint64_t> hashes;
  while (true) {
    if (context.stop != nullptr && context.stop->load()) return CancelledError("audit cancelled");
    const Result<std::shared_ptr<arrow::RecordBatch>> rows = (*reader)->Next();
    if (!rows.ok() || *rows == nullptr || !hasher->Hash(**rows, 2, &hashes).ok()) return Ok();
    visit(**rows, *hasher, hashes);
  }
}

// The hashes of one round that occur more than once.
std::vector<HashCount> CountDuplicates(std::vector<uint64_t> hashes) {
  std::sort(hashes.begin(), hashes.end());
  std::vector<HashCount> duplicates;
  for (size_t i = 0; i < hashes.size();) {
    size_t end = i + 1;
    while (end < hashes.size() && hashes[end] == hashes[i]) ++end;
    if (end - i > 1) duplicates.push_back({hashes[i], end - i});
    i = end;
  }
  return duplicates;
}

void KeepMost(std::vector<HashCount>* counts, size_t listed) {
  const auto more = [](const HashCount& a, const HashCount& b) {
    return a.rows != b.rows ? a.rows > b.rows : a.hash < b.hash;
  };
  const size_t kept = std::min(listed, counts->size());
  std::partial_sort(counts->begin(), counts->begin() + static_cast<std::ptrdiff_t>(kept), counts->end(),
                    more);
  counts->resize(kept);
}

// Reads the files again, for the keys themselves and their locations.
Result<std::vector<DuplicateKey>> Describe(const ScanContext& context, const std::vector<FileToRead>& files,
                                           const DuplicateKeysOptions& options,
                                           const std::vector<HashCount>& most) {
  std::unordered_map<uint64_t, bool> wanted;
  for (const HashCount& count : most) wanted[count.hash] = true;
  std::mutex mutex;
  struct Occurrences {
    uint64_t rows = 0;
    std::map<std::pair<size_t, int64_t>, std::string>
        places;  // by file and offset, so that the result does not depend on thread timing
  };
  std::map<std::string, Occurrences> found;
  FOREBAY_TRY(ParallelFor(options.threads, files.size(), [&](size_t i) {
    return ReadKeys(context, files[i], [&](const auto& rows, const KeyHasher& hasher, const auto& hashes) {
      const auto& partitions = static_cast<const arrow::Int32Array&>(*rows.column(0));
      const auto& offsets = static_cast<const arrow::Int64Array&>(*rows.column(1));
      const auto topics =
          std::dynamic_pointer_cast<arrow::StringArray>(rows.GetColumnByName(std::string(kTopicColumn)));
      for (size_t row = 0; row < hashes.size(); ++row) {
        if (!wanted.contains(hashes[row])) continue;
        const auto at = static_cast<int64_t>(row);
        const std::lock_guard lock(mutex);
        Occurrences& key = found[hasher.Text(rows, 2, at)];
        ++key.rows;
        key.places[{i, offsets.Value(at)}] = fmt::format(
            "{}partition {} offset {} in {}", topics == nullptr ? "" : topics->GetString(at) + " ",
            partitions.Value(at), offsets.Value(at), files[i].file->place.partition_dir);
        if (key.places.size() > kMaxPlacesListed) key.places.erase(std::prev(key.places.end()));
      }
    });
  }));
  std::vector<DuplicateKey> keys;
  for (const auto& [key, occurrences] : found) {
    if (occurrences.rows < 2) continue;  // another key with the same hash
    DuplicateKey duplicate{key, occurrences.rows, ""};
    for (const auto& [place, text] : occurrences.places)
      duplicate.places += (duplicate.places.empty() ? "" : "; ") + text;
    if (occurrences.rows > kMaxPlacesListed) duplicate.places += "; ...";
    keys.push_back(std::move(duplicate));
  }
  std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.rows > b.rows; });
  return keys;
}

}  // namespace

Result<DuplicateKeys> FindDuplicateKeys(const ScanContext& context, const std::vector<FileToRead>& files,
                                        const DuplicateKeysOptions& options) {
  size_t rows = 0;
  for (const FileToRead& task : files) rows += static_cast<size_t>(task.file->file.rows);
  const uint64_t rounds = rows / options.hashes_at_once + 1;
  DuplicateKeys result;
  std::vector<HashCount> most;
  for (uint64_t round = 0; round < rounds; ++round) {
    std::mutex mutex;
    std::vector<uint64_t> all;
    all.reserve(rows / rounds + rows / rounds / 16);
    FOREBAY_TRY(ParallelFor(options.threads, files.size(), [&](size_t i) {
      return ReadKeys(context, files[i], [&](const auto&, const KeyHasher&, const auto& hashes) {
        const std::lock_guard lock(mutex);
        for (const uint64_t hash : hashes) {
          if (rounds == 1 || hash % rounds == round) all.push_back(hash);
        }
      });
    }));
    std::vector<HashCount> duplicates = CountDuplicates(std::move(all));
    result.keys += duplicates.size();
    for (const HashCount& count : duplicates) result.surplus_rows += count.rows - 1;
    KeepMost(&duplicates, options.listed);
    most.insert(most.end(), duplicates.begin(), duplicates.end());
    KeepMost(&most, options.listed);
  }
  if (most.empty()) return result;
  FOREBAY_ASSIGN(result.most, Describe(context, files, options, most));
  return result;
}

Result<std::vector<AuditedKeys>> ReportDuplicateKeys(const ScanContext& context,
                                                     const std::vector<FileToRead>& files,
                                                     const DuplicateKeysOptions& options, FindingLog& log) {
  std::map<std::string, std::vector<FileToRead>> by_table;
  for (const FileToRead& file : files) {
    const Table* const table = context.contracts.FindTable(*file.batch, file.file->place.table);
    if (table != nullptr && !table->primary_key.empty()) by_table[table->name].push_back(file);
  }
  std::vector<AuditedKeys> audited;
  for (const auto& [table, table_files] : by_table) {
    FOREBAY_ASSIGN(const DuplicateKeys duplicates, FindDuplicateKeys(context, table_files, options));
    audited.push_back({table, duplicates.keys, duplicates.surplus_rows});
    for (const DuplicateKey& key : duplicates.most) {
      log.AddNote({.kind = FindingKind::kDuplicateKey,
                   .table = table,
                   .detail = fmt::format("{} in {} rows, {}", key.key, key.rows, key.places)});
    }
  }
  return audited;
}

}  // namespace forebay
