// Operator actions on landed files: `lake expire` and `lake rebuild`.
#include <set>
#include <utility>

#include "base/time.h"
#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "ledger/sqlite.h"
#include "testhooks/failpoint.h"

namespace forebay {
namespace {

Result<std::set<BatchId>> LoadPublished(Sqlite& db) {
  FOREBAY_ASSIGN(Statement row, db.Prepare("SELECT batch FROM batches WHERE state = 'published'", "i"));
  std::set<BatchId> published;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return published;
    published.insert(BatchId(row.Int64(0)));
  }
}

Result<std::set<FilePlace>> LoadUnfinished(Sqlite& db) {
  FOREBAY_ASSIGN(const auto files, LoadFiles(db, BatchId(0), kNewestBatch, WhichFiles::kUnfinishedRebuilds));
  std::set<FilePlace> places;
  for (const LedgerFile& file : files) places.insert(file.place);
  return places;
}

Status SetState(Sqlite& db, const std::vector<LedgerFile>& files, const char* state) {
  FOREBAY_ASSIGN(Statement update, db.Prepare("UPDATE files SET state = ? WHERE batch = ? AND table_name = ?"
                                              " AND partition_dir = ? AND file_name = ?"));
  for (const LedgerFile& file : files) {
    FOREBAY_TRY(
        update.Run(state, file.batch, file.place.table, file.place.partition_dir, file.place.file_name));
  }
  return Ok();
}

Status InsertExpiry(Sqlite& db, const std::string& table, const std::string& selection,
                    const std::vector<LedgerFile>& files) {
  int64_t rows = 0;
  for (const LedgerFile& file : files) rows += file.file.rows;
  FOREBAY_ASSIGN(Statement insert,
                 db.Prepare("INSERT INTO expiries (table_name, selection, files, rows, asked_at_ms)"
                            " VALUES (?, ?, ?, ?, ?)"));
  return insert.Run(table, selection, static_cast<int64_t>(files.size()), rows, WallClockMillis());
}

// Whether the ledger still has exactly this file, present.
Result<bool> StillThere(Sqlite& db, const LedgerFile& file) {
  FOREBAY_ASSIGN(Statement row, db.Prepare("SELECT checksum, bytes, staged_name FROM files WHERE batch = ?"
                                           " AND table_name = ? AND partition_dir = ? AND file_name = ?"
                                           " AND state = 'present'",
                                           "iit"));
  FOREBAY_TRY(row.Bind(file.batch, file.place.table, file.place.partition_dir, file.place.file_name));
  FOREBAY_ASSIGN(const bool found, row.Step());
  return found && static_cast<uint64_t>(row.Int64(0)) == file.file.checksum &&
         row.Int64(1) == file.file.bytes && row.Text(2) == file.file.staged_name;
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
  FOREBAY_ASSIGN(Statement insert,
                 db.Prepare("INSERT INTO rebuilds (batch, table_name, partition_dir, file_name, damage,"
                            " old_checksum, decided_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  const FilePlace& place = file.before.place;
  FOREBAY_TRY(insert.Run(file.before.batch, place.table, place.partition_dir, place.file_name, file.damage,
                         file.before.file.checksum, WallClockMillis()));
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
  FOREBAY_ASSIGN(const std::set<BatchId> published, LoadPublished(*db_));
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
  FOREBAY_TRY(InsertExpiry(*db_, table, selection, chosen));
  FOREBAY_TRY(SetState(*db_, chosen, "expiring"));
  FOREBAY_FAILPOINT("expire:written");
  FOREBAY_TRY(transaction.Commit());
  return chosen;
}

Status Ledger::MarkExpired(const std::vector<LedgerFile>& files) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_TRY(SetState(*db_, files, "expired"));
  return transaction.Commit();
}

Status Ledger::DecideRebuild(const std::vector<RebuiltFile>& files,
                             const std::function<Status()>& recheck_staged) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  for (const RebuiltFile& file : files) {
    FOREBAY_ASSIGN(const bool still_there, StillThere(*db_, file.before));
    if (!still_there) {
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
