// A ledger in a SQLite file. The commit point of a change is SQLite's COMMIT; its write lock keeps other
// processes from changing anything between BeginChange and AppendChange, so that no race is ever lost, and
// no other writer has to be fenced.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ledger/ledger_store.h"

namespace forebay {

class SqliteLedgerStore final : public LedgerStore {
 public:
  using Options = Sqlite::Options;
  // Nothing else may open the file: a plain open and close of it in this process drops SQLite's locks.
  static Result<std::unique_ptr<LedgerStore>> Open(const std::string& path, const Options& options);

  Result<Sqlite*> Load() override { return db_.get(); }
  Result<Sqlite*> BeginChange() override;
  Status UpgradeSchema(int64_t from) override;
  Result<bool> AppendChange() override;
  void DiscardChange() override { change_.reset(); }
  Result<bool> FenceOthers() override { return true; }
  Status CheckNotFenced() override { return Ok(); }
  Status CheckIntegrity(Depth depth) override;

 private:
  explicit SqliteLedgerStore(std::unique_ptr<Sqlite> db) : db_(std::move(db)) {}

  std::unique_ptr<Sqlite> db_;
  std::optional<Transaction> change_;
};

}  // namespace forebay
