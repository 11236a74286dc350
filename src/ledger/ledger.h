// The ledger records which offset ranges were landed in which files, and is the only source of truth about
// progress. It is a SQLite database that a LedgerStore keeps: for a lake on a disk the file
// `_forebay/ledger.db`. docs/formats.md has the schema. rules.h has the transition rules, which the Ledger
// checks inside each transaction before it writes.
//
// Thread-compatible: one thread at a time. Several Ledgers, in one process or in several, may be open on one
// ledger; each call is one transaction. Nothing else may open the file: a plain open and close of it in this
// process drops SQLite's locks.
//
// Errors:
//   kConflict            another process landed or began this first: nothing was written; read the ledger
//                        again
//   kCommitStateUnknown  the commit failed, and whether it took effect is unknown: delete nothing, end the
//                        process; the Ledger refuses every later call
//   kLockHeld            another Ledger took over (LedgerStore::CheckNotFenced): nothing was written
//   kCorruption          the ledger is damaged or missing: nothing was written
//   kFailedPrecondition  a rule refuses the change, or the ledger's version is unknown: nothing was written
//   kInvalidArgument     the proposal contradicts itself: nothing was written
//   kIoError             disk error, or another process keeps the ledger busy: nothing was written
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "ledger/records.h"
#include "ledger/rules.h"

namespace forebay {

class LedgerStore;

// The position in a partition's current log.
struct LogPosition {
  Incarnation incarnation;
  Offset next;
  bool operator==(const LogPosition&) const = default;
};

struct LedgerOptions {
  int64_t busy_timeout_ms = 60'000;  // how long a call retries while the ledger is busy
  const char* vfs = nullptr;         // name of the SQLite VFS; nullptr: the system's
};

class Ledger {
 public:
  using Options = LedgerOptions;
  ~Ledger();

  // Creates a ledger with this lake id, or opens an existing one that holds no batch yet (which keeps its own
  // id). Refuses a damaged file and a ledger with batches.
  static Result<std::unique_ptr<Ledger>> Create(const std::string& path, const std::string& lake_id,
                                                const Options& options = {});
  static Result<std::unique_ptr<Ledger>> Create(std::unique_ptr<LedgerStore> store,
                                                const std::string& lake_id);
  // For landing and everything else that changes the ledger. Refuses a missing, empty, damaged or foreign
  // file, and a schema of a newer version. Upgrades a schema of an older version.
  static Result<std::unique_ptr<Ledger>> Open(const std::string& path, const Options& options = {});
  static Result<std::unique_ptr<Ledger>> Open(std::unique_ptr<LedgerStore> store);
  // For status and verify. Opens the file read-write, because SQLite cannot read a hot journal otherwise, but
  // only Snapshot and the other reading calls may be used. Does not check the file for damage: CheckIntegrity
  // does. Does not upgrade a schema of an older version.
  static Result<std::unique_ptr<Ledger>> OpenForReading(const std::string& path, const Options& options = {});
  static Result<std::unique_ptr<Ledger>> OpenForReading(std::unique_ptr<LedgerStore> store);

  const std::string& lake_id() const { return lake_id_; }

  // ---- reading ----
  Result<BatchId> LastBatch();  // 0: none yet
  // The current log of every partition of this topic id that has a beginning; and of every topic id.
  Result<std::map<PartitionId, LogPosition>> NextPositions(const TopicId& topic_id);
  Result<std::map<TopicId, std::map<PartitionId, LogPosition>>> NextPositions();
  // For each log, up to `most` records that were landed from it, newest first, at growing distances. Empty
  // where none was landed, or none by a version that keeps them.
  Result<std::vector<std::vector<LandedRecord>>> LastRecords(const std::vector<TopicPartition>& logs,
                                                             size_t most);
  // All incarnations of all topics that were begun.
  Result<std::vector<LedgerTopic>> Topics();
  // The tables and templates with patterns that NotePatternTables has noted.
  Result<std::set<std::string>> PatternTables();
  // The contract of the newest batch; nullopt before the first batch.
  Result<std::optional<std::string>> LatestContract();
  // Each contract that rows of a table were landed with, up to the batch `until`: the newest first.
  Result<std::vector<LandedTable>> LandedTables(BatchId until = kNewestBatch);
  // Topics of which something was landed, or given up.
  Result<std::vector<LedgerTopic>> LandedTopics();
  // Batches that are decided but not published, in order.
  Result<std::vector<DecidedBatch>> Unpublished();
  Result<BatchState> StateOf(BatchId batch);
  // A copy of the whole ledger, read in one short transaction. Of the batches, only those newer than `since`
  // and not newer than `until`.
  Result<LedgerSnapshot> Snapshot(BatchId since = BatchId(0), BatchId until = kNewestBatch);
  // Those of `places` that no batch in the ledger names, whatever became of the files. Reads all files'
  // names.
  Result<std::vector<FilePlace>> FindUnknown(std::vector<FilePlace> places);
  // The columns that transforms have added to files, by table and name; none in an older version.
  Result<std::vector<AddedColumn>> AddedColumns();
  // Files that an operator's expiry is removing, and rebuilt files that may not be in place yet. REQUIRES:
  // opened by Create or Open.
  Result<std::vector<LedgerFile>> Expiring();
  Result<std::vector<LedgerFile>> UnfinishedRebuilds();
  // SQLite's full integrity check: kCorruption with its findings.
  Status CheckIntegrity();

