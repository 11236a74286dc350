#include "ledger/open_lake.h"

#include <spdlog/spdlog.h>

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
  return CorruptionError("the ledger of " + lake.root() + " belongs to another lake: lake.json has the id " +
                         lake.id() + ", ledger.db has " + ledger.lake_id() +
                         "; restore the ledger.db and lake.json of one lake");
}

Result<std::unique_ptr<Ledger>> OpenExisting(const Lake& lake, const LedgerOptions& options,
                                             Result<std::unique_ptr<Ledger>> (*open)(const std::string&,
                                                                                     const LedgerOptions&)) {
  const std::string path = lake.LedgerFile();
  FOREBAY_ASSIGN(const bool exists, lake.HasLedgerFile());
  if (!exists && FOREBAY_SAFEGUARD("start:ledger_is_there")) {
    return CorruptionError("the ledger of " + lake.root() + " is missing: " + path +
                           " does not exist; restore it from a backup");
  }
  FOREBAY_ASSIGN(std::unique_ptr<Ledger> ledger, open(path, options));
  FOREBAY_TRY(CheckSameLake(lake, *ledger));
  return ledger;
}

// Refuses a ledger that is older than its files: one of them has a name that Forebay gave, and the ledger
// does not know it. Names of Forebay 0.1 carry their batch, and are compared with the ledger's last batch.
Status CheckLedgerKnows(const Lake& lake, Ledger& ledger, const std::vector<FilePlace>& files) {
  if (!FOREBAY_SAFEGUARD("start:ledger_is_not_old")) return Ok();
  FOREBAY_ASSIGN(const BatchId last, ledger.LastBatch());
  std::vector<FilePlace> named;
  std::vector<FilePlace> newer;
  for (const FilePlace& file : files) {
    const std::optional<BatchId> batch = BatchOfOldFileName(file.file_name);
    if (batch && *batch > last) newer.push_back(file);
    if (IsFileName(file.file_name)) named.push_back(file);
  }
  if (newer.empty()) {
    FOREBAY_ASSIGN(newer, ledger.FindUnknown(std::move(named)));
  }
  if (newer.empty()) return Ok();
  return CorruptionError("the ledger of " + lake.root() + " is older than its files: it ends with batch " +
                         std::to_string(last.value()) + " and does not know " +
                         lake.store().Describe(newer.front()) + "; restore the newest ledger.db");
}

Status Begin(Lake& lake, std::unique_ptr<Ledger>& ledger, const std::vector<FilePlace>& files,
             const LedgerOptions& options) {
  if (!files.empty() && FOREBAY_SAFEGUARD("begin:no_table_files")) {
    return CorruptionError("the lake " + lake.root() + " has files (" + lake.store().Describe(files.front()) +
                           ") but no _forebay/lake.json; restore it from a backup");
  }
  FOREBAY_ASSIGN(ledger, Ledger::Create(lake.LedgerFile(), RandomUuid(), options));
  FOREBAY_FAILPOINT("begin:ledger_committed");
  return lake.Begin(ledger->lake_id());
}

}  // namespace

Result<OpenedLake> OpenLake(Fs& fs, const std::string& dir, const OpenLakeOptions& options) {
  if (options.existing) {
    if (const auto lake = Lake::OpenForReading(fs, dir); !lake.ok()) {
      if (lake.error().code() != ErrorCode::kFailedPrecondition) return lake.error();
      return FailedPreconditionError(
          dir +
          " is not a lake, and --existing allows no new one to begin; check the path, "
          "and whether its filesystem is mounted");
    }
  }
  OpenedLake opened;
  FOREBAY_ASSIGN(opened.lake, Lake::Open(fs, dir, options.lake));
  // Listed before the ledger is read: whatever is visible now was decided before.
  FOREBAY_ASSIGN(const std::vector<FilePlace> files, opened.lake->store().ListFiles());
  if (opened.lake->id().empty()) {
    const Status begun = Begin(*opened.lake, opened.ledger, files, options.ledger);
    if (begun.ok()) {
      opened.begun = true;
      return opened;
    }
    // Without a lock, another process may be creating the lake.
    if (Lake::OpenForReading(fs, dir).ok())
      return IoError("another process created the lake " + dir + " at the same time; start again");
    return begun.error();
  }
  FOREBAY_ASSIGN(opened.ledger, OpenExisting(*opened.lake, options.ledger, &Ledger::Open));
  FOREBAY_TRY(CheckLedgerKnows(*opened.lake, *opened.ledger, files));
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

LakeOptions WaitForLock(bool wait, const std::atomic<bool>* stop) {
  return {wait, stop, [] { spdlog::info("lake locked by another process: waiting for it to end"); }};
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
