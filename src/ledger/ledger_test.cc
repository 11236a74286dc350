#include "ledger/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "ledger/sqlite.h"
#include "ledger/vfs_double.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

using testing::HasSubstr;

const TopicId kClicks("AAAAAAAAAAAAAAAAAAAAAQ");
constexpr const char* kLakeId = "01234567-89ab-4cde-8fab-0123456789ab";
constexpr uint64_t kLarge = 0xfedcba9876543210;

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "/ledger_test." + std::to_string(::getpid()) + ".db";
    std::filesystem::remove(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::unique_ptr<Ledger> Create() {
    auto ledger = Ledger::Create(path_, kLakeId);
    EXPECT_TRUE(ledger.ok()) << ledger.error().message();
    return std::move(*ledger);
  }
  std::unique_ptr<Ledger> CreateAndBegin() {
    auto ledger = Create();
    const Status status = ledger->CommitBeginnings({{"shop.clicks", "clicks", Partition(0), Offset(5)}});
    EXPECT_TRUE(status.ok()) << status.error().message();
    return ledger;
  }
  static TopicPartition Partition(int partition) { return {kClicks, PartitionId(partition)}; }

  static BatchProposal Proposal(int64_t from, int64_t to) {
    BatchProposal proposal;
    proposal.contract_yaml = "version: 1\n";
    proposal.engine = "native";
    proposal.engine_version = "0.1.0";
    proposal.ranges = {
        {Partition(0), {Offset(from), Offset(to)}, 2, 1, 0, 1'700'000'000'000'000, std::nullopt}};
    proposal.files.resize(2);
    proposal.files[0] = {
        "clicks", "date=2025-10-30", 0, RandomStagedName(), 2, 123, kLarge, kLarge + 1, kLarge + 2, -5, 7};
    proposal.files[1] = {"quarantine", "date=2025-10-31", 1, RandomStagedName(), 1, 45, 1, 2, 3,
                         std::nullopt, std::nullopt};
    proposal.quarantine = {{"clicks", "not_json", 1}};
    return proposal;
  }
  static Status StillThere() { return Ok(); }

  template <typename T>
  void ExpectRefused(const Result<T>& result, const std::string& why,
                     ErrorCode code = ErrorCode::kCorruption) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), code) << result.error().message();
    EXPECT_THAT(result.error().message(), HasSubstr(why));
  }
  void Execute(const char* sql) {
    auto db = Sqlite::Open(path_, {true, 0, nullptr});
    ASSERT_TRUE(db.ok());
    const Status status = (*db)->Execute(sql);
    ASSERT_TRUE(status.ok()) << status.error().message();
  }

  std::string path_;
};

TEST_F(LedgerTest, IsCreatedAndOpened) {
  EXPECT_EQ(Create()->lake_id(), kLakeId);
  const auto ledger = Ledger::Open(path_);
  ASSERT_TRUE(ledger.ok()) << ledger.error().message();
  EXPECT_EQ((*ledger)->lake_id(), kLakeId);
  EXPECT_EQ(*(*ledger)->LastBatch(), BatchId(0));
  EXPECT_EQ(*(*ledger)->LatestContract(), std::nullopt);
  EXPECT_TRUE((*ledger)->CheckIntegrity().ok());
}

TEST_F(LedgerTest, AMissingBatchIsReportedAsDamage) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StillThere).ok());
  ASSERT_TRUE(ledger->CheckIntegrity().ok());
  Execute("PRAGMA foreign_keys=OFF; DELETE FROM batches");
  ExpectRefused(ledger->CheckIntegrity(), "belong to missing rows of batches");
  ExpectRefused(ledger->Snapshot(), "but not the batch");
}

TEST_F(LedgerTest, AHalfBegunOneKeepsItsId) {
  Create();
  const auto again = Ledger::Create(path_, "another-id");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->lake_id(), kLakeId);
}

TEST_F(LedgerTest, OneWithBatchesIsNotBegunAgain) {
  ASSERT_TRUE(CreateAndBegin()->Decide(Proposal(5, 10), StillThere).ok());
  ExpectRefused(Ledger::Create(path_, kLakeId), "lake.json");
}

