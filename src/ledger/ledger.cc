#include "ledger/ledger.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/hex.h"
#include "base/row_hash.h"
#include "base/time.h"
#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/rules.h"
#include "ledger/schema.h"
#include "ledger/sqlite.h"
#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

// The version of the schema that the file holds. 0: it holds nothing at all.
Result<int64_t> SchemaVersion(Sqlite& db) {
  FOREBAY_ASSIGN(const int64_t application, db.QueryInt64("PRAGMA application_id"));
  FOREBAY_ASSIGN(const int64_t version, db.QueryInt64("PRAGMA user_version"));
  FOREBAY_ASSIGN(const int64_t objects, db.QueryInt64("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && objects == 0) return int64_t{0};
  if (application != kLedgerApplicationId)
    return CorruptionError(db.path() + " is a database, but not Forebay's ledger");
  if ((version < 1 || version > kLedgerVersion) && FOREBAY_SAFEGUARD("start:ledger_version")) {
    return FailedPreconditionError("the ledger " + db.path() + " is of version " + std::to_string(version) +
                                   ", this program knows versions up to " + std::to_string(kLedgerVersion) +
                                   "; use the version of Forebay that wrote it, or a newer one");
  }
  return version;
}

// Upgrades the schema from `version` to kLedgerVersion, inside the caller's transaction.
Status UpgradeSchema(Sqlite& db, int64_t version) {
  for (; version < kLedgerVersion; ++version) {
    FOREBAY_TRY(db.Execute(kLedgerUpgrades[static_cast<size_t>(version - 1)]));
  }
  return db.Execute(("PRAGMA user_version=" + std::to_string(kLedgerVersion)).c_str());
}

Status WriteSchema(Sqlite& db, const std::string& lake_id) {
  FOREBAY_TRY(db.Execute(kLedgerSchema));
  FOREBAY_TRY(db.Execute(("PRAGMA application_id=" + std::to_string(kLedgerApplicationId)).c_str()));
  FOREBAY_TRY(UpgradeSchema(db, 1));
  return InsertLake(db, lake_id, WallClockMillis());
}

// SQLite reads zeros where the last page is cut off, which its own checks do not always see.
Status CheckSize(Sqlite& db) {
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(db));
  FOREBAY_ASSIGN(const int64_t pages, db.QueryInt64("PRAGMA page_count"));
  FOREBAY_ASSIGN(const int64_t page_bytes, db.QueryInt64("PRAGMA page_size"));
  FOREBAY_ASSIGN(const int64_t bytes, db.FileBytes());
  if (bytes >= pages * page_bytes) return Ok();
  return db.Damaged("it was cut off: " + std::to_string(bytes) + " of " + std::to_string(pages * page_bytes) +
                    " bytes are there");
}

// `pragma` is quick_check or integrity_check.
Status CheckWith(Sqlite& db, const std::string& pragma) {
  FOREBAY_TRY(CheckSize(db));
  FOREBAY_ASSIGN(const std::string answer, db.QueryText("PRAGMA " + pragma + "(1)"));
  if (answer == "ok") return Ok();
  return db.Damaged(answer);
}

struct Orphan {
  std::string table;
  std::string parent;
};
constexpr std::tuple kOrphanColumns(FOREBAY_COLUMN("\"table\"", table), FOREBAY_COLUMN("parent", parent));

std::vector<TopicPartition> PartitionsOf(const std::vector<BatchRange>& ranges) {
  std::vector<TopicPartition> partitions;
  for (const BatchRange& range : ranges) partitions.push_back(range.partition);
  return partitions;
}

}  // namespace

Ledger::Ledger(std::unique_ptr<Sqlite> db) : db_(std::move(db)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::Create(const std::string& path, const std::string& lake_id,
                                               const Options& options) {
  FOREBAY_ASSIGN(auto db, Sqlite::Open(path, {true, options.busy_timeout_ms, options.vfs}));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(db)));
  {
    FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*ledger->db_));
    FOREBAY_ASSIGN(ledger->version_, SchemaVersion(*ledger->db_));
    if (ledger->version_ == 0) {
      FOREBAY_TRY(WriteSchema(*ledger->db_, lake_id));
      FOREBAY_TRY(transaction.Commit());
      ledger->version_ = kLedgerVersion;
    }
  }
  FOREBAY_TRY(CheckWith(*ledger->db_, "quick_check"));
  FOREBAY_TRY(ledger->Upgrade());
  FOREBAY_TRY(ledger->LoadLakeId());
  FOREBAY_ASSIGN(const BatchId last, ledger->LastBatch());
  if (last.value() > 0 && FOREBAY_SAFEGUARD("begin:ledger_has_no_batch")) {
    return CorruptionError(
        "the ledger " + path + " has landed " + std::to_string(last.value()) +
        " batches, but its lake has no lake.json; put lake.json and the files back from a backup");
  }
  return ledger;
}

