// The ledger: which offset ranges were landed in which files. SQLite in `_forebay/ledger.db`; the only truth
// about progress. docs/formats.md has the schema; rules.h has the transition rules, which this shell asks
// inside each transaction before it writes.
//
// Thread-compatible: one thread at a time. Several Ledgers, in one process or in several, may be open on one
// file; each call is one transaction. Nothing else may open the file (a plain open and close of it in this
// process drops SQLite's locks).
//
// Errors:
//   kConflict        somebody else landed or began this first: nothing was written; read the ledger again
//   kCommitStateUnknown  COMMIT failed, and whether it took place is unknown: delete nothing, end the
//   process. The Ledger
//                    refuses every later call
//   kInvalidArgument           the ledger is not this lake's, is damaged, or a rule refuses the change:
//   nothing was written kIoError           the disk, or another process that keeps the ledger busy: nothing
//   was written
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "ledger/records.h"

namespace forebay {

class Sqlite;

struct LedgerOptions {
  int64_t busy_timeout_ms = 60'000;  // how long a busy ledger is tried before a call gives up
  const char* vfs = nullptr;         // SQLite VFS by name; nullptr is the system's
};

class Ledger {
 public:
  using Options = LedgerOptions;
  ~Ledger();

  // Begins a ledger with this lake id, or goes on with one that was begun and holds no batch yet (its own id
  // then stands). A damaged file or a ledger with batches is refused.
  static Result<std::unique_ptr<Ledger>> Create(const std::string& path, const std::string& lake_id,
                                                const Options& options = {});
  // For landing, and whatever else changes it. Refuses a missing, empty, damaged or foreign file, and a
  // schema of a newer version; one of an older version becomes one of this version.
  static Result<std::unique_ptr<Ledger>> Open(const std::string& path, const Options& options = {});
  // For status and verify: read-write (a hot journal cannot be read otherwise), but only Snapshot and the
  // other reading calls may be used. The file is not searched for damage: CheckIntegrity does that. One of an
  // older version stays as it is.
  static Result<std::unique_ptr<Ledger>> OpenForReading(const std::string& path, const Options& options = {});

  const std::string& lake_id() const { return lake_id_; }

  // ---- reading ----
  Result<BatchId> LastBatch();  // 0: none yet
  // The next position of every partition of this topic id that has a beginning.
  Result<std::map<PartitionId, Offset>> NextPositions(const TopicId& topic_id);
  // What the ledger calls the current incarnation of the topic of this name; nothing when it was never begun.
  Result<std::optional<LedgerTopic>> CurrentTopic(const std::string& topic);
  // The contract that the newest batch was landed with; nothing before the first batch.
  Result<std::optional<std::string>> LatestContract();
  // Batches that are decided and not published, in order.
  Result<std::vector<DecidedBatch>> Unpublished();
  Result<BatchState> StateOf(BatchId batch);
  // Everything, copied out in one short transaction; of batches only those newer than `since` and not newer
  // than `until`.
  Result<LedgerSnapshot> Snapshot(BatchId since = BatchId(0), BatchId until = kNewestBatch);
  // Files that are being removed on purpose, and those that were landed again and may not be in place yet.
  Result<std::vector<LedgerFile>> Expiring();
  Result<std::vector<LedgerFile>> UnfinishedRebuilds();
  // SQLite's full integrity check: kInvalidArgument with what it found.
  Status CheckIntegrity();

  // ---- changing: one durable transaction each ----
  // All or none. kConflict when a partition has a beginning already; kInvalidArgument when the topic's name
  // is known with another id (the topic was recreated), or the id with another name or table.
  Status CommitBeginnings(const std::vector<Beginning>& beginnings);
  // The commit point. Inside one BEGIN IMMEDIATE: every range's `from` must be the ledger's next (kConflict
  // otherwise), `recheck_staged` must find every staged file still there (its error is returned as it is),
  // then the batch is written. Gives the batch's id and the final place of each file, in the proposal's
  // order.
  Result<DecidedBatch> Decide(const BatchProposal& proposal, const std::function<Status()>& recheck_staged);
  // Idempotent. REQUIRES: every file of the batch is durably in its place.
  Status MarkPublished(BatchId batch);
  // Inside one BEGIN IMMEDIATE: lists staging, and unlinks what no unpublished batch names. How many it
  // unlinked.
  Result<int> RemoveOrphans(const std::function<Result<std::vector<std::string>>()>& list_staged,
                            const std::function<Status(const std::string&)>& unlink);
  // Gives up `offsets` of each partition on purpose: `from` must be the ledger's next (kConflict otherwise).
  Status AcceptLoss(const std::vector<LostRange>& lost);
  // Takes a recreated topic: `to` becomes the current incarnation of the topic's name. kConflict when `from`
  // is not.
  Status AdoptTopic(const std::string& topic, const TopicId& from, const TopicId& to);
  // The present files of published batches of this table that `selects` chooses become kExpiring, on record
  // with `selection` as what was asked for; gives these. Nothing is written where there are none.
  // kInvalidArgument when one of them is being landed again and that is not finished.
  Result<std::vector<LedgerFile>> BeginExpiry(const std::string& table, const std::string& selection,
                                              const std::function<bool(const LedgerFile&)>& selects);
  // Idempotent. REQUIRES: these files are kExpiring or kExpired, and durably gone.
  Status MarkExpired(const std::vector<LedgerFile>& files);
  // Names the staged files that take the place of `before`, all or none. kConflict when the ledger has
  // another file by now, or one that was removed on purpose; `recheck_staged` as for Decide.
  struct RebuiltFile {
    LedgerFile before;
    ProposedFile after;  // of the same table, directory and number of rows
    std::string damage;  // as in Rebuild
  };
  Status DecideRebuild(const std::vector<RebuiltFile>& files, const std::function<Status()>& recheck_staged);
  // Idempotent. REQUIRES: each file is durably in its place.
  Status MarkRebuilt(const std::vector<LedgerFile>& files);

 private:
  explicit Ledger(std::unique_ptr<Sqlite> db);
  Status LoadLakeId();
  Status Upgrade();

  std::unique_ptr<Sqlite> db_;
  std::string lake_id_;
  int64_t version_ = 0;  // of the schema that was found
};

// The key of a contract text in the ledger: XXH3 (128 bit) in 32 hex digits.
std::string ContractHash(const std::string& yaml);

}  // namespace forebay
