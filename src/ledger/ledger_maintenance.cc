// Operator actions on landed files: `lake expire` and `lake rebuild`.
#include <set>
#include <utility>

#include "base/time.h"
#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "ledger/sqlite.h"
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
  // An earlier one that was cut off and lost its file is superseded.
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

}  // namespace

Result<std::vector<LedgerFile>> Ledger::Expiring() {
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db_));
  return LoadFiles(*db_, BatchId(0), kNewestBatch, WhichFiles::kExpiring);
}

Result<std::vector<LedgerFile>> Ledger::UnfinishedRebuilds() {
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db_));
  return LoadFiles(*db_, BatchId(0), kNewestBatch, WhichFiles::kUnfinishedRebuilds);
}

Result<std::vector<LedgerFile>> Ledger::BeginExpiry(const std::string& table, const std::string& selection,
                                                    const std::function<bool(const LedgerFile&)>& selects) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_ASSIGN(const std::vector<BatchId> batches, LoadBatchesIn(*db_, BatchState::kPublished));
  const std::set<BatchId> published(batches.begin(), batches.end());
  FOREBAY_ASSIGN(const std::set<FilePlace> unfinished, LoadUnfinished(*db_));
  FOREBAY_ASSIGN(const std::vector<LedgerFile> files,
                 LoadFiles(*db_, BatchId(0), kNewestBatch, WhichFiles::kAll));
  std::vector<LedgerFile> chosen;
  for (const LedgerFile& file : files) {
    if (file.state != FileState::kPresent || file.place.table != table || !published.contains(file.batch) ||
        !selects(file)) {
      continue;
    }
    if (unfinished.contains(file.place)) {
      return FailedPreconditionError(
          "the file " + file.place.file_name + " of " + table + "/" + file.place.partition_dir +
          " is being landed again, and that is not finished: start `forebay land` or `forebay "
          "lake rebuild` first");
    }
    chosen.push_back(file);
    chosen.back().state = FileState::kExpiring;
  }
  if (chosen.empty()) return chosen;
  Expiry expiry{table, selection, static_cast<int64_t>(chosen.size()), 0, WallClockMillis()};
  for (const LedgerFile& file : chosen) expiry.rows += file.file.rows;
  FOREBAY_TRY(InsertExpiry(*db_, expiry));
  FOREBAY_TRY(SetState(*db_, chosen, FileState::kExpiring));
  FOREBAY_FAILPOINT("expire:written");
  FOREBAY_TRY(transaction.Commit());
  return chosen;
}

Status Ledger::MarkExpired(const std::vector<LedgerFile>& files) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_TRY(SetState(*db_, files, FileState::kExpired));
  return transaction.Commit();
}

Status Ledger::DecideRebuild(const std::vector<RebuiltFile>& files,
                             const std::function<Status()>& recheck_staged) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  for (const RebuiltFile& file : files) {
    FOREBAY_ASSIGN(const bool is_there, HasFile(*db_, file.before));
    if (!is_there) {
      return Error(ErrorCode::kConflict, "the ledger has another file by now in place of " +
                                             file.before.place.file_name + ", or it was removed on purpose");
    }
  }
  FOREBAY_TRY(recheck_staged());
  for (const RebuiltFile& file : files) FOREBAY_TRY(ReplaceFile(*db_, file));
  FOREBAY_FAILPOINT("rebuild:written");
  return transaction.Commit();
}

Status Ledger::MarkRebuilt(const std::vector<LedgerFile>& files) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_TRY(FinishRebuilds(*db_, files));
  return transaction.Commit();
}

}  // namespace forebay
