#include "ledger/open_lake.h"

#include <array>
#include <optional>
#include <utility>

#include "base/hex.h"
#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

Status CheckSameLake(const Lake& lake, const Ledger& ledger) {
  if (lake.id() == ledger.lake_id() || !FOREBAY_SAFEGUARD("start:lake_id")) return Ok();
  return CorruptionError("the ledger of " + lake.paths().root() +
                         " belongs to another lake (lake.json says " + lake.id() + ", ledger.db says " +
                         ledger.lake_id() + "); put the pair back that belongs together");
}

Result<std::unique_ptr<Ledger>> OpenExisting(const Lake& lake, const LedgerOptions& options,
                                             Result<std::unique_ptr<Ledger>> (*open)(const std::string&,
                                                                                     const LedgerOptions&)) {
  const std::string path = lake.paths().LedgerFile();
  FOREBAY_ASSIGN(const auto info, lake.fs().Stat(path));
  if (!info && FOREBAY_SAFEGUARD("start:ledger_is_there")) {
    return CorruptionError("the lake " + lake.paths().root() + " has lost its ledger: " + path +
                           " is not there; put it back from a backup");
  }
  FOREBAY_ASSIGN(std::unique_ptr<Ledger> ledger, open(path, options));
  FOREBAY_TRY(CheckSameLake(lake, *ledger));
  return ledger;
}

// The newest batch that a visible file names, with that file.
std::optional<std::pair<BatchId, FilePlace>> NewestBatchFile(const std::vector<FilePlace>& files) {
  std::optional<std::pair<BatchId, FilePlace>> newest;
  for (const FilePlace& file : files) {
    const std::optional<BatchFileName> name = ParseBatchFileName(file.file_name);
    if (name && (!newest || name->batch > newest->first)) newest = {name->batch, file};
  }
  return newest;
}

Status Begin(Lake& lake, std::unique_ptr<Ledger>& ledger, const std::vector<FilePlace>& files,
             const LedgerOptions& options) {
  if (!files.empty() && FOREBAY_SAFEGUARD("begin:no_table_files")) {
    return CorruptionError("the lake " + lake.paths().root() + " has files (" +
                           lake.paths().File(files.front()) +
                           ") and no _forebay/lake.json; put it back from a backup");
  }
  FOREBAY_ASSIGN(ledger, Ledger::Create(lake.paths().LedgerFile(), RandomUuid(), options));
  FOREBAY_FAILPOINT("begin:ledger_committed");
  return lake.Begin(ledger->lake_id());
}

}  // namespace

Result<OpenedLake> OpenLake(Fs& fs, const std::string& dir, const OpenLakeOptions& options) {
  OpenedLake opened;
  FOREBAY_ASSIGN(opened.lake, Lake::Open(fs, dir, options.lake));
  // Listed before the ledger is read: whatever is visible now was decided before.
  FOREBAY_ASSIGN(const std::vector<FilePlace> files, opened.lake->ListTableFiles());
  if (opened.lake->id().empty()) {
    const Status begun = Begin(*opened.lake, opened.ledger, files, options.ledger);
    if (begun.ok()) return opened;
    // Where the lock does not keep others out, what looks like a lake without lake.json may be a new one.
    FOREBAY_ASSIGN(const auto lake_json, fs.Stat(opened.lake->paths().LakeJson()));
    if (lake_json) return IoError("somebody else began the lake " + dir + " meanwhile; start again");
    return begun.error();
  }
  FOREBAY_ASSIGN(opened.ledger, OpenExisting(*opened.lake, options.ledger, &Ledger::Open));
  FOREBAY_ASSIGN(const BatchId last, opened.ledger->LastBatch());
  const auto newest = NewestBatchFile(files);
  if (newest && newest->first > last && FOREBAY_SAFEGUARD("start:ledger_is_not_old")) {
    return CorruptionError("the ledger of " + dir + " is older than its files: it ends with batch " +
                           std::to_string(last.value()) + ", and " +
                           opened.lake->paths().File(newest->second) +
                           " is there; put the newest ledger.db back");
  }
  return opened;
}

Result<OpenedLake> OpenLakeForReading(Fs& fs, const std::string& dir, const LedgerOptions& options) {
  OpenedLake opened;
  FOREBAY_ASSIGN(opened.lake, Lake::OpenForReading(fs, dir));
  FOREBAY_ASSIGN(opened.ledger, OpenExisting(*opened.lake, options, &Ledger::OpenForReading));
  return opened;
}

Result<OpenedLake> OpenLakeBesideLanders(Fs& fs, const std::string& dir, const LedgerOptions& options) {
  OpenedLake opened;
  FOREBAY_ASSIGN(opened.lake, Lake::OpenForReading(fs, dir));
  FOREBAY_ASSIGN(opened.ledger, OpenExisting(*opened.lake, options, &Ledger::Open));
  return opened;
}

std::string RandomUuid() {
  std::array<unsigned char, 16> bits = RandomBits();
  bits[6] = static_cast<unsigned char>((bits[6] & 0x0f) | 0x40);
  bits[8] = static_cast<unsigned char>((bits[8] & 0x3f) | 0x80);
  std::string text = HexDigits(bits);
  for (const size_t place : {20, 16, 12, 8}) text.insert(place, 1, '-');
  return text;
}

}  // namespace forebay
