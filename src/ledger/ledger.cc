#include "ledger/ledger.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/time.h"
#include "ledger/added_columns.h"
#include "ledger/columns.h"
#include "ledger/ledger_store.h"
#include "ledger/rows.h"
#include "ledger/rules.h"
#include "ledger/schema.h"
#include "ledger/sqlite_ledger_store.h"
#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

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

// The staged names of files that the ledger decided, and that may still be in staging.
Result<std::set<std::string>> LoadStagedNames(Sqlite& db) {
  std::set<std::string> names;
  for (const WhichFiles which : {WhichFiles::kUnpublished, WhichFiles::kUnfinishedRebuilds}) {
    FOREBAY_ASSIGN(const std::vector<LedgerFile> files, LoadFiles(db, BatchId(0), kNewestBatch, which));
    for (const LedgerFile& file : files) names.insert(file.file.staged_name);
  }
  return names;
}

}  // namespace

Ledger::Ledger(std::unique_ptr<LedgerStore> store) : store_(std::move(store)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::Create(const std::string& path, const std::string& lake_id,
                                               const Options& options) {
  FOREBAY_ASSIGN(auto store, SqliteLedgerStore::Open(path, {true, options.busy_timeout_ms, options.vfs}));
  return Create(std::move(store), lake_id);
}

Result<std::unique_ptr<Ledger>> Ledger::Create(std::unique_ptr<LedgerStore> store,
                                               const std::string& lake_id) {
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(store)));
  FOREBAY_TRY(ApplyChange(*ledger->store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(ledger->version_, SchemaVersion(db));
    if (ledger->version_ != 0) return false;
    FOREBAY_TRY(ledger->store_->UpgradeSchema(0));
    FOREBAY_TRY(InsertLake(db, lake_id, WallClockMillis()));
    return true;
  }));
  if (ledger->version_ == 0) ledger->version_ = kLedgerVersion;
  FOREBAY_TRY(ledger->store_->CheckIntegrity(LedgerStore::Depth::kQuick));
  FOREBAY_TRY(ledger->Upgrade());
  FOREBAY_TRY(ledger->LoadLakeId());
  FOREBAY_ASSIGN(const BatchId last, ledger->LastBatch());
  if (last.value() > 0 && FOREBAY_SAFEGUARD("begin:ledger_has_no_batch")) {
    FOREBAY_ASSIGN(const Sqlite* const db, ledger->store_->Load());
    return CorruptionError("lake.json missing, but the ledger " + db->path() + " has " +
                           std::to_string(last.value()) +
                           " batches; restore lake.json and the lake's files from a backup");
  }
  return ledger;
}

Result<std::unique_ptr<Ledger>> Ledger::Open(const std::string& path, const Options& options) {
  FOREBAY_ASSIGN(auto store, SqliteLedgerStore::Open(path, {false, options.busy_timeout_ms, options.vfs}));
  return Open(std::move(store));
}

Result<std::unique_ptr<Ledger>> Ledger::Open(std::unique_ptr<LedgerStore> store) {
  FOREBAY_ASSIGN(std::unique_ptr<Ledger> ledger, OpenForReading(std::move(store)));
  FOREBAY_GUARDED("start:ledger_is_whole",
                  FOREBAY_TRY(ledger->store_->CheckIntegrity(LedgerStore::Depth::kQuick)));
  FOREBAY_TRY(ledger->Upgrade());
  return ledger;
}

Result<std::unique_ptr<Ledger>> Ledger::OpenForReading(const std::string& path, const Options& options) {
  FOREBAY_ASSIGN(auto store, SqliteLedgerStore::Open(path, {false, options.busy_timeout_ms, options.vfs}));
  return OpenForReading(std::move(store));
}

Result<std::unique_ptr<Ledger>> Ledger::OpenForReading(std::unique_ptr<LedgerStore> store) {
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(store)));
  FOREBAY_ASSIGN(Sqlite * db, ledger->store_->Load());
  FOREBAY_ASSIGN(ledger->version_, SchemaVersion(*db));
  if (ledger->version_ == 0 && FOREBAY_SAFEGUARD("start:ledger_is_not_empty"))
    return CorruptionError("ledger " + db->path() + " is empty; restore it from a backup");
  FOREBAY_TRY(ledger->LoadLakeId());
  return ledger;
}

