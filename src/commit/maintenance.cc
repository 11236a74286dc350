#include "commit/maintenance.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/directories.h"
#include "testhooks/failpoint.h"

namespace forebay {
namespace {

// A directory that another process removed needs no sync: its entries are gone with it. The root is synced
// instead.
Status SyncDirectories(Lake& lake, const std::set<std::string>& directories) {
  for (const std::string& directory : directories) {
    FOREBAY_ASSIGN(const auto info, lake.fs().Stat(directory));
    FOREBAY_TRY(lake.fs().SyncDirectory(info ? directory : lake.paths().root()));
  }
  return Ok();
}

Status PutInPlace(Lake& lake, const LedgerFile& file) {
  const std::string target = lake.paths().File(file.place);
  const std::string staged = lake.paths().StagedFile(file.file.staged_name);
  FOREBAY_FAILPOINT("rebuild:before_rename");
  FOREBAY_ASSIGN(const bool renamed, lake.fs().RenameReplacing(staged, target));
  FOREBAY_FAILPOINT("rebuild:after_rename");
  if (renamed) return Ok();
  FOREBAY_ASSIGN(const std::optional<ContentSummary> there, SummarizeFile(lake.fs(), target));
  if (there == ContentSummary{static_cast<uint64_t>(file.file.bytes), file.file.checksum}) return Ok();
  return IoError("the file that was landed again for " + target + " is gone from staging (" + staged +
                 "); run `forebay lake rebuild --file " + target + "`");
}

}  // namespace

Result<int> FinishExpiry(Lake& lake, Ledger& ledger) {
  FOREBAY_ASSIGN(const std::vector<LedgerFile> files, ledger.Expiring());
  if (files.empty()) return 0;
  std::set<std::string> directories;
  for (const LedgerFile& file : files) {
    FOREBAY_FAILPOINT("expire:before_unlink");
    FOREBAY_TRY(lake.fs().Unlink(lake.paths().File(file.place)));
    directories.insert(lake.paths().PartitionDir(file.place.table, file.place.partition_dir));
  }
  FOREBAY_FAILPOINT("expire:unlinked");
  FOREBAY_TRY(SyncDirectories(lake, directories));
  FOREBAY_FAILPOINT("expire:synced");
  FOREBAY_TRY(ledger.MarkExpired(files));
  FOREBAY_FAILPOINT("expire:marked");
  return static_cast<int>(files.size());
}

Result<int> FinishRebuilds(Lake& lake, Ledger& ledger) {
  FOREBAY_ASSIGN(const std::vector<LedgerFile> files, ledger.UnfinishedRebuilds());
  if (files.empty()) return 0;
  DirectoryMaker directories(lake.fs(), lake.paths());
  std::vector<FilePlace> places;
  std::set<std::string> touched;
  for (const LedgerFile& file : files) {
    places.push_back(file.place);
    touched.insert(lake.paths().PartitionDir(file.place.table, file.place.partition_dir));
  }
  FOREBAY_TRY(directories.MakeDurable(places));
  for (const LedgerFile& file : files) FOREBAY_TRY(PutInPlace(lake, file));
  FOREBAY_FAILPOINT("rebuild:renamed");
  for (const std::string& directory : touched) FOREBAY_TRY(lake.fs().SyncDirectory(directory));
  FOREBAY_FAILPOINT("rebuild:synced");
  FOREBAY_TRY(ledger.MarkRebuilt(files));
  FOREBAY_FAILPOINT("rebuild:marked");
  return static_cast<int>(files.size());
}

}  // namespace forebay
