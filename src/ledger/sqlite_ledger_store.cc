#include "ledger/sqlite_ledger_store.h"

#include <utility>

#include "ledger/schema.h"

namespace forebay {
namespace {

// SQLite reads zeros where the last page is cut off, which its own checks do not always report.
Status CheckSize(Sqlite& db) {
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(db));
  FOREBAY_ASSIGN(const int64_t pages, db.QueryInt64("PRAGMA page_count"));
  FOREBAY_ASSIGN(const int64_t page_bytes, db.QueryInt64("PRAGMA page_size"));
  FOREBAY_ASSIGN(const int64_t bytes, db.FileBytes());
  if (bytes >= pages * page_bytes) return Ok();
  return db.Damaged("truncated to " + std::to_string(bytes) + " of " + std::to_string(pages * page_bytes) +
                    " bytes");
}

}  // namespace

Result<std::unique_ptr<LedgerStore>> SqliteLedgerStore::Open(const std::string& path,
                                                             const Options& options) {
  FOREBAY_ASSIGN(auto db, Sqlite::Open(path, options));
  return std::unique_ptr<LedgerStore>(new SqliteLedgerStore(std::move(db)));
}

Result<Sqlite*> SqliteLedgerStore::BeginChange() {
  FOREBAY_ASSERT(!change_);
  FOREBAY_ASSIGN(Transaction change, Transaction::BeginWriting(*db_));
  change_.emplace(std::move(change));
  return db_.get();
}

Status SqliteLedgerStore::UpgradeSchema(int64_t from) {
  FOREBAY_ASSERT(change_);
  return forebay::UpgradeSchema(*db_, from);
}

Result<bool> SqliteLedgerStore::AppendChange() {
  FOREBAY_ASSERT(change_);
  const Status committed = change_->Commit();
  change_.reset();
  FOREBAY_TRY(committed);
  return true;
}

Status SqliteLedgerStore::CheckIntegrity(Depth depth) {
  FOREBAY_TRY(CheckSize(*db_));
  FOREBAY_ASSIGN(
      const std::string answer,
      db_->QueryText(depth == Depth::kQuick ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)"));
  if (answer == "ok") return Ok();
  return db_->Damaged(answer);
}

}  // namespace forebay
