#include "ledger/sqlite.h"

#include <sqlite3.h>

#include <filesystem>
#include <limits>
#include <utility>

#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

constexpr size_t kLongestPath = 500;  // SQLite takes 512, a journal's suffix included
constexpr const char* kSettings =
    "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON";
constexpr int kPrimaryCode = 0xff;  // SQLite's extended codes carry the primary one in the low byte

// A damaged file may have names of any bytes.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return text;
}

Error OutcomeUnknown(const std::string& path, const std::string& why) {
  return Error(ErrorCode::kCommitStateUnknown,
               "commit state of ledger " + path + " is unknown: COMMIT failed (" + why +
                   "), and the change may or may not be in effect; nothing was deleted; start again to read "
                   "the outcome from the ledger");
}

}  // namespace

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Status Statement::Reset() {
  sqlite3_reset(statement_.get());  // repeats the error of the last Step, which was reported there
  return Ok();
}

Status Statement::BindOne(int index, int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), index + 1, value);
  return code == SQLITE_OK ? Ok() : Status(db_->ErrorOf(code));
}

Status Statement::BindOne(int index, std::string_view value) {
  const int code = sqlite3_bind_text64(statement_.get(), index + 1, value.data(), value.size(), SQLITE_STATIC,
                                       SQLITE_UTF8);
  return code == SQLITE_OK ? Ok() : Status(db_->ErrorOf(code));
}

Status Statement::BindOne(int index, const std::optional<int64_t>& value) {
  if (value) return BindOne(index, *value);
  const int code = sqlite3_bind_null(statement_.get(), index + 1);
  return code == SQLITE_OK ? Ok() : Status(db_->ErrorOf(code));
}

Result<bool> Statement::Step() {
  if (db_->outcome_unknown_) return OutcomeUnknown(db_->path_, "earlier");
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_ROW) return db_->ErrorOf(code);
  return true;
}

std::optional<int64_t> Statement::Int64(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::string> Statement::Text(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_TEXT) return std::nullopt;
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  FOREBAY_ASSERT(text != nullptr);
  return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Status Sqlite::Connect(const char* file, int flags, const char* vfs) {
  const int code = sqlite3_open_v2(file, &db_, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
  return code == SQLITE_OK ? Ok() : Status(ErrorOf(code));
}

Result<std::unique_ptr<Sqlite>> Sqlite::OpenInMemory(const std::string& name) {
  std::unique_ptr<Sqlite> db(new Sqlite(name));
  FOREBAY_TRY(db->Connect(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr));
  FOREBAY_TRY(db->Execute(kSettings));
  return db;
}

Result<std::unique_ptr<Sqlite>> Sqlite::Open(const std::string& path, const Options& options) {
  std::unique_ptr<Sqlite> db(new Sqlite(path));
  FOREBAY_TRY(db->Connect(path.c_str(), SQLITE_OPEN_READWRITE | (options.create ? SQLITE_OPEN_CREATE : 0),
                          options.vfs));
  FOREBAY_ASSERT(options.busy_timeout_ms <= std::numeric_limits<int>::max());
  sqlite3_busy_timeout(db->db_, static_cast<int>(options.busy_timeout_ms));
  FOREBAY_TRY(db->Execute(kSettings));
  FOREBAY_ASSIGN(const std::string journal_mode, db->QueryText("PRAGMA journal_mode=DELETE"));
  FOREBAY_TRY(db->Execute(FOREBAY_SAFEGUARD("ledger:synchronous_extra") ? "PRAGMA synchronous=EXTRA"
                                                                        : "PRAGMA synchronous=FULL"));
  FOREBAY_ASSIGN(const int64_t synchronous, db->QueryInt64("PRAGMA synchronous"));
  constexpr int64_t kExtra = 3;
  if (journal_mode != "delete" || (synchronous != kExtra && FOREBAY_SAFEGUARD("ledger:synchronous_extra"))) {
    return IoError("ledger " + path + " cannot be opened durably: journal_mode is " + journal_mode +
                   " instead of delete; close every other program that has it open");
  }
  return db;
}

Sqlite::~Sqlite() {
  sqlite3_close_v2(db_);
}

Error Sqlite::ErrorOf(int code) const {
  const std::string detail = Printable(db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_));
  switch (code & kPrimaryCode) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Damaged(detail);
    case SQLITE_BUSY:
      return IoError("ledger " + path_ +
                     " is busy: another process keeps it locked; end that process and start again");
    case SQLITE_FULL:
      return IoError("ledger " + path_ + " cannot grow: the disk is full; free some space");
    case SQLITE_READONLY:
      return IoError("ledger " + path_ + " is not writable; check its permissions");
    case SQLITE_CANTOPEN:
      if (std::filesystem::absolute(path_).native().size() > kLongestPath) {
        return IoError("ledger " + path_ + " cannot be opened: the lake's path is too long for SQLite");
      }
      return IoError("ledger " + path_ + " cannot be opened; check that the file exists");
    default:
      return IoError("ledger " + path_ + " failed: " + detail + " (SQLite code " + std::to_string(code) +
                     ")");
  }
}