Result<std::unique_ptr<Ledger>> Ledger::Open(const std::string& path, const Options& options) {
  FOREBAY_ASSIGN(std::unique_ptr<Ledger> ledger, OpenForReading(path, options));
  if (FOREBAY_SAFEGUARD("start:ledger_is_whole")) FOREBAY_TRY(CheckWith(*ledger->db_, "quick_check"));
  FOREBAY_TRY(ledger->Upgrade());
  return ledger;
}

Result<std::unique_ptr<Ledger>> Ledger::OpenForReading(const std::string& path, const Options& options) {
  FOREBAY_ASSIGN(auto db, Sqlite::Open(path, {false, options.busy_timeout_ms, options.vfs}));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(db)));
  FOREBAY_ASSIGN(ledger->version_, SchemaVersion(*ledger->db_));
  if (ledger->version_ == 0 && FOREBAY_SAFEGUARD("start:ledger_is_not_empty"))
    return CorruptionError("the ledger " + path + " is empty; put it back from a backup");
  FOREBAY_TRY(ledger->LoadLakeId());
  return ledger;
}

// A program of an older version that has the ledger open goes on, or fails without writing where a name
// changed.
Status Ledger::Upgrade() {
  if (version_ == kLedgerVersion) return Ok();
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_ASSIGN(version_, SchemaVersion(*db_));
  if (version_ == kLedgerVersion) return Ok();  // another process did it
  FOREBAY_TRY(UpgradeSchema(*db_, version_));
  FOREBAY_FAILPOINT("upgrade:written");
  FOREBAY_TRY(transaction.Commit());
  version_ = kLedgerVersion;
  return Ok();
}

Status Ledger::LoadLakeId() {
  FOREBAY_ASSIGN(std::optional<std::string> id, LoadLake(*db_));
  if (!id) return CorruptionError("ledger " + db_->path() + " has no lake id; restore it from a backup");
  lake_id_ = *std::move(id);
  return Ok();
}

Result<BatchId> Ledger::LastBatch() {
  return LoadLastBatch(*db_);
}

Status Ledger::CheckIntegrity() {
  FOREBAY_TRY(CheckWith(*db_, "integrity_check"));
  FOREBAY_ASSIGN(const auto orphan,
                 FindRow<Orphan>(*db_, kOrphanColumns, "FROM pragma_foreign_key_check LIMIT 1"));
  if (!orphan) return Ok();
  return db_->Damaged(orphan->table + " has rows that belong to missing rows of " + orphan->parent);
}

Result<BatchState> Ledger::StateOf(BatchId batch) {
  return LoadBatchState(*db_, batch);
}

Status Ledger::CommitBeginnings(const std::vector<Beginning>& beginnings) {
  if (beginnings.empty()) return Ok();
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_ASSIGN(const LedgerState before, LoadState(*db_));
  FOREBAY_TRY(CanBegin(before, beginnings));
  LedgerState after = before;
  ApplyBegin(after, beginnings, WallClockMillis());
  for (const auto& [id, topic] : after.topics) {
    if (!before.topics.contains(id)) FOREBAY_TRY(InsertTopic(*db_, topic));
  }
  std::vector<LedgerPartition> partitions;
  for (const Beginning& beginning : beginnings) {
    const PartitionProgress& progress = after.partitions.at(beginning.partition);
    partitions.push_back({beginning.partition, progress.beginning, progress.next});
  }
  FOREBAY_TRY(InsertPartitions(*db_, partitions));
  return transaction.Commit();
}