// A process of an older version that has the ledger open continues, or fails without writing where a name
// changed.
Status Ledger::Upgrade() {
  if (version_ == kLedgerVersion) return Ok();
  FOREBAY_TRY(ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(const int64_t version, SchemaVersion(db));
    if (version == kLedgerVersion) return false;  // another process upgraded it
    FOREBAY_TRY(store_->UpgradeSchema(version));
    FOREBAY_FAILPOINT("upgrade:written");
    return true;
  }));
  version_ = kLedgerVersion;
  return Ok();
}

Status Ledger::LoadLakeId() {
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(std::optional<std::string> id, LoadLake(*db));
  if (!id) return CorruptionError("ledger " + db->path() + " has no lake id; restore it from a backup");
  lake_id_ = *std::move(id);
  return Ok();
}

Status Ledger::CheckIntegrity() {
  FOREBAY_TRY(store_->CheckIntegrity(LedgerStore::Depth::kFull));
  FOREBAY_ASSIGN(Sqlite * db, store_->Load());
  FOREBAY_ASSIGN(const auto orphan,
                 FindRow<Orphan>(*db, kOrphanColumns, "FROM pragma_foreign_key_check LIMIT 1"));
  if (!orphan) return Ok();
  return db->Damaged(orphan->table + " has rows that belong to missing rows of " + orphan->parent);
}

Status Ledger::CommitBeginnings(const std::vector<Beginning>& beginnings) {
  if (beginnings.empty()) return Ok();
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(const LedgerState before, LoadState(db));
    FOREBAY_TRY(CanBegin(before, beginnings));
    LedgerState after = before;
    ApplyBegin(after, beginnings, WallClockMillis());
    for (const auto& [id, topic] : after.topics) {
      if (!before.topics.contains(id)) FOREBAY_TRY(InsertTopic(db, topic));
    }
    std::vector<LedgerPartition> partitions;
    for (const Beginning& beginning : beginnings) {
      const PartitionProgress& progress = after.partitions.at(beginning.partition);
      partitions.push_back(
          {beginning.partition, progress.beginning, progress.next, std::nullopt, std::nullopt, true});
    }
    FOREBAY_TRY(InsertPartitions(db, partitions));
    return true;
  });
}

Status Ledger::NotePatternTables(const std::vector<std::string>& tables) {
  FOREBAY_ASSIGN(std::set<std::string> known, PatternTables());
  const auto is_known = [&](const std::string& table) { return known.contains(table); };
  if (std::all_of(tables.begin(), tables.end(), is_known)) return Ok();
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(const std::vector<PatternTable> before, LoadPatternTables(db));
    for (const PatternTable& row : before) known.insert(row.table);
    std::vector<PatternTable> fresh;
    for (const std::string& table : tables) {
      if (known.insert(table).second) fresh.push_back({table, WallClockMillis()});
    }
    FOREBAY_TRY(InsertPatternTables(db, fresh));
    return !fresh.empty();
  });
}

Result<DecidedBatch> Ledger::Decide(const BatchProposal& proposal,
                                    const std::function<Status()>& recheck_staged) {
  DecidedBatch decided;
  FOREBAY_TRY(ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_FAILPOINT("decide:begun");
    FOREBAY_TRY(store_->CheckNotFenced());
    FOREBAY_ASSIGN(LedgerState state, LoadState(db));
    if (state.last_batch < newest_seen_ && FOREBAY_SAFEGUARD("decide:ledger_was_not_replaced")) {
      return db.Damaged("it ends with batch " + std::to_string(state.last_batch.value()) +
                        ", but had batch " + std::to_string(newest_seen_.value()) +
                        " before: an older copy replaced it");
    }
    FOREBAY_TRY(CanDecide(state, proposal));
    FOREBAY_GUARDED("decide:recheck_staged", FOREBAY_TRY(recheck_staged()));
    ApplyDecide(state, proposal);
    FOREBAY_ASSIGN(decided, InsertBatch(db, state.last_batch, proposal, WallClockMillis()));
    FOREBAY_TRY(SetNext(db, state, PartitionsOf(proposal.ranges)));
    FOREBAY_TRY(AddColumns(db, state.last_batch, proposal.added_columns));
    FOREBAY_FAILPOINT("decide:written");
    return true;
  }));
  newest_seen_ = decided.id;
  return decided;
}