TEST_F(LedgerTest, APathThatIsTooLongIsSaid) {
  const std::string root = path_ + ".deep";
  const std::string deep =
      root + "/" + std::string(200, 'a') + "/" + std::string(200, 'b') + "/" + std::string(120, 'c');
  std::filesystem::create_directories(deep);
  const auto ledger = Ledger::Create(deep + "/ledger.db", kLakeId);
  std::filesystem::remove_all(root);
  ASSERT_FALSE(ledger.ok());
  EXPECT_THAT(ledger.error().message(), HasSubstr("too long for SQLite"));
}

TEST_F(LedgerTest, MissingEmptyForeignAndDamagedFilesAreRefused) {
  const auto missing = Ledger::Open(path_);
  ASSERT_FALSE(missing.ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  std::ofstream(path_).close();
  ExpectRefused(Ledger::Open(path_), "is empty");
  std::ofstream(path_)
      << "this is no database, it only looks like a file that is long enough to be read as one";
  ExpectRefused(Ledger::Open(path_), "damaged");
  std::filesystem::remove(path_);
  Execute("CREATE TABLE songs (title TEXT)");
  ExpectRefused(Ledger::Open(path_), "not Forebay's ledger");
  ExpectRefused(Ledger::Create(path_, kLakeId), "not Forebay's ledger");
}

TEST_F(LedgerTest, AnotherVersionIsRefused) {
  Create();
  Execute("PRAGMA user_version=4");
  ExpectRefused(Ledger::Open(path_), "version 4", ErrorCode::kFailedPrecondition);
}

TEST_F(LedgerTest, ABitFlipInAPageIsFound) {
  {
    auto ledger = CreateAndBegin();
    for (int64_t from = 5; from < 105; from += 5)
      ASSERT_TRUE(ledger->Decide(Proposal(from, from + 5), StillThere).ok());
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

TEST_F(LedgerTest, KeepsAllOfABatch) {
  auto ledger = CreateAndBegin();
  const BatchProposal proposal = Proposal(5, 10);
  const auto decided = ledger->Decide(proposal, StillThere);
  ASSERT_TRUE(decided.ok()) << decided.error().message();
  EXPECT_EQ(decided->id, BatchId(1));
  EXPECT_EQ(decided->files[1].place, (FilePlace{"quarantine", "date=2025-10-31", "b00000001-1.parquet"}));
  EXPECT_EQ((*ledger->NextPositions(kClicks)).at(PartitionId(0)), Offset(10));
  EXPECT_EQ(*ledger->LatestContract(), proposal.contract_yaml);

  const auto snapshot = ledger->Snapshot();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->lake_id, kLakeId);
  EXPECT_EQ(snapshot->last_batch, BatchId(1));
  ASSERT_EQ(snapshot->batches.size(), 1u);
  const LedgerBatch& batch = snapshot->batches[0];
  EXPECT_EQ(batch.state, BatchState::kDecided);
  EXPECT_EQ(batch.engine, "native");
  EXPECT_EQ(batch.engine_version, "0.1.0");
  EXPECT_EQ(snapshot->contracts.at(batch.contract_hash), proposal.contract_yaml);
  EXPECT_GT(batch.decided_at_ms, 0);
  EXPECT_EQ(batch.ranges, proposal.ranges);
  EXPECT_EQ(batch.quarantine, proposal.quarantine);
  ASSERT_EQ(batch.files.size(), 2u);
  EXPECT_EQ(batch.files[0].file, proposal.files[0]);
  EXPECT_EQ(batch.files[1].file, proposal.files[1]);
  EXPECT_EQ(batch.files[0].state, FileState::kPresent);
  ASSERT_EQ(snapshot->topics.size(), 1u);
  EXPECT_EQ(snapshot->topics[0].table, "clicks");
  ASSERT_EQ(snapshot->partitions.size(), 1u);
  EXPECT_EQ(snapshot->partitions[0].beginning, Offset(5));
}

TEST_F(LedgerTest, PublishingIsIdempotent) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StillThere).ok());
  ASSERT_TRUE(ledger->Decide(Proposal(10, 15), StillThere).ok());
  const auto unpublished = ledger->Unpublished();
  ASSERT_TRUE(unpublished.ok());
  ASSERT_EQ(unpublished->size(), 2u);
  EXPECT_EQ((*unpublished)[1].files.size(), 2u);
  ASSERT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
  const int64_t first = *ledger->Snapshot()->batches[0].published_at_ms;
  ASSERT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
  EXPECT_EQ(*ledger->Snapshot()->batches[0].published_at_ms, first);
  EXPECT_EQ(*ledger->StateOf(BatchId(1)), BatchState::kPublished);
  EXPECT_EQ(*ledger->StateOf(BatchId(2)), BatchState::kDecided);
  EXPECT_FALSE(ledger->MarkPublished(BatchId(3)).ok());
}

