// Operator actions on landed files: `lake expire` and `lake rebuild`.
#include <set>
#include <utility>

#include "base/time.h"
#include "ledger/ledger.h"
#include "ledger/ledger_store.h"
#include "ledger/rows.h"
#include "ledger/tables.h"
#include "testhooks/failpoint.h"

namespace forebay {
namespace {

Result<std::set<FilePlace>> LoadUnfinished(Sqlite& db) {
  FOREBAY_ASSIGN(const auto files, LoadFiles(db, BatchId(0), kNewestBatch, WhichFiles::kUnfinishedRebuilds));
  std::set<FilePlace> places;
  for (const LedgerFile& file : files) places.insert(file.place);
  return places;
}

Status SetState(Sqlite& db, const std::vector<LedgerFile>& files, FileState state) {
  FOREBAY_ASSIGN(Statement update, db.Prepare("UPDATE files SET state = ? WHERE batch = ? AND table_name = ?"
                                              " AND partition_dir = ? AND file_name = ?"));
  for (const LedgerFile& file : files) {
    FOREBAY_TRY(
        update.Run(state, file.batch, file.place.table, file.place.partition_dir, file.place.file_name));
  }
  return Ok();
}

// Whether the ledger still has exactly this file, present.
Result<bool> HasFile(Sqlite& db, const LedgerFile& file) {
  FOREBAY_ASSIGN(const std::optional<LedgerFile> known, FindFile(db, file.batch, file.place));
  return known && known->state == FileState::kPresent && known->file.checksum == file.file.checksum &&
         known->file.bytes == file.file.bytes && known->file.staged_name == file.file.staged_name;
}

Status FinishRebuilds(Sqlite& db, const std::vector<LedgerFile>& files) {
  FOREBAY_ASSIGN(Statement update,
                 db.Prepare("UPDATE rebuilds SET done_at_ms = ? WHERE done_at_ms IS NULL AND batch = ?"
                            " AND table_name = ? AND partition_dir = ? AND file_name = ?"));
  for (const LedgerFile& file : files) {
    FOREBAY_TRY(update.Run(WallClockMillis(), file.batch, file.place.table, file.place.partition_dir,
                           file.place.file_name));
  }
  return Ok();
}

Status ReplaceFile(Sqlite& db, const Ledger::RebuiltFile& file) {
  // Supersedes an earlier, interrupted rebuild whose staged file was lost.
  FOREBAY_TRY(FinishRebuilds(db, {file.before}));
  const FilePlace& place = file.before.place;
  FOREBAY_TRY(InsertRebuild(db, {file.before.batch, place, file.damage, file.before.file.checksum,
                                 WallClockMillis(), std::nullopt}));
  FOREBAY_ASSIGN(Statement update,
                 db.Prepare("UPDATE files SET staged_name = ?, bytes = ?, checksum = ?, position_sum = ?,"
                            " key_sum = ?, min_event_time_us = ?, max_event_time_us = ? WHERE batch = ?"
                            " AND table_name = ? AND partition_dir = ? AND file_name = ?"));
  const ProposedFile& after = file.after;
  return update.Run(after.staged_name, after.bytes, after.checksum, after.position_sum, after.key_sum,
                    after.min_event_time_us, after.max_event_time_us, file.before.batch, place.table,
                    place.partition_dir, place.file_name);
}

// The files that Ledger::BeginExpiry marks, with their new state.
Result<std::vector<LedgerFile>> SelectExpiring(Sqlite& db, const std::string& table,
                                               const std::function<bool(const LedgerFile&)>& selects) {
  FOREBAY_ASSIGN(const std::vector<BatchId> batches, LoadBatchesIn(db, BatchState::kPublished));
  const std::set<BatchId> published(batches.begin(), batches.end());
  FOREBAY_ASSIGN(const std::set<FilePlace> unfinished, LoadUnfinished(db));
  FOREBAY_ASSIGN(const std::vector<LedgerFile> files,
                 LoadFiles(db, BatchId(0), kNewestBatch, WhichFiles::kAll));
  std::vector<LedgerFile> chosen;
  for (const LedgerFile& file : files) {
    if (file.state != FileState::kPresent || file.place.table != table || !published.contains(file.batch) ||
        !selects(file)) {
      continue;
    }
    if (unfinished.contains(file.place)) {
      return FailedPreconditionError("rebuild of file " + file.place.file_name + " of " + table + "/" +
                                     file.place.partition_dir +
                                     " is not finished; run `forebay land` or `forebay lake rebuild` first");
    }
    chosen.push_back(file);
    chosen.back().state = FileState::kExpiring;
  }
  return chosen;
}

}  // namespace

Result<std::vector<LedgerFile>> Ledger::BeginExpiry(const std::string& table, const std::string& selection,
                                                    const std::function<bool(const LedgerFile&)>& selects) {
  std::vector<LedgerFile> chosen;
  FOREBAY_TRY(ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(chosen, SelectExpiring(db, table, selects));
    if (chosen.empty()) return false;
    Expiry expiry{table, selection, static_cast<int64_t>(chosen.size()), 0, WallClockMillis()};
    for (const LedgerFile& file : chosen) expiry.rows += file.file.rows;
    FOREBAY_TRY(InsertExpiry(db, expiry));
    FOREBAY_TRY(SetState(db, chosen, FileState::kExpiring));
    FOREBAY_FAILPOINT("expire:written");
    return true;
  }));
  return chosen;
}

Status Ledger::MarkExpired(const std::vector<LedgerFile>& files) {
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_TRY(SetState(db, files, FileState::kExpired));
    return true;
  });
}

Status Ledger::DecideRebuild(const std::vector<RebuiltFile>& files,
                             const std::function<Status()>& recheck_staged) {
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_TRY(store_->CheckNotFenced());
    for (const RebuiltFile& file : files) {
      FOREBAY_ASSIGN(const bool is_known, HasFile(db, file.before));
      if (is_known) continue;
      return Error(ErrorCode::kConflict, "file " + file.before.place.file_name +
                                             " changed in the ledger since it was read: another process "
                                             "rebuilt or expired it");
    }
    FOREBAY_TRY(recheck_staged());
    for (const RebuiltFile& file : files) FOREBAY_TRY(ReplaceFile(db, file));
    FOREBAY_FAILPOINT("rebuild:written");
    return true;
  });
}

Status Ledger::MarkRebuilt(const std::vector<LedgerFile>& files) {
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_TRY(FinishRebuilds(db, files));
    return true;
  });
}

}  // namespace forebay
