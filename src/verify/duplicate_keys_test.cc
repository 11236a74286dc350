#include "verify/duplicate_keys.h"

#include <gmock/gmock.h>

#include "verify/testing.h"

namespace forebay {
namespace {

using testing::HasSubstr;

class DuplicateKeysTest : public testing::Test {
 protected:
  // 100 rows with distinct keys; then "a" three times and "b" twice, in two batches.
  void SetUp() override {
    std::vector<TestRow> first = Rows(0, 0, 100);
    first[10].id = first[20].id = "a";
    first[30].id = "b";
    lake_.Land({{{0, 0, 100}}, first, {}});
    lake_.Land({{{1, 0, 2}}, {{1, 0, "a"}, {1, 1, "b"}}, {}});
  }

  Result<DuplicateKeys> Find(DuplicateKeysOptions options) {
    const OpenedLake opened = std::move(*OpenLakeForReading(PosixFs(), lake_.dir()));
    const LedgerSnapshot snapshot = *opened.ledger->Snapshot();
    FindingLog log;
    const std::vector<FileToRead> files =
        CompareFiles(snapshot, *opened.lake->store().ListFiles(), snapshot, log);
    const AuditScope scope(snapshot, snapshot);
    const BatchContracts contracts(snapshot);
    PositionMap positions(scope.partitions().size());
    const std::vector<OffsetSet> counted(scope.partitions().size());
    return FindDuplicateKeys({*opened.lake, scope, contracts, positions, counted}, files, options);
  }

  TestLake lake_;
};

TEST_F(DuplicateKeysTest, CountsKeysAndListsTheMostFrequent) {
  const DuplicateKeys keys = *Find({});
  EXPECT_EQ(keys.keys, 2u);
  EXPECT_EQ(keys.surplus_rows, 3u);
  ASSERT_EQ(keys.most.size(), 2u);
  EXPECT_EQ(keys.most[0].key, "a");
  EXPECT_EQ(keys.most[0].rows, 3u);
  EXPECT_THAT(keys.most[0].places, HasSubstr("partition 0 offset 10 in date=2025-11-01"));
  EXPECT_THAT(keys.most[0].places, HasSubstr("partition 1 offset 0"));
  EXPECT_EQ(keys.most[1].key, "b");
}

TEST_F(DuplicateKeysTest, SeveralRoundsFindTheSameKeys) {
  DuplicateKeysOptions options;
  options.hashes_at_once = 7;
  options.threads = 4;
  const DuplicateKeys keys = *Find(options);
  EXPECT_EQ(keys.keys, 2u);
  EXPECT_EQ(keys.surplus_rows, 3u);
  ASSERT_EQ(keys.most.size(), 2u);
  EXPECT_EQ(keys.most[0].places, Find({})->most[0].places);
}

TEST_F(DuplicateKeysTest, ListsAtMostTheRequestedNumber) {
  DuplicateKeysOptions options;
  options.listed = 1;
  const DuplicateKeys keys = *Find(options);
  EXPECT_EQ(keys.keys, 2u);
  ASSERT_EQ(keys.most.size(), 1u);
  EXPECT_EQ(keys.most[0].key, "a");
}

TEST_F(DuplicateKeysTest, DuplicateKeysAreNotesAndTheAuditIsClean) {
  AuditOptions options;
  EXPECT_TRUE(AuditLake(lake_, options).keys.empty());
  options.keys = true;
  const AuditReport report = AuditLake(lake_, options);
  EXPECT_TRUE(report.clean());
  ASSERT_EQ(report.keys.size(), 1u);
  EXPECT_EQ(report.keys[0].duplicate_keys, 2u);
  EXPECT_EQ(report.keys[0].surplus_rows, 3u);
  EXPECT_THAT(NotesOf(report, FindingKind::kDuplicateKey)[0].detail, HasSubstr("a in 3 rows"));
}

}  // namespace
}  // namespace forebay
