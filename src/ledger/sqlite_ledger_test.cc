// A ledger in a SQLite file: foreign files, locks, and disk failures.
#include <fstream>

#include "ledger/ledger_fixture.h"
#include "ledger/schema.h"
#include "ledger/sqlite_ledger_store.h"
#include "ledger/vfs_double.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

using testing::HasSubstr;

class SqliteLedgerTest : public LedgerFixture {
 protected:
  SqliteLedgerTest() : LedgerFixture(std::make_unique<SqliteBackend>()) {}
  void Execute(const std::string& sql) {
    auto db = Sqlite::Open(path_, {true, 0, nullptr});
    ASSERT_TRUE(db.ok());
    const Status status = (*db)->Execute(sql.c_str());
    ASSERT_TRUE(status.ok()) << status.error().message();
  }

  const std::string path_ = static_cast<SqliteBackend&>(*backend_).path();
};

TEST_F(SqliteLedgerTest, AMissingBatchIsReportedAsDamage) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  ASSERT_TRUE(ledger->CheckIntegrity().ok());
  Execute("PRAGMA foreign_keys=OFF; DELETE FROM batches");
  ExpectRefused(ledger->CheckIntegrity(), "belong to missing rows of batches");
  ExpectRefused(ledger->Snapshot(), "but not the batch");
}

TEST_F(SqliteLedgerTest, ReportsAPathThatIsTooLong) {
  const std::string root = path_ + ".deep";
  const std::string deep =
      root + "/" + std::string(200, 'a') + "/" + std::string(200, 'b') + "/" + std::string(120, 'c');
  std::filesystem::create_directories(deep);
  const auto ledger = Ledger::Create(deep + "/ledger.db", kLakeId);
  std::filesystem::remove_all(root);
  ASSERT_FALSE(ledger.ok());
  EXPECT_THAT(ledger.error().message(), HasSubstr("too long for SQLite"));
}

TEST_F(SqliteLedgerTest, MissingEmptyForeignAndDamagedFilesAreRefused) {
  const auto missing = Ledger::Open(path_);
  ASSERT_FALSE(missing.ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  std::ofstream(path_).close();
  ExpectRefused(Ledger::Open(path_), "is empty");
  std::ofstream(path_) << "not a database, but long enough to be read as one";
  ExpectRefused(Ledger::Open(path_), "damaged");
  std::filesystem::remove(path_);
  Execute("CREATE TABLE songs (title TEXT)");
  ExpectRefused(Ledger::Open(path_), "not Forebay's ledger");
  ExpectRefused(Ledger::Create(path_, kLakeId), "not Forebay's ledger");
}

TEST_F(SqliteLedgerTest, AnotherVersionIsRefused) {
  Create();
  Execute("PRAGMA user_version=" + std::to_string(kLedgerVersion + 1));
  ExpectRefused(Ledger::Open(path_), "version " + std::to_string(kLedgerVersion + 1),
                ErrorCode::kFailedPrecondition);
}

TEST_F(SqliteLedgerTest, ReportsABitFlipInAPage) {
  {
    auto ledger = CreateAndBegin();
    for (int64_t from = 5; from < 105; from += 5)
      ASSERT_TRUE(ledger->Decide(Proposal(from, from + 5), StagedFilesExist).ok());
  }
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path_));
  for (std::streamoff at = 4096; at < size; at += 4096) {
    file.seekp(at);
    file.put('\x7f');  // the page's type
  }
  file.close();
  ExpectRefused(Ledger::Open(path_), "damaged");
}

