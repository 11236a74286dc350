// A ledger in a log of conditional writes (ledger_log.h). Every transaction is one entry, and appending it,
// inside the open SQLite transaction, is the commit point. The database is a cache in memory, built from the
// entries.
//
// The cache must have the newest entry's digest before a change. Where an entry does not apply, or the digest
// differs, the cache is rebuilt from the whole log once; kCorruption if that fails, too. A log that no longer
// has the entries that this store has seen was set back, which is kCorruption. Entries of an unknown version
// are kFailedPrecondition. After any of these, and after kCommitStateUnknown, the store refuses every call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/changeset.h"
#include "ledger/ledger_entry.h"
#include "ledger/ledger_log.h"
#include "ledger/ledger_store.h"

namespace forebay {

class LogLedgerStore final : public LedgerStore {
 public:
  explicit LogLedgerStore(std::shared_ptr<LedgerLog> log);
  ~LogLedgerStore() override;

  Result<Sqlite*> Load() override;
  Result<Sqlite*> BeginChange() override;
  Status UpgradeSchema(int64_t from) override;
  Result<bool> AppendChange() override;
  void DiscardChange() override;
  Result<bool> FenceOthers() override;
  Status CheckNotFenced() override;
  Status CheckIntegrity(Depth depth) override;

 private:
  // What the applied entries say. INVARIANT: the cache holds exactly the entries 1 to `entries`.
  struct Position {
    int64_t entries = 0;
    Bits128 hash{};    // of the newest entry
    Bits128 digest{};  // the newest entry's
    int64_t schema = 0;
    int64_t fence = 0;  // the number of the newest fence; 0: none
  };

  Status CatchUp();
  Status Rebuild();
  Status CheckContainsNewest(const std::vector<LedgerLog::Object>& objects) const;
  Result<bool> ApplyAll(const std::vector<LedgerLog::Object>& objects, size_t first);
  Result<bool> ApplyOne(const LedgerLog::Object& object, Position* position);
  Result<bool> HasDigest();
  // Sends the entry until its fate is certain. As AppendChange.
  Result<bool> AppendCertainly(int64_t number, const std::string& bytes);
  Result<bool> AppendEntry(LedgerEntry entry);
  // Remembers an error that makes the store unusable.
  Error Close(Error error);

  const std::shared_ptr<LedgerLog> log_;
  const Bits128 writer_;
  std::unique_ptr<Sqlite> cache_;
  Position at_;
  std::optional<int64_t> known_fence_;  // the newest fence when the ledger was opened, or its own
  std::optional<Error> closed_;

  // The open change. Declared after the cache: they end before it.
  std::optional<Transaction> change_;
  std::optional<ChangeRecorder> recorder_;
  int64_t schema_ = 0;  // the schema's version in the change
};

}  // namespace forebay
