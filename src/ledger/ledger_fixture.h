// For the ledger's tests: a ledger in each kind of store, and a batch to land.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "ledger/ledger.h"
#include "ledger/log_ledger_store.h"
#include "ledger/memory_ledger_log.h"
#include "ledger/sqlite.h"
#include "ledger/sqlite_ledger_store.h"

namespace forebay {

inline const TopicId kClicks("AAAAAAAAAAAAAAAAAAAAAQ");
inline constexpr const char* kLakeId = "01234567-89ab-4cde-8fab-0123456789ab";
inline constexpr uint64_t kLarge = 0xfedcba9876543210;

// One ledger, which any number of stores may be open on.
class LedgerBackend {
 public:
  virtual ~LedgerBackend() = default;
  virtual std::unique_ptr<LedgerStore> OpenStore() = 0;
};

class SqliteBackend final : public LedgerBackend {
 public:
  SqliteBackend() : path_(testing::TempDir() + "/ledger_test." + std::to_string(::getpid()) + ".db") {
    std::filesystem::remove(path_);
  }
  ~SqliteBackend() override { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }
  std::unique_ptr<LedgerStore> OpenStore() override {
    return std::move(*SqliteLedgerStore::Open(path_, {true, 0, nullptr}));
  }

 private:
  std::string path_;
};

class LogBackend final : public LedgerBackend {
 public:
  MemoryLedgerLog& log() { return *log_; }
  std::unique_ptr<LedgerStore> OpenStore() override { return std::make_unique<LogLedgerStore>(log_); }

 private:
  std::shared_ptr<MemoryLedgerLog> log_ = std::make_shared<MemoryLedgerLog>();
};

inline TopicPartition ClicksPartition(int partition) {
  return {kClicks, PartitionId(partition)};
}

// Offsets of partition 0, with two rows and a quarantined record.
inline BatchProposal Proposal(int64_t from, int64_t to) {
  BatchProposal proposal;
  proposal.contract_yaml = "version: 1\n";
  proposal.engine = "native";
  proposal.engine_version = "0.1.0";
  proposal.ranges = {
      {ClicksPartition(0), {Offset(from), Offset(to)}, 2, 1, 0, 1'700'000'000'000'000, std::nullopt}};
  proposal.files.resize(2);
  proposal.files[0] = {"clicks",
                       "date=2025-10-30",
                       NewPlace("", "").file_name,
                       RandomStagedName(),
                       2,
                       123,
                       kLarge,
                       kLarge + 1,
                       kLarge + 2,
                       -5,
                       7};
  proposal.files[1] = {
      "quarantine", "date=2025-10-31", NewPlace("", "").file_name, RandomStagedName(), 1, 45, 1, 2, 3,
      std::nullopt, std::nullopt};
  proposal.quarantine = {{"clicks", "not_json", 1}};
  proposal.untimed = {{"clicks", 3}};
  return proposal;
}

// The check of staged files, passed.
inline Status StagedFilesExist() {
  return Ok();
}

template <typename T>
void ExpectRefused(const Result<T>& result, const std::string& why, ErrorCode code = ErrorCode::kCorruption) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), code) << result.error().message();
  EXPECT_THAT(result.error().message(), testing::HasSubstr(why));
}

// Opens ledgers on one backend.
class LedgerFixture : public testing::Test {
 protected:
  explicit LedgerFixture(std::unique_ptr<LedgerBackend> backend) : backend_(std::move(backend)) {}

  std::unique_ptr<Ledger> Create(const std::string& lake_id = kLakeId) {
    return Opened(Ledger::Create(backend_->OpenStore(), lake_id));
  }
  std::unique_ptr<Ledger> Open() { return Opened(Ledger::Open(backend_->OpenStore())); }
  std::unique_ptr<Ledger> CreateAndBegin() {
    auto ledger = Create();
    const Status status =
        ledger->CommitBeginnings({{"shop.clicks", "clicks", ClicksPartition(0), Offset(5)}});
    EXPECT_TRUE(status.ok()) << status.error().message();
    return ledger;
  }

  const std::unique_ptr<LedgerBackend> backend_;

 private:
  static std::unique_ptr<Ledger> Opened(Result<std::unique_ptr<Ledger>> ledger) {
    EXPECT_TRUE(ledger.ok()) << ledger.error().message();
    return std::move(*ledger);
  }
};

// The same for each kind of store.
enum class StoreKind { kSqlite, kLog };
class EachStore : public LedgerFixture, public testing::WithParamInterface<StoreKind> {
 protected:
  EachStore() : LedgerFixture(MakeBackend()) {}

 private:
  static std::unique_ptr<LedgerBackend> MakeBackend() {
    if (GetParam() == StoreKind::kSqlite) return std::make_unique<SqliteBackend>();
    return std::make_unique<LogBackend>();
  }
};
inline const auto kEachStore = testing::Values(StoreKind::kSqlite, StoreKind::kLog);
inline std::string StoreName(const testing::TestParamInfo<StoreKind>& info) {
  return info.param == StoreKind::kSqlite ? "Sqlite" : "Log";
}

}  // namespace forebay