Status Ledger::MarkPublished(BatchId batch) {
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(const BatchState state, LoadBatchState(db, batch));
    if (state == BatchState::kPublished) return false;
    FOREBAY_ASSIGN(Statement update,
                   db.Prepare("UPDATE batches SET state = 'published', published_at_ms = ? WHERE batch = ?"));
    FOREBAY_TRY(update.Run(WallClockMillis(), batch));
    return true;
  });
}

Result<int> Ledger::RemoveOrphans(const std::function<Result<std::vector<std::string>>()>& list_staged,
                                  const std::function<Status(const std::string&)>& unlink) {
  for (int attempt = 0; attempt < kMaxLostRaces; ++attempt) {
    std::optional<OpenChange> change;
    if (FOREBAY_SAFEGUARD("recover:orphans_under_the_write_lock")) {
      FOREBAY_ASSIGN(OpenChange begun, OpenChange::Begin(*store_));
      change.emplace(std::move(begun));
    }
    FOREBAY_ASSIGN(Sqlite * db, change ? Result<Sqlite*>(&change->db()) : store_->Load());
    FOREBAY_ASSIGN(const std::set<std::string> decided, LoadStagedNames(*db));
    FOREBAY_ASSIGN(const std::vector<std::string> staged, list_staged());
    FOREBAY_ASSIGN(const bool fenced, change ? store_->FenceOthers() : true);
    if (!fenced) continue;
    int removed = 0;
    for (const std::string& name : staged) {
      if (decided.contains(name) && FOREBAY_SAFEGUARD("recover:keep_what_is_decided")) continue;
      FOREBAY_FAILPOINT("orphans:before_unlink");
      FOREBAY_TRY(unlink(name));
      ++removed;
    }
    return removed;
  }
  return TooManyLostRaces();
}

Status Ledger::AcceptLoss(const std::vector<LostRange>& lost) {
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(LedgerState state, LoadState(db));
    FOREBAY_TRY(CanAcceptLoss(state, lost));
    ApplyAcceptLoss(state, lost);
    std::vector<LostRange> rows = lost;
    std::vector<TopicPartition> partitions;
    for (LostRange& row : rows) {
      row.accepted_at_ms = WallClockMillis();
      partitions.push_back(row.partition);
    }
    FOREBAY_TRY(InsertLost(db, rows));
    FOREBAY_TRY(SetNext(db, state, partitions));
    return true;
  });
}

Status Ledger::AdoptTopic(const std::string& topic, const TopicId& from, const TopicId& to) {
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(LedgerState state, LoadState(db));
    FOREBAY_TRY(CanAdopt(state, topic, from, to));
    const int64_t now_ms = WallClockMillis();
    ApplyAdopt(state, topic, to, now_ms);
    FOREBAY_ASSIGN(Statement retire, db.Prepare("UPDATE topics SET current = 0 WHERE topic_id = ?"));
    FOREBAY_TRY(retire.Run(from));
    FOREBAY_TRY(InsertTopic(db, state.topics.at(to)));
    FOREBAY_TRY(InsertAdoption(db, {topic, from, to, now_ms}));
    return true;
  });
}

Status Ledger::RenameTable(const std::string& topic, const std::string& table) {
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(const LedgerState state, LoadState(db));
    FOREBAY_TRY(CanRenameTable(state, topic, table));
    FOREBAY_ASSIGN(Statement rename, db.Prepare("UPDATE topics SET table_name = ? WHERE topic = ?"));
    FOREBAY_TRY(rename.Run(table, topic));
    return true;
  });
}

Status Ledger::AdoptLogs(const std::vector<LogAdoption>& adoptions) {
  return ApplyChange(*store_, [&](Sqlite& db) -> Result<bool> {
    FOREBAY_ASSIGN(LedgerState state, LoadState(db));
    std::vector<LedgerPartition> partitions;
    for (const LogAdoption& adoption : adoptions) {
      FOREBAY_TRY(CanAdoptLog(state, adoption));
      const TopicPartition to = ApplyAdoptLog(state, adoption);
      partitions.push_back(
          {to, adoption.beginning, adoption.beginning, WallClockMillis(), adoption.base, true});
    }
    FOREBAY_TRY(InsertPartitions(db, partitions));
    return true;
  });
}

}  // namespace forebay