  // ---- writing: one durable transaction each ----
  // All or none. kConflict if a partition already has a beginning; kFailedPrecondition if the topic's name is
  // known with another id (the topic was recreated), or the id with another name or table.
  Status CommitBeginnings(const std::vector<Beginning>& beginnings);
  // Notes that a landing has looked for the topics of these tables: what appears later has no history that
  // anybody chose to leave out. Idempotent.
  Status NotePatternTables(const std::vector<std::string>& tables);
  // The commit point. In one transaction: every range's `from` must be the ledger's next offset (kConflict
  // otherwise), `recheck_staged` must confirm that every staged file still exists (its error is returned
  // unchanged), then the batch is written. Where another process commits first, all of it is done again.
  // Returns the batch's id and its files, in the proposal's order. kCorruption if the ledger ends before a
  // batch that this Ledger has seen: an older copy replaced it.
  Result<DecidedBatch> Decide(const BatchProposal& proposal, const std::function<Status()>& recheck_staged);
  // Idempotent. REQUIRES: every file of the batch is durably in its place.
  Status MarkPublished(BatchId batch);
  // Lists staging, and unlinks the files that no unpublished batch and no unfinished rebuild names. No other
  // Ledger can decide on one of them meanwhile. Returns the number of unlinked files.
  Result<int> RemoveOrphans(const std::function<Result<std::vector<std::string>>()>& list_staged,
                            const std::function<Status(const std::string&)>& unlink);
  // Operator action: accepts the loss of `offsets` of each partition. `from` must be the ledger's next offset
  // (kConflict otherwise).
  Status AcceptLoss(const std::vector<LostRange>& lost);
  // Operator action: adopts a recreated topic. `to` becomes the current incarnation of the topic's name.
  // kConflict if `from` is not the current one.
  Status AdoptTopic(const std::string& topic, const TopicId& from, const TopicId& to);
  // Gives a topic another table. kFailedPrecondition if anything of it was landed or given up.
  Status RenameTable(const std::string& topic, const std::string& table);
  // Operator action: adopts logs that were cut back and grew again, all or none. kConflict if one of them was
  // landed or adopted meanwhile.
  Status AdoptLogs(const std::vector<LogAdoption>& adoptions);
  // Marks the present files of this table's published batches for which `selects` returns true as kExpiring,
  // and returns them. `selection` is recorded as the operator's request. Writes nothing if no file is
  // selected. kFailedPrecondition if a selected file has an unfinished rebuild.
  Result<std::vector<LedgerFile>> BeginExpiry(const std::string& table, const std::string& selection,
                                              const std::function<bool(const LedgerFile&)>& selects);
  // Idempotent. REQUIRES: these files are kExpiring or kExpired, and durably removed.
  Status MarkExpired(const std::vector<LedgerFile>& files);
  // Records the staged files that replace `before`, all or none. kConflict if the ledger has another file by
  // now, or an operator's expiry removed it; `recheck_staged` as for Decide.
  struct RebuiltFile {
    LedgerFile before;
    ProposedFile after;  // of the same table, directory and number of rows
    std::string damage;  // as in Rebuild
  };
  Status DecideRebuild(const std::vector<RebuiltFile>& files, const std::function<Status()>& recheck_staged);
  // Idempotent. REQUIRES: each file is durably in its place.
  Status MarkRebuilt(const std::vector<LedgerFile>& files);

 private:
  explicit Ledger(std::unique_ptr<LedgerStore> store);
  Status LoadLakeId();
  Status Upgrade();

  std::unique_ptr<LedgerStore> store_;
  std::string lake_id_;
  BatchId newest_seen_;
  int64_t version_ = 0;  // of the schema, when it was last read
};

}  // namespace forebay
