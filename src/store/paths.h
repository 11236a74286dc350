// Every path and file name of a lake is built and parsed here, and nowhere else (partition directories in
// partition/directory.h).
//
//   LAKE/TABLE/NAME=VALUE/.../019ac8f3d2b1-4fe09a7c1d22.parquet
//   LAKE/_forebay/{lake.json, ledger.db, lock}
//   LAKE/_forebay/staging/s-0123456789abcdef0123456789abcdef.parquet
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace forebay {

inline constexpr std::string_view kQuarantineTable = "quarantine";

// "019ac8f3d2b1-4fe09a7c1d22.parquet": the time of staging in milliseconds since 1970 (48 bits), then 48
// random bits, in lower-case hexadecimal digits. Names sort by the time of staging.
bool IsFileName(std::string_view file_name);
// The batch in a file name as Forebay 0.1 gave it, "b00000012-0.parquet"; nothing for any other spelling.
std::optional<BatchId> BatchOfOldFileName(std::string_view file_name);

// A new staging name with 128 random bits from the kernel.
std::string RandomStagedName();
bool IsStagedName(std::string_view file_name);

// A name that may be a table's directory: not empty, no '/', NUL or leading '.' or '_', at most 200 bytes.
// `quarantine` passes here; that a contract may not use it is the contract's rule.
bool IsTableDirectoryName(std::string_view name);

// A name that Forebay ignores in a lake's directory: hidden files and lost+found.
bool IsHiddenName(std::string_view name);

// The place of a visible file, relative to the lake.
struct FilePlace {
  std::string table;
  std::string partition_dir;  // "date=2025-10-30"; empty only for a foreign file in the table's own directory
  std::string file_name;
  auto operator<=>(const FilePlace&) const = default;
};

// "clicks/date=2025-10-30/019ac8f3d2b1-4fe09a7c1d22.parquet".
std::string PlaceText(const FilePlace& place);
// The place of a new file in this directory, with a new name.
FilePlace NewPlace(std::string table, std::string partition_dir);

// The paths of one lake. A value; thread-safe.
class LakePaths {
 public:
  // `root` without a trailing slash; "." and absolute paths are fine.
  explicit LakePaths(std::string root) : root_(std::move(root)) {}

  const std::string& root() const { return root_; }
  std::string ForebayDir() const { return root_ + "/_forebay"; }
  std::string LedgerFile() const { return root_ + "/_forebay/ledger.db"; }
  std::string LakeJson() const { return root_ + "/_forebay/lake.json"; }
  std::string LockFile() const { return root_ + "/_forebay/lock"; }
  std::string StagingDir() const { return root_ + "/_forebay/staging"; }
  std::string StagedFile(const std::string& staged_name) const { return StagingDir() + "/" + staged_name; }
  std::string TableDir(const std::string& table) const { return root_ + "/" + table; }
  std::string PartitionDir(const std::string& table, const std::string& partition_dir) const;
  std::string File(const FilePlace& place) const;

  // The directories from the first below the lake down to the partition's own: {LAKE/clicks,
  // LAKE/clicks/date=...}.
  std::vector<std::string> DirectoriesOf(const std::string& table, const std::string& partition_dir) const;

 private:
  std::string root_;
};

}  // namespace forebay
