// The one adapter of SQLite: connections, statements and transactions as Results.
//
// Errors: kCorruption for a damaged file, kCommitStateUnknown for a COMMIT that failed with anything but
// busy, kIoError for the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/ids.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace forebay {

class Sqlite;

// A prepared statement. Columns and parameters count from 0. Must not outlive its connection.
class Statement {
 public:
  // Binds all parameters in order. The bytes of text must live until the statement has run.
  template <typename... Args>
  Status Bind(const Args&... args) {
    FOREBAY_TRY(Reset());
    int index = 0;
    Status status;
    ((status = status.ok() ? BindOne(index++, args) : status), ...);
    return status;
  }
  // Binds, and runs a statement that returns no rows.
  template <typename... Args>
  Status Run(const Args&... args) {
    FOREBAY_TRY(Bind(args...));
    FOREBAY_ASSIGN(const bool row, Step());
    FOREBAY_ASSERT(!row);
    return Reset();
  }
  // True: there is a row. False: no more rows.
  Result<bool> Step();
  // The column's value; nullopt if it has another type, which the schema forbids and the bytes of a damaged
  // file allow. REQUIRES: the last Step returned true.
  std::optional<int64_t> Int64(int column) const;
  std::optional<std::string> Text(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Sqlite;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(Sqlite& db, sqlite3_stmt* statement) : db_(&db), statement_(statement) {}

  Status Reset();
  Status BindOne(int index, int64_t value);
  Status BindOne(int index, int value) { return BindOne(index, int64_t{value}); }
  Status BindOne(int index, bool value) { return BindOne(index, int64_t{value}); }
  // The same 64 bits, signed.
  Status BindOne(int index, uint64_t value) { return BindOne(index, static_cast<int64_t>(value)); }
  Status BindOne(int index, std::string_view value);
  Status BindOne(int index, const std::string& value) { return BindOne(index, std::string_view(value)); }
  Status BindOne(int index, const char* value) { return BindOne(index, std::string_view(value)); }
  Status BindOne(int index, const std::optional<int64_t>& value);
  Status BindOne(int index, const TopicId& value) { return BindOne(index, value.base64()); }
  template <typename Tag, typename Rep>
  Status BindOne(int index, StrongInt<Tag, Rep> value) {
    return BindOne(index, int64_t{value.value()});
  }
  // An enumeration is stored as NameOf(value), a string_view of static duration.
  template <typename Enum>
  requires std::is_enum_v<Enum> Status BindOne(int index, Enum value) {
    return BindOne(index, NameOf(value));
  }

  Sqlite* db_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

// One connection, for one thread at a time. A file is durable: journal_mode=DELETE, synchronous=EXTRA.
class Sqlite {
 public:
  struct Options {
    bool create = false;
    int64_t busy_timeout_ms = 0;
    const char* vfs = nullptr;
  };
  static Result<std::unique_ptr<Sqlite>> Open(const std::string& path, const Options& options);
  // An empty database in memory, without durability. `name` stands for the path in messages.
  static Result<std::unique_ptr<Sqlite>> OpenInMemory(const std::string& name);
  ~Sqlite();

  const std::string& path() const { return path_; }
  // kCorruption: the ledger is damaged, as `damage` says; the remedy is a backup.
  Error Damaged(const std::string& damage) const;

  // Runs one or several statements without parameters and rows.
  Status Execute(const char* sql);
  Result<Statement> Prepare(std::string_view sql);
  // The only value of the only row.
  Result<int64_t> QueryInt64(std::string_view sql);
  Result<std::string> QueryText(std::string_view sql);
  // The size of the file on the disk. REQUIRES: within a transaction that has read something.
  Result<int64_t> FileBytes();
  // For SQLite's session extension (changeset.cc).
  sqlite3* handle() { return db_; }

 private:
  friend class Statement;
  friend class Transaction;
  explicit Sqlite(std::string path) : path_(std::move(path)) {}
  Error ErrorOf(int code) const;
  Status Connect(const char* file, int flags, const char* vfs);

  std::string path_;
  sqlite3* db_ = nullptr;
  bool outcome_unknown_ = false;  // a COMMIT failed: the connection refuses further use
};

// A transaction on a connection; rolled back by the destructor unless Commit was called. At most one at a
// time.
class Transaction {
 public:
  // Takes the write lock at once (BEGIN IMMEDIATE), or reads a stable snapshot (BEGIN).
  static Result<Transaction> BeginWriting(Sqlite& db);
  static Result<Transaction> BeginReading(Sqlite& db);
  Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Ends a writing transaction. kIoError: busy for the whole time-out, rolled back, certainly not committed.
  // kCommitStateUnknown: any other failure; the connection then refuses every call.
  Status Commit();

 private:
  explicit Transaction(Sqlite& db) : db_(&db) {}

  Sqlite* db_;
};

}  // namespace forebay