Error Sqlite::Damaged(const std::string& damage) const {
  return CorruptionError("ledger " + path_ + " is damaged: " + damage + "; restore it from a backup");
}

Status Sqlite::Execute(const char* sql) {
  if (outcome_unknown_) return OutcomeUnknown(path_, "earlier");
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Ok() : Status(ErrorOf(code));
}

Result<Statement> Sqlite::Prepare(std::string_view sql) {
  if (outcome_unknown_) return OutcomeUnknown(path_, "earlier");
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return ErrorOf(code);
  return Statement(*this, statement);
}

Result<int64_t> Sqlite::QueryInt64(std::string_view sql) {
  FOREBAY_ASSIGN(Statement statement, Prepare(sql));
  FOREBAY_ASSIGN(const bool found, statement.Step());
  const std::optional<int64_t> value = found ? statement.Int64(0) : std::nullopt;
  if (!value) return Damaged("a query did not return a number");
  return *value;
}

Result<std::string> Sqlite::QueryText(std::string_view sql) {
  FOREBAY_ASSIGN(Statement statement, Prepare(sql));
  FOREBAY_ASSIGN(const bool found, statement.Step());
  std::optional<std::string> value = found ? statement.Text(0) : std::nullopt;
  if (!value) return Damaged("a query did not return a text");
  return *std::move(value);
}

Result<int64_t> Sqlite::FileBytes() {
  sqlite3_file* file = nullptr;
  sqlite3_int64 bytes = 0;
  int code = sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) code = file->pMethods->xFileSize(file, &bytes);
  if (code != SQLITE_OK) return ErrorOf(code);
  return static_cast<int64_t>(bytes);
}

Result<Transaction> Transaction::BeginWriting(Sqlite& db) {
  FOREBAY_TRY(db.Execute(FOREBAY_SAFEGUARD("ledger:begin_immediate") ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(db);
}

Result<Transaction> Transaction::BeginReading(Sqlite& db) {
  FOREBAY_TRY(db.Execute("BEGIN"));
  return Transaction(db);
}

Transaction::~Transaction() {
  if (db_ == nullptr || db_->outcome_unknown_) return;
  // An error here leaves a hot journal, which the next reader rolls back: not committed either way. SQLite
  // may have rolled back already.
  if (sqlite3_get_autocommit(db_->db_) == 0) sqlite3_exec(db_->db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Status Transaction::Commit() {
  FOREBAY_ASSERT(db_ != nullptr);
  Sqlite* db = db_;
  FOREBAY_FAILPOINT("ledger:before_commit");
  const int code = sqlite3_exec(db->db_, "COMMIT", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) {
    db_ = nullptr;
    FOREBAY_FAILPOINT("ledger:after_commit");
    return Ok();
  }
  if ((code & kPrimaryCode) == SQLITE_BUSY) return db->ErrorOf(code);  // the destructor rolls back
  if (!FOREBAY_SAFEGUARD("ledger:unknown_outcome"))
    return Error(ErrorCode::kConflict, "treated as rolled back: " + db->path_);
  db->outcome_unknown_ = FOREBAY_SAFEGUARD("ledger:stays_shut");
  return OutcomeUnknown(db->path_, sqlite3_errmsg(db->db_));
}

}  // namespace forebay
