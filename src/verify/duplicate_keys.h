// Finds primary keys that occur in more than one row. That is the producer's doing, not a fault of the
// landing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "verify/audit.h"
#include "verify/file_scan.h"

namespace forebay {

struct DuplicateKey {
  std::string key;
  uint64_t rows = 0;
  std::string places;  // where the first of them are: "partition 3 offset 17 in date=2025-10-30"
};

struct DuplicateKeys {
  uint64_t keys = 0;  // distinct keys that occur more than once; keys are told apart by 64-bit hashes
  uint64_t surplus_rows = 0;
  std::vector<DuplicateKey> most;  // those with the most rows, these told apart by the key itself
};

struct DuplicateKeysOptions {
  int threads = 0;
  size_t listed = 10;
  // The most hashes that are held at a time; 8 bytes each. More rows are read in several rounds.
  size_t hashes_at_once = 24'000'000;
};

// `files` are of one table, whose contracts all give it a primary key. Reads the key columns once for each
// round, and once more when keys are to be listed. Files that cannot be read are passed over: the audit has
// said so.
Result<DuplicateKeys> FindDuplicateKeys(const ScanContext& context, const std::vector<FileToRead>& files,
                                        const DuplicateKeysOptions& options);

}  // namespace forebay
