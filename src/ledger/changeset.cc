#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1

#include "ledger/changeset.h"

#include <sqlite3.h>

#include <limits>

#include "testhooks/safeguard.h"

namespace forebay {
namespace {

Error SessionError(Sqlite& db, const std::string& operation, int code) {
  return IoError("ledger " + db.path() + ": " + operation + " failed: " + sqlite3_errstr(code));
}

int AbortOnConflict(void* /*context*/, int /*conflict*/, sqlite3_changeset_iter* /*change*/) {
  return SQLITE_CHANGESET_ABORT;
}

// SQLite skips the changes of a table that the database does not have, or has with fewer columns.
Result<bool> HasTablesOf(Sqlite& db, std::string_view changes) {
  sqlite3_changeset_iter* raw = nullptr;
  int code =
      sqlite3changeset_start(&raw, static_cast<int>(changes.size()), const_cast<char*>(changes.data()));
  if (code != SQLITE_OK) return SessionError(db, "reading a changeset", code);
  const std::unique_ptr<sqlite3_changeset_iter, decltype(&sqlite3changeset_finalize)> iterator(
      raw, &sqlite3changeset_finalize);
  FOREBAY_ASSIGN(Statement columns, db.Prepare("SELECT count(*) FROM pragma_table_info(?)"));
  std::string known;
  while ((code = sqlite3changeset_next(raw)) == SQLITE_ROW) {
    const char* table = nullptr;
    int count = 0, operation = 0, indirect = 0;
    code = sqlite3changeset_op(raw, &table, &count, &operation, &indirect);
    if (code != SQLITE_OK) return SessionError(db, "reading a changeset", code);
    if (known == table) continue;
    known = table;
    FOREBAY_TRY(columns.Bind(known));
    FOREBAY_ASSIGN(const bool found, columns.Step());
    if (!found || columns.Int64(0) != count) return false;
  }
  return code == SQLITE_DONE;
}

}  // namespace

void ChangeRecorder::Deleter::operator()(sqlite3_session* session) const {
  sqlite3session_delete(session);
}

Result<ChangeRecorder> ChangeRecorder::Begin(Sqlite& db) {
  ChangeRecorder recorder(db);
  sqlite3_session* session = nullptr;
  int code = sqlite3session_create(db.handle(), "main", &session);
  recorder.session_.reset(session);
  if (code == SQLITE_OK) code = sqlite3session_attach(session, nullptr);
  if (code != SQLITE_OK) return SessionError(db, "recording changes", code);
  return recorder;
}

Result<std::string> ChangeRecorder::Changes() {
  int size = 0;
  void* data = nullptr;
  const int code = sqlite3session_changeset(session_.get(), &size, &data);
  const std::unique_ptr<void, decltype(&sqlite3_free)> owned(data, &sqlite3_free);
  if (code != SQLITE_OK) return SessionError(*db_, "recording changes", code);
  return std::string(static_cast<const char*>(data), static_cast<size_t>(size));
}

Result<bool> ApplyChangeset(Sqlite& db, std::string_view changes) {
  if (changes.empty()) return true;
  FOREBAY_ASSERT(changes.size() <= std::numeric_limits<int>::max());
  FOREBAY_ASSIGN(const bool has_tables, HasTablesOf(db, changes));
  if (!has_tables && FOREBAY_SAFEGUARD("log:known_tables")) return false;
  const int code =
      sqlite3changeset_apply(db.handle(), static_cast<int>(changes.size()), const_cast<char*>(changes.data()),
                             nullptr, &AbortOnConflict, nullptr);
  if (code == SQLITE_OK) return true;
  if (code == SQLITE_NOMEM) return SessionError(db, "applying a changeset", code);
  return false;
}

}  // namespace forebay
