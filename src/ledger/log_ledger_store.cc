#include "ledger/log_ledger_store.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "ledger/schema.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

// How often an entry is sent whose fate is unknown.
constexpr int kMaxAttempts = 5;

Error DoesNotApply(const std::string& log) {
  return CorruptionError(
      "ledger log " + log +
      " is damaged: its entries do not add up to the state that they name; restore it from "
      "a backup");
}

Error SetBack(const std::string& log, int64_t number, const std::string& how) {
  return CorruptionError("ledger log " + log + " was set back: entry " + std::to_string(number) + " " + how +
                         "; restore the newest entries");
}

}  // namespace

LogLedgerStore::LogLedgerStore(std::shared_ptr<LedgerLog> log)
    : log_(std::move(log)), writer_(RandomBits()) {}
LogLedgerStore::~LogLedgerStore() = default;

Error LogLedgerStore::Close(Error error) {
  closed_ = error;
  return error;
}

Result<Sqlite*> LogLedgerStore::Load() {
  FOREBAY_ASSERT(!change_);
  if (closed_ && FOREBAY_SAFEGUARD("log:stays_shut")) return *closed_;
  const Status caught_up = CatchUp();
  if (!caught_up.ok()) {
    return NeedsChange(caught_up.error().code()) ? Close(caught_up.error()) : caught_up.error();
  }
  if (!known_fence_) known_fence_ = at_.fence;
  return cache_.get();
}

Status LogLedgerStore::CatchUp() {
  if (!cache_) return Rebuild();
  FOREBAY_ASSIGN(const auto objects, log_->ReadFrom(std::max<int64_t>(at_.entries, 1)));
  FOREBAY_TRY(CheckContainsNewest(objects));
  FOREBAY_ASSIGN(const bool applied, ApplyAll(objects, at_.entries > 0 ? 1 : 0));
  if (!applied) return Rebuild();
  return Ok();
}

// The log still has the newest entry that was applied.
Status LogLedgerStore::CheckContainsNewest(const std::vector<LedgerLog::Object>& objects) const {
  if (at_.entries == 0 || !FOREBAY_SAFEGUARD("log:not_set_back")) return Ok();
  for (const LedgerLog::Object& object : objects) {
    if (object.number != at_.entries) continue;
    if (EntryHash(object.bytes) == at_.hash) return Ok();
    return SetBack(log_->name(), at_.entries, "differs from the one that was read before");
  }
  return SetBack(log_->name(), at_.entries, "is missing");
}

Status LogLedgerStore::Rebuild() {
  FOREBAY_ASSIGN(const auto objects, log_->ReadFrom(1));
  FOREBAY_TRY(CheckContainsNewest(objects));
  FOREBAY_ASSIGN(cache_, Sqlite::OpenInMemory(log_->name()));
  const Position before = std::exchange(at_, Position());
  const Result<bool> applied = ApplyAll(objects, 0);
  if (applied.ok() && *applied) return Ok();
  cache_.reset();
  at_ = before;
  return applied.ok() ? DoesNotApply(log_->name()) : applied.error();
}

// False: an entry does not apply, or the state after the last one is not the one that it names.
Result<bool> LogLedgerStore::ApplyAll(const std::vector<LedgerLog::Object>& objects, size_t first) {
  if (first == objects.size()) return HasDigest();
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*cache_));
  Position position = at_;
  for (size_t i = first; i < objects.size(); ++i) {
    FOREBAY_ASSIGN(const bool applied, ApplyOne(objects[i], &position));
    if (!applied) return false;
  }
  FOREBAY_TRY(transaction.Commit());
  at_ = position;
  return HasDigest();
}

Result<bool> LogLedgerStore::ApplyOne(const LedgerLog::Object& object, Position* position) {
  FOREBAY_ASSIGN(const LedgerEntry entry, DecodeEntry(log_->name(), object.bytes));
  const int64_t next = position->entries + 1;
  if (object.number != next) return SetBack(log_->name(), next, "is missing");
  if ((entry.number != next || entry.previous != position->hash) && FOREBAY_SAFEGUARD("log:chain"))
    return SetBack(log_->name(), next, "does not continue the one before");
  if (entry.schema_from != position->schema) return false;
  if (entry.schema_to != entry.schema_from)
    FOREBAY_TRY(forebay::UpgradeSchema(*cache_, entry.schema_from, entry.schema_to));
  FOREBAY_ASSIGN(const bool applied, ApplyChangeset(*cache_, entry.changes));
  const bool is_others_fence = entry.kind == LedgerEntry::Kind::kFence && entry.writer != writer_;
  *position = {next, EntryHash(object.bytes), entry.digest, entry.schema_to,
               is_others_fence ? next : position->fence};
  return applied;
}