TEST_F(SqliteLedgerTest, AnOlderCopyUnderAnOpenLedgerIsRefused) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StagedFilesExist).ok());
  const std::string copy = path_ + ".copy";
  std::filesystem::copy_file(path_, copy, std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(ledger->Decide(Proposal(10, 15), StagedFilesExist).ok());
  std::filesystem::copy_file(copy, path_, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(copy);
  // The records of batch 2 would land twice.
  ExpectRefused(ledger->Decide(Proposal(10, 15), StagedFilesExist), "an older copy replaced it");
}

TEST_F(SqliteLedgerTest, AnOlderCopyThanAtTheStartIsRefused) {
  CreateAndBegin();
  const std::string copy = path_ + ".copy";
  std::filesystem::copy_file(path_, copy, std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(Open()->Decide(Proposal(5, 10), StagedFilesExist).ok());
  auto ledger = Open();
  ASSERT_EQ(*ledger->LastBatch(), BatchId(1));
  std::filesystem::copy_file(copy, path_, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(copy);
  ExpectRefused(ledger->Decide(Proposal(5, 10), StagedFilesExist), "an older copy replaced it");
}

TEST_F(SqliteLedgerTest, ChecksStagedFilesInsideTheTransaction) {
  auto ledger = CreateAndBegin();
  auto other = Ledger::Open(path_, {0, nullptr});
  ASSERT_TRUE(other.ok());
  const auto decided = ledger->Decide(Proposal(5, 10), [&]() -> Status {
    const auto removed = (*other)->RemoveOrphans([] { return std::vector<std::string>(); },
                                                 [](const std::string&) { return Ok(); });
    EXPECT_FALSE(removed.ok());  // the write lock is held
    return IoError("gone");
  });
  ASSERT_FALSE(decided.ok());
  EXPECT_EQ(decided.error().message(), "gone");
  EXPECT_EQ(*ledger->LastBatch(), BatchId(0));
}

TEST_F(SqliteLedgerTest, BusyIsRetriedAndThenKnownNotToBeCommitted) {
  auto ledger = CreateAndBegin();
  auto fail_fast = Ledger::Open(path_, {100, nullptr});
  ASSERT_TRUE(fail_fast.ok());
  {
    // A reader holds its snapshot: COMMIT cannot lock the file exclusively.
    auto reader = Sqlite::Open(path_, {});
    ASSERT_TRUE(reader.ok());
    auto reading = Transaction::BeginReading(**reader);
    ASSERT_TRUE(reading.ok() && (*reader)->QueryInt64("SELECT count(*) FROM batches").ok());
    const auto decided = (*fail_fast)->Decide(Proposal(5, 10), StagedFilesExist);
    ASSERT_FALSE(decided.ok());
    EXPECT_EQ(decided.error().code(), ErrorCode::kIoError);
    EXPECT_THAT(decided.error().message(), HasSubstr("busy"));
  }
  EXPECT_EQ(*ledger->LastBatch(), BatchId(0));
  EXPECT_TRUE((*fail_fast)->Decide(Proposal(5, 10), StagedFilesExist).ok());  // not broken by it
}

TEST_F(SqliteLedgerTest, AFailedCommitIsOfUnknownOutcomeAndClosesTheLedger) {
  // Every operation of one Decide fails once; where COMMIT was the one to fail, either outcome must be
  // handled.
  int landed = 0, not_landed = 0, known = 0;
  for (int64_t at = 1;; ++at) {
    FsDouble fs;
    const VfsDouble vfs(fs);
    {
      auto ledger = Ledger::Create("/ledger.db", kLakeId, {0, vfs.name()});
      ASSERT_TRUE(ledger.ok());
      ASSERT_TRUE(
          (*ledger)->CommitBeginnings({{"shop.clicks", "clicks", ClicksPartition(0), Offset(5)}}).ok());
      fs.FailAt(fs.operations() + at);
      const auto decided = (*ledger)->Decide(Proposal(5, 10), StagedFilesExist);
      if (decided.ok() && fs.operations() < at) break;
      if (decided.ok()) continue;  // SQLite could do without that operation
      if (decided.error().code() != ErrorCode::kCommitStateUnknown) {
        ++known;
        const auto reopened = Ledger::OpenForReading("/ledger.db", {0, vfs.name()});
        EXPECT_EQ(*(*reopened)->LastBatch(), BatchId(0));
        continue;
      }
      EXPECT_EQ(ExitStatus(decided.error()), 3);
      EXPECT_EQ((*ledger)->LastBatch().error().code(), ErrorCode::kCommitStateUnknown);
      EXPECT_EQ((*ledger)->MarkPublished(BatchId(1)).error().code(), ErrorCode::kCommitStateUnknown);
      EXPECT_EQ((*ledger)->Decide(Proposal(5, 10), StagedFilesExist).error().code(),
                ErrorCode::kCommitStateUnknown);
    }
    const auto reopened = Ledger::Open("/ledger.db", {0, vfs.name()});
    ASSERT_TRUE(reopened.ok()) << reopened.error().message();
    (*(*reopened)->LastBatch() == BatchId(1) ? landed : not_landed) += 1;
    ASSERT_LT(at, 1000);
  }
  EXPECT_GT(landed, 0);
  EXPECT_GT(not_landed, 0);
  EXPECT_GT(known, 0);
}

}  // namespace
}  // namespace forebay