TEST_F(LedgerTest, SnapshotsSince) {
  auto ledger = CreateAndBegin();
  for (int64_t from = 5; from < 20; from += 5)
    ASSERT_TRUE(ledger->Decide(Proposal(from, from + 5), StillThere).ok());
  const auto snapshot = ledger->Snapshot(BatchId(2));
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(snapshot->batches.size(), 1u);
  EXPECT_EQ(snapshot->batches[0].id, BatchId(3));
  EXPECT_EQ(snapshot->batches[0].files.size(), 2u);
  EXPECT_EQ(snapshot->last_batch, BatchId(3));

  const auto middle = ledger->Snapshot(BatchId(1), BatchId(2));
  ASSERT_TRUE(middle.ok());
  ASSERT_EQ(middle->batches.size(), 1u);
  EXPECT_EQ(middle->batches[0].id, BatchId(2));
  EXPECT_EQ(middle->batches[0].files.size(), 2u);
  EXPECT_EQ(middle->batches[0].ranges.size(), snapshot->batches[0].ranges.size());
  EXPECT_EQ(middle->last_batch, BatchId(3));
}

TEST_F(LedgerTest, AConflictWritesNothing) {
  auto ledger = CreateAndBegin();
  const auto decided = ledger->Decide(Proposal(6, 10), StillThere);
  ASSERT_FALSE(decided.ok());
  EXPECT_EQ(decided.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(*ledger->LastBatch(), BatchId(0));
  EXPECT_TRUE(ledger->Snapshot()->contracts.empty());
  EXPECT_TRUE(ledger->Decide(Proposal(5, 10), StillThere).ok());
}

TEST_F(LedgerTest, TheStagedFilesAreLookedAtInsideTheTransaction) {
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

TEST_F(LedgerTest, BeginningsAreAllOrNothing) {
  auto ledger = CreateAndBegin();
  const Status status = ledger->CommitBeginnings({{"shop.clicks", "clicks", Partition(1), Offset(0)},
                                                  {"shop.clicks", "clicks", Partition(0), Offset(0)}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(ledger->NextPositions(kClicks)->size(), 1u);
  EXPECT_TRUE(ledger->CommitBeginnings({}).ok());
}

TEST_F(LedgerTest, OrphansAreThoseThatNoUnpublishedBatchNames) {
  auto ledger = CreateAndBegin();
  const BatchProposal published = Proposal(5, 10), decided = Proposal(10, 15);
  ASSERT_TRUE(ledger->Decide(published, StillThere).ok());
  ASSERT_TRUE(ledger->MarkPublished(BatchId(1)).ok());
  ASSERT_TRUE(ledger->Decide(decided, StillThere).ok());
  std::vector<std::string> removed;
  const auto count = ledger->RemoveOrphans(
      [&]() -> Result<std::vector<std::string>> {
        return std::vector<std::string>{"orphan", decided.files[0].staged_name,
                                        published.files[0].staged_name};
      },
      [&](const std::string& name) {
        removed.push_back(name);
        return Ok();
      });
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(*count, 2);
  EXPECT_EQ(removed, (std::vector<std::string>{"orphan", published.files[0].staged_name}));
}

TEST_F(LedgerTest, LossesAndAdoptionsAreKept) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->AcceptLoss({{Partition(0), {Offset(5), Offset(50)}, 0}}).ok());
  EXPECT_EQ(ledger->NextPositions(kClicks)->at(PartitionId(0)), Offset(50));
  const TopicId again("AAAAAAAAAAAAAAAAAAAAAg");
  EXPECT_FALSE(
      ledger->CommitBeginnings({{"shop.clicks", "clicks", {again, PartitionId(0)}, Offset(0)}}).ok());
  ASSERT_TRUE(ledger->AdoptTopic("shop.clicks", kClicks, again).ok());
  ASSERT_TRUE(ledger->CommitBeginnings({{"shop.clicks", "clicks", {again, PartitionId(0)}, Offset(0)}}).ok());
  EXPECT_EQ((*ledger->CurrentTopic("shop.clicks"))->id, again);
  EXPECT_EQ(*ledger->CurrentTopic("nothing"), std::nullopt);
  const auto snapshot = ledger->Snapshot();
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(snapshot->lost.size(), 1u);
  EXPECT_EQ(snapshot->lost[0].offsets, (OffsetRange{Offset(5), Offset(50)}));
  EXPECT_GT(snapshot->lost[0].accepted_at_ms, 0);
  ASSERT_EQ(snapshot->adoptions.size(), 1u);
  EXPECT_EQ(snapshot->adoptions[0].from, kClicks);
  EXPECT_EQ(snapshot->adoptions[0].to, again);
  EXPECT_EQ(snapshot->topics.size(), 2u);
}

TEST_F(LedgerTest, ABusyLedgerIsTriedAndThenKnownNotToBeCommitted) {
  auto ledger = CreateAndBegin();
  auto fail_fast = Ledger::Open(path_, {100, nullptr});
  ASSERT_TRUE(fail_fast.ok());
  {
    // A reader keeps its picture: COMMIT cannot get the file for itself.
    auto reader = Sqlite::Open(path_, {});
    ASSERT_TRUE(reader.ok());
    auto reading = Transaction::BeginReading(**reader);
    ASSERT_TRUE(reading.ok() && (*reader)->QueryInt64("SELECT count(*) FROM batches").ok());
    const auto decided = (*fail_fast)->Decide(Proposal(5, 10), StillThere);
    ASSERT_FALSE(decided.ok());
    EXPECT_EQ(decided.error().code(), ErrorCode::kIoError);
    EXPECT_THAT(decided.error().message(), HasSubstr("busy"));
  }
  EXPECT_EQ(*ledger->LastBatch(), BatchId(0));
  EXPECT_TRUE((*fail_fast)->Decide(Proposal(5, 10), StillThere).ok());  // not broken by it
}

TEST_F(LedgerTest, AFailedCommitLeavesTheOutcomeUnknownAndTheLedgerShut) {
  // Every operation of one Decide fails once; where COMMIT was the one to fail, either outcome must be
  // handled.
  int landed = 0, not_landed = 0, known = 0;
  for (int64_t at = 1;; ++at) {
    FsDouble fs;
    const VfsDouble vfs(fs);
    {
      auto ledger = Ledger::Create("/ledger.db", kLakeId, {0, vfs.name()});
      ASSERT_TRUE(ledger.ok());
      ASSERT_TRUE((*ledger)->CommitBeginnings({{"shop.clicks", "clicks", Partition(0), Offset(5)}}).ok());
      fs.FailAt(fs.operations() + at);
      const auto decided = (*ledger)->Decide(Proposal(5, 10), StillThere);
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
      EXPECT_EQ((*ledger)->Decide(Proposal(5, 10), StillThere).error().code(),
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

TEST_F(LedgerTest, ContractsAreKeptOnce) {
  auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->Decide(Proposal(5, 10), StillThere).ok());
  ASSERT_TRUE(ledger->Decide(Proposal(10, 15), StillThere).ok());
  BatchProposal other = Proposal(15, 20);
  other.contract_yaml = "version: 2\n";
  ASSERT_TRUE(ledger->Decide(other, StillThere).ok());
  EXPECT_EQ(ledger->Snapshot()->contracts.size(), 2u);
  EXPECT_EQ(*ledger->LatestContract(), "version: 2\n");
  EXPECT_EQ(ContractHash("").size(), 32u);
}

}  // namespace
}  // namespace forebay