Result<bool> LogLedgerStore::HasDigest() {
  if (at_.entries == 0) return true;
  FOREBAY_ASSIGN(const Bits128 digest, LedgerDigest(*cache_));
  return digest == at_.digest || !FOREBAY_SAFEGUARD("log:digest");
}

Result<Sqlite*> LogLedgerStore::BeginChange() {
  FOREBAY_ASSIGN(Sqlite * db, Load());
  FOREBAY_ASSIGN(Transaction change, Transaction::BeginWriting(*db));
  FOREBAY_ASSIGN(ChangeRecorder recorder, ChangeRecorder::Begin(*db));
  change_.emplace(std::move(change));
  recorder_.emplace(std::move(recorder));
  schema_ = at_.schema;
  return db;
}

Status LogLedgerStore::UpgradeSchema(int64_t from) {
  FOREBAY_ASSERT(change_ && from == at_.schema);
  // The entry names the versions; the changeset holds the rows that are changed afterwards.
  recorder_.reset();
  FOREBAY_TRY(forebay::UpgradeSchema(*cache_, from));
  FOREBAY_ASSIGN(ChangeRecorder recorder, ChangeRecorder::Begin(*cache_));
  recorder_.emplace(std::move(recorder));
  schema_ = kLedgerVersion;
  return Ok();
}

void LogLedgerStore::DiscardChange() {
  recorder_.reset();
  change_.reset();
}

Result<bool> LogLedgerStore::AppendChange() {
  FOREBAY_ASSERT(change_);
  LedgerEntry entry;
  FOREBAY_ASSIGN(entry.changes, recorder_->Changes());
  if (entry.changes.empty() && schema_ == at_.schema) {
    DiscardChange();
    return true;
  }
  return AppendEntry(std::move(entry));
}

Result<bool> LogLedgerStore::FenceOthers() {
  FOREBAY_ASSERT(change_);
  FOREBAY_TRY(CheckNotFenced());
  LedgerEntry entry;
  entry.kind = LedgerEntry::Kind::kFence;
  return AppendEntry(std::move(entry));
}

Status LogLedgerStore::CheckNotFenced() {
  if (at_.fence == known_fence_ || !FOREBAY_SAFEGUARD("log:fence")) return Ok();
  return Error(ErrorCode::kLockHeld,
               "ledger " + log_->name() +
                   " taken over by another process since this one opened it; start again "
                   "if this one is to continue");
}

Result<bool> LogLedgerStore::AppendEntry(LedgerEntry entry) {
  entry.number = at_.entries + 1;
  entry.schema_from = at_.schema;
  entry.schema_to = schema_;
  entry.previous = at_.hash;
  entry.writer = writer_;
  entry.nonce = RandomBits();
  FOREBAY_ASSIGN(entry.digest, LedgerDigest(*cache_));
  const std::string bytes = EncodeEntry(entry);
  const Result<bool> appended = AppendCertainly(entry.number, bytes);
  recorder_.reset();
  if (!appended.ok() || !*appended) {
    DiscardChange();
    if (!appended.ok() && appended.error().code() == ErrorCode::kCommitStateUnknown)
      return Close(appended.error());
    return appended;
  }
  // The entry is in the log: whatever happens to the cache, the change is committed.
  const Status cached = change_->Commit();
  change_.reset();
  if (cached.ok()) {
    at_ = {entry.number, EntryHash(bytes), entry.digest, entry.schema_to, at_.fence};
  } else {
    cache_.reset();
  }
  return true;
}

Result<bool> LogLedgerStore::AppendCertainly(int64_t number, const std::string& bytes) {
  bool is_sent = false;  // an attempt may have created the entry, or may still create it
  std::string why;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const Result<bool> appended = log_->Append(number, bytes);
    if (appended.ok() && (*appended || !FOREBAY_SAFEGUARD("log:read_back"))) return *appended;
    if (!appended.ok()) {
      if (appended.error().code() != ErrorCode::kCommitStateUnknown && !is_sent) return appended.error();
      is_sent = true;
      why = appended.error().message();
    }
    // The nonce makes the bytes unique to this entry.
    const Result<std::optional<std::string>> found = log_->Read(number);
    if (found.ok() && *found) return **found == bytes;
    if (!found.ok()) why = found.error().message();
  }
  return Error(ErrorCode::kCommitStateUnknown,
               "commit state of ledger log " + log_->name() + " is unknown: entry " + std::to_string(number) +
                   " may or may not be appended (" + why +
                   "); nothing was deleted; start again to read the outcome from the log");
}

Status LogLedgerStore::CheckIntegrity(Depth depth) {
  FOREBAY_TRY(Load());
  if (depth == Depth::kQuick) return Ok();
  cache_.reset();
  FOREBAY_ASSIGN(Sqlite * db, Load());
  FOREBAY_ASSIGN(const std::string answer, db->QueryText("PRAGMA integrity_check(1)"));
  return answer == "ok" ? Ok() : Status(db->Damaged(answer));
}

}  // namespace forebay
