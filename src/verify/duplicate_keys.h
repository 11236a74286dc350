// Finds primary keys that occur in more than one row. The producer causes these, not the landing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "verify/audit.h"
#include "verify/file_scan.h"
#include "verify/finding.h"

namespace forebay {

struct DuplicateKey {
  std::string key;
  uint64_t rows = 0;
  std::string places;  // location of the first ones: "partition 3 offset 17 in date=2025-10-30"
};

struct DuplicateKeys {
  uint64_t keys = 0;  // distinct keys that occur more than once, distinguished by 64-bit hashes
  uint64_t surplus_rows = 0;
  std::vector<DuplicateKey> most;  // the keys with the most rows; here distinguished by the key itself
};

struct DuplicateKeysOptions {
  int threads = 0;
  size_t listed = 10;
  // Maximum number of hashes in memory, 8 bytes each. More rows are read in several rounds.
  size_t hashes_at_once = 24'000'000;
};

// REQUIRES: `files` belong to one table, and all its contracts give it a primary key. Reads the key columns
// once per round, and again to list the keys. Skips unreadable files: the audit has already reported
// them.
Result<DuplicateKeys> FindDuplicateKeys(const ScanContext& context, const std::vector<FileToRead>& files,
                                        const DuplicateKeysOptions& options);

// Finds the duplicate keys of all tables with a primary key, and notes the most frequent ones.
Result<std::vector<AuditedKeys>> ReportDuplicateKeys(const ScanContext& context,
                                                     const std::vector<FileToRead>& files,
                                                     const DuplicateKeysOptions& options, FindingLog& log);

}  // namespace forebay
