// Changes of rows as bytes, by SQLite's session extension. A changeset holds, for each inserted, updated or
// deleted row, its primary key and the changed values, with the old ones. It does not hold changes of the
// schema.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/sqlite.h"

struct sqlite3_session;

namespace forebay {

// Records the changes of all tables from its beginning on. Must not outlive the connection.
class ChangeRecorder {
 public:
  static Result<ChangeRecorder> Begin(Sqlite& db);
  // The changes so far; empty if there are none.
  Result<std::string> Changes();

 private:
  struct Deleter {
    void operator()(sqlite3_session* session) const;
  };
  explicit ChangeRecorder(Sqlite& db) : db_(&db) {}

  Sqlite* db_;
  std::unique_ptr<sqlite3_session, Deleter> session_;
};

// Applies a changeset inside the caller's transaction. False: it does not fit the database (a table or a row
// is missing, has other values, or exists already), and nothing was applied.
Result<bool> ApplyChangeset(Sqlite& db, std::string_view changes);

}  // namespace forebay