Result<DecidedBatch> Ledger::Decide(const BatchProposal& proposal,
                                    const std::function<Status()>& recheck_staged) {
  FOREBAY_TRY(CheckProposal(proposal));
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_FAILPOINT("decide:begun");
  FOREBAY_ASSIGN(LedgerState state, LoadState(*db_));
  FOREBAY_TRY(CanDecide(state, proposal));
  if (FOREBAY_SAFEGUARD("decide:recheck_staged")) FOREBAY_TRY(recheck_staged());
  ApplyDecide(state, proposal);
  FOREBAY_ASSIGN(DecidedBatch decided, InsertBatch(*db_, state.last_batch, proposal, WallClockMillis()));
  FOREBAY_TRY(SetNext(*db_, state, PartitionsOf(proposal.ranges)));
  FOREBAY_FAILPOINT("decide:written");
  FOREBAY_TRY(transaction.Commit());
  return decided;
}

Status Ledger::MarkPublished(BatchId batch) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_ASSIGN(const BatchState state, LoadBatchState(*db_, batch));
  if (state == BatchState::kPublished) return Ok();
  FOREBAY_ASSIGN(Statement update,
                 db_->Prepare("UPDATE batches SET state = 'published', published_at_ms = ? WHERE batch = ?"));
  FOREBAY_TRY(update.Run(WallClockMillis(), batch));
  return transaction.Commit();
}

Result<int> Ledger::RemoveOrphans(const std::function<Result<std::vector<std::string>>()>& list_staged,
                                  const std::function<Status(const std::string&)>& unlink) {
  // Nothing is written: the write lock keeps Decide, here or elsewhere, from naming a file that is being
  // unlinked.
  FOREBAY_ASSIGN(const Transaction transaction, FOREBAY_SAFEGUARD("recover:orphans_under_the_write_lock")
                                                    ? Transaction::BeginWriting(*db_)
                                                    : Transaction::BeginReading(*db_));
  FOREBAY_ASSIGN(const std::vector<LedgerFile> files,
                 LoadFiles(*db_, BatchId(0), kNewestBatch, WhichFiles::kUnpublished));
  FOREBAY_ASSIGN(const std::vector<LedgerFile> rebuilt,
                 LoadFiles(*db_, BatchId(0), kNewestBatch, WhichFiles::kUnfinishedRebuilds));
  std::set<std::string> wanted;
  for (const LedgerFile& file : files) wanted.insert(file.file.staged_name);
  for (const LedgerFile& file : rebuilt) wanted.insert(file.file.staged_name);
  FOREBAY_ASSIGN(const std::vector<std::string> staged, list_staged());
  int removed = 0;
  for (const std::string& name : staged) {
    if (wanted.contains(name) && FOREBAY_SAFEGUARD("recover:keep_what_is_decided")) continue;
    FOREBAY_FAILPOINT("orphans:before_unlink");
    FOREBAY_TRY(unlink(name));
    ++removed;
  }
  return removed;
}

Status Ledger::AcceptLoss(const std::vector<LostRange>& lost) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_ASSIGN(LedgerState state, LoadState(*db_));
  FOREBAY_TRY(CanAcceptLoss(state, lost));
  ApplyAcceptLoss(state, lost);
  std::vector<LostRange> rows = lost;
  std::vector<TopicPartition> partitions;
  for (LostRange& row : rows) {
    row.accepted_at_ms = WallClockMillis();
    partitions.push_back(row.partition);
  }
  FOREBAY_TRY(InsertLost(*db_, rows));
  FOREBAY_TRY(SetNext(*db_, state, partitions));
  return transaction.Commit();
}

Status Ledger::AdoptTopic(const std::string& topic, const TopicId& from, const TopicId& to) {
  FOREBAY_ASSIGN(Transaction transaction, Transaction::BeginWriting(*db_));
  FOREBAY_ASSIGN(LedgerState state, LoadState(*db_));
  FOREBAY_TRY(CanAdopt(state, topic, from, to));
  const int64_t now_ms = WallClockMillis();
  ApplyAdopt(state, topic, to, now_ms);
  FOREBAY_ASSIGN(Statement retire, db_->Prepare("UPDATE topics SET current = 0 WHERE topic_id = ?"));
  FOREBAY_TRY(retire.Run(from));
  FOREBAY_TRY(InsertTopic(*db_, state.topics.at(to)));
  FOREBAY_TRY(InsertAdoption(*db_, {topic, from, to, now_ms}));
  return transaction.Commit();
}

std::string ContractHash(const std::string& yaml) {
  const XXH128_hash_t hash = XXH3_128bits(yaml.data(), yaml.size());
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  return HexDigits(canonical.digest);
}

}  // namespace forebay
