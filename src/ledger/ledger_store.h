// The storage of a ledger: a SQLite database that every statement runs on, and the commit point of a change.
//
// The store decides how its database is brought up to date, and what makes a change durable. The rules
// (rules.h) and the SQL are the same for every store: SqliteLedgerStore is a file, and commits by SQLite's
// COMMIT; LogLedgerStore is a log of conditional writes, and commits by appending an entry.
//
// Thread-compatible: one thread at a time. Several stores, in one process or in several, may be open on one
// ledger.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/result.h"
#include "ledger/sqlite.h"

namespace forebay {

class LedgerStore {
 public:
  virtual ~LedgerStore() = default;

  // The database, with every change that was committed before the call. Valid until the next Load or
  // BeginChange. REQUIRES: no open change.
  virtual Result<Sqlite*> Load() = 0;

  // ---- one change at a time: BeginChange, statements, then AppendChange or DiscardChange ----
  // Opens a transaction on the newest state. REQUIRES: no open change.
  virtual Result<Sqlite*> BeginChange() = 0;
  // Upgrades the schema from version `from` (0: an empty database). REQUIRES: an open change that has changed
  // no row yet.
  virtual Status UpgradeSchema(int64_t from) = 0;
  // The commit point. True: the change is durable. False: another process committed first, and this change
  // was discarded. kCommitStateUnknown: it may or may not be durable; the store then refuses every call. Any
  // other error: discarded.
  virtual Result<bool> AppendChange() = 0;
  // Ends the open change, if there is one, without effect.
  virtual void DiscardChange() = 0;

  // ---- staged files ----
  // From here on, no other Ledger can decide on a file that was staged before, so that files which the
  // ledger does not name may be removed while the change is open. False: another process committed first, and
  // the change was discarded. kLockHeld: as for CheckNotFenced. REQUIRES: an open change that has changed
  // nothing.
  virtual Result<bool> FenceOthers() = 0;
  // kLockHeld: another Ledger has fenced this one, which must not decide on staged files any more.
  virtual Status CheckNotFenced() = 0;

  // kCorruption, with the findings. kQuick: what a start checks. kFull: everything.
  enum class Depth { kQuick, kFull };
  virtual Status CheckIntegrity(Depth depth) = 0;
};

// An open change; discarded by the destructor unless it was appended.
class OpenChange {
 public:
  static Result<OpenChange> Begin(LedgerStore& store) {
    FOREBAY_ASSIGN(Sqlite * db, store.BeginChange());
    return OpenChange(store, *db);
  }
  OpenChange(OpenChange&& other) noexcept : store_(std::exchange(other.store_, nullptr)), db_(other.db_) {}
  OpenChange& operator=(OpenChange&&) = delete;
  ~OpenChange() {
    if (store_ != nullptr) store_->DiscardChange();
  }
  Sqlite& db() { return *db_; }

 private:
  OpenChange(LedgerStore& store, Sqlite& db) : store_(&store), db_(&db) {}

  LedgerStore* store_;
  Sqlite* db_;
};

// How often a change is tried on a newer state after another process committed first.
inline constexpr int kMaxLostRaces = 100;

// Another process committed first, kMaxLostRaces times in a row.
Error TooManyLostRaces();

// Runs `change` in a transaction on the newest state, and commits it. Where another process commits first,
// runs it again on the state after that. `change` returns whether there is anything to commit; its error
// discards the change. The errors of AppendChange, and kConflict after kMaxLostRaces.
Status ApplyChange(LedgerStore& store, const std::function<Result<bool>(Sqlite&)>& change);

}  // namespace forebay
