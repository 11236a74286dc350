// Every kind of error in a ledger, and the two snapshots beside a live lander.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "verify/ledger_check.h"
#include "verify/reconcile.h"
#include "verify/testing.h"

namespace forebay {
namespace {

using testing::HasSubstr;

OffsetRange R(int64_t from, int64_t to) {
  return {Offset(from), Offset(to)};
}

LedgerBatch Batch(int64_t id, std::vector<OffsetRange> ranges, BatchState state = BatchState::kPublished) {
  LedgerBatch batch;
  batch.id = BatchId(id);
  batch.state = state;
  for (size_t p = 0; p < ranges.size(); ++p) {
    BatchRange range;
    range.partition = {kEventsId, PartitionId(static_cast<int32_t>(p))};
    range.offsets = ranges[p];
    if (ranges[p].from < ranges[p].to) batch.ranges.push_back(range);
  }
  return batch;
}

LedgerFile File(int64_t batch, const std::string& dir, FileState state = FileState::kPresent) {
  LedgerFile file;
  file.batch = BatchId(batch);
  file.place = {"events", dir, "b0000000" + std::to_string(batch) + "-0.parquet"};
  file.state = state;
  return file;
}

// Partition 0 was landed from 10 to `next`.
LedgerSnapshot Snapshot(std::vector<LedgerBatch> batches, int64_t next) {
  LedgerSnapshot snapshot;
  snapshot.topics = {{kEventsId, "t.events", "events", true, 0}};
  snapshot.partitions = {{{kEventsId, PartitionId(0)}, Offset(10), Offset(next), {}, {}}};
  snapshot.batches = std::move(batches);
  if (!snapshot.batches.empty()) snapshot.last_batch = snapshot.batches.back().id;
  return snapshot;
}

std::vector<std::string> Check(const LedgerSnapshot& snapshot) {
  FindingLog log;
  CheckLedger(snapshot, log);
  std::vector<std::string> sentences;
  for (const Finding& finding : log.Take(Severity::kProblem)) {
    sentences.push_back(std::string(FindingName(finding.kind)) + " " + FindingText(finding));
  }
  return sentences;
}

TEST(Tiling, TilingRangesHaveNoFindings) {
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(10, 20)}), Batch(2, {R(20, 35)})}, 35)), testing::IsEmpty());
  EXPECT_THAT(Check(Snapshot({}, 10)), testing::IsEmpty());
}

TEST(Tiling, AGapIsReportedAnywhere) {
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(12, 20)})}, 20)),
              testing::ElementsAre(HasSubstr("range_gap events, t.events partition 0 offsets 10 to 11")));
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(10, 20)}), Batch(2, {R(25, 30)})}, 30)),
              testing::ElementsAre(HasSubstr("offsets 20 to 24")));
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(10, 20)})}, 30)),
              testing::ElementsAre(HasSubstr("offsets 20 to 29")));
}

TEST(Tiling, AnOverlapIsReportedWithBothBatches) {
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(10, 20)}), Batch(2, {R(15, 30)})}, 30)),
              testing::ElementsAre(testing::AllOf(HasSubstr("range_overlap"), HasSubstr("offsets 15 to 19"),
                                                  HasSubstr("batch 1"), HasSubstr("batch 2"))));
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(8, 20)})}, 20)), testing::ElementsAre(HasSubstr("offsets 8 to 9")));
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(10, 20)})}, 15)),
              testing::ElementsAre(HasSubstr("offsets 15 to 19")));
  // The same range in two batches.
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(10, 20)}), Batch(2, {R(10, 20)})}, 20)),
              testing::ElementsAre(HasSubstr("offsets 10 to 19")));
}

TEST(Tiling, AcceptedLossesArePartOfTheTiling) {
  LedgerSnapshot snapshot = Snapshot({Batch(1, {R(10, 20)}), Batch(2, {R(30, 40)})}, 40);
  snapshot.lost = {{{kEventsId, PartitionId(0)}, R(20, 30), 5}};
  EXPECT_THAT(Check(snapshot), testing::IsEmpty());
  snapshot.adoptions = {{"t.events", kEventsId, kPlainId, 5}};
  FindingLog log;
  NoteOperatorActions(snapshot, log);
  EXPECT_EQ(log.Count(FindingKind::kAcceptedLoss, Severity::kNote), 1u);
  EXPECT_EQ(log.Count(FindingKind::kTopicAdopted, Severity::kNote), 1u);
}

TEST(Tiling, APartitionThatIsNotInTheLedgerIsReported) {
  EXPECT_THAT(Check(Snapshot({Batch(1, {R(10, 20), R(0, 5)})}, 20)),
              testing::ElementsAre(HasSubstr("the partition is not in the ledger")));
}

TEST(Tiling, SinceBeginsWithTheFirstNewerRange) {
  LedgerSnapshot snapshot = Snapshot({Batch(4, {R(50, 60)}), Batch(5, {R(60, 70)})}, 70);
  snapshot.since = BatchId(3);
  EXPECT_THAT(Check(snapshot), testing::IsEmpty());
  snapshot.batches.back().ranges.front().offsets = R(65, 70);
  EXPECT_THAT(Check(snapshot), testing::ElementsAre(HasSubstr("offsets 60 to 64")));
  snapshot.batches.clear();
  snapshot.last_batch = BatchId(3);
  EXPECT_THAT(Check(snapshot), testing::IsEmpty());
}

TEST(Tiling, AMissingBatchNumberIsReported) {
  LedgerSnapshot snapshot = Snapshot({Batch(2, {R(10, 20)}), Batch(5, {R(20, 30)})}, 30);
  const auto sentences = Check(snapshot);
  EXPECT_THAT(sentences, testing::ElementsAre(HasSubstr("missing_batch batch 1"),
                                              HasSubstr("missing_batch batch 3: and all up to batch 4")));
}

std::string Compare(const LedgerSnapshot& first, const std::vector<FilePlace>& listed,
                    const LedgerSnapshot& second) {
  FindingLog log;
  std::string text;
  for (const FileToRead& file : CompareFiles(first, listed, second, log))
    text += "read " + PlaceText(file.file->place) + ";";
  for (const Finding& finding : log.Take(Severity::kProblem)) {
    text += std::string(FindingName(finding.kind)) + " " + finding.file + ";";
  }
  return text;
}

TEST(BeforeAndAfter, ABatchLandedBetweenThemIsNeitherForeignNorMissing) {
  LedgerSnapshot first = Snapshot({}, 10);
  LedgerSnapshot second = Snapshot({Batch(1, {R(10, 20)}, BatchState::kDecided)}, 20);
  second.batches[0].files = {File(1, "date=2025-11-01"), File(1, "date=2025-11-02")};
  // Half published when the files were listed.
  EXPECT_EQ(Compare(first, {second.batches[0].files[0].place}, second), "");
  // Decided before, published after: neither read nor reported missing.
  first = second;
  second.batches[0].state = BatchState::kPublished;
  EXPECT_EQ(Compare(first, {}, second), "");
}

TEST(BeforeAndAfter, AFileExpiredBetweenThemIsNotMissing) {
  LedgerSnapshot first = Snapshot({Batch(1, {R(10, 20)})}, 20);
  first.batches[0].files = {File(1, "date=2025-11-01")};
  LedgerSnapshot second = first;
  EXPECT_EQ(Compare(first, {}, second), "missing_file events/date=2025-11-01/b00000001-0.parquet;");
  second.batches[0].files[0].state = FileState::kExpiring;
  EXPECT_EQ(Compare(first, {}, second), "");
  // Present when the files were listed, and expired after.
  second.batches[0].files[0].state = FileState::kExpired;
  EXPECT_EQ(Compare(first, {first.batches[0].files[0].place}, second), "");
  // Already expired before, but present.
  first = second;
  EXPECT_EQ(Compare(first, {first.batches[0].files[0].place}, second),
            "foreign_file events/date=2025-11-01/b00000001-0.parquet;");
}

class LedgerFindings : public testing::Test {
 protected:
  void SetUp() override { lake_.LandTwoBatches(); }
  TestLake lake_;
};

TEST_F(LedgerFindings, AMissingRangeRowIsAGap) {
  lake_.Sql("DELETE FROM ranges WHERE batch = 1 AND kafka_partition = 1");
  const AuditReport report = AuditLake(lake_);
  const auto gaps = ProblemsOf(report, FindingKind::kRangeGap);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].partition, PartitionId(1));
  EXPECT_EQ(gaps[0].offsets, R(0, 50));
}

TEST_F(LedgerFindings, AMissingFileRowMakesTheFileForeign) {
  lake_.Sql("DELETE FROM files WHERE batch = 2 AND partition_dir = 'date=2025-11-04'");
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(ProblemsOf(report, FindingKind::kForeignFile).size(), 1u);
  EXPECT_EQ(ProblemsOf(report, FindingKind::kRecordCountMismatch).size(), 2u);
}

TEST_F(LedgerFindings, AnotherLakesLedgerIsFound) {
  lake_.Sql("UPDATE lake SET id = '00000000-0000-4000-8000-000000000000'");
  EXPECT_EQ(Kinds(AuditLake(lake_)), "lake_id_mismatch 1");
}

TEST_F(LedgerFindings, AMissingOrBrokenLedgerIsAFindingNotAnError) {
  const std::string path = lake_.Path("_forebay/ledger.db");
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);  // the second page
  file << std::string(3000, '\xff');
  file.close();
  EXPECT_EQ(Kinds(AuditLake(lake_)), "damaged_ledger 1");
  std::filesystem::resize_file(path, 0);
  EXPECT_EQ(Kinds(AuditLake(lake_)), "damaged_ledger 1");
  std::filesystem::remove(path);
  EXPECT_EQ(Kinds(AuditLake(lake_)), "damaged_ledger 1");
}

TEST_F(LedgerFindings, ADeletedBatchIsDamage) {
  lake_.Sql("PRAGMA foreign_keys=OFF; DELETE FROM batches WHERE batch = 1");
  EXPECT_EQ(Kinds(AuditLake(lake_)), "damaged_ledger 1");
}

TEST_F(LedgerFindings, AnUnreadableContractIsDamage) {
  lake_.Sql("UPDATE contracts SET yaml = 'nothing'");
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(ProblemsOf(report, FindingKind::kDamagedLedger).size(), 1u);
}

TEST_F(LedgerFindings, ABatchThatStaysUnpublishedIsFound) {
  TestBatch batch{{{0, 100, 110}}, Rows(0, 100, 110), {}};
  batch.publish = false;
  lake_.Land(batch);
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "half_published 1");
  EXPECT_EQ(report.problems[0].batch, BatchId(3));
  EXPECT_EQ(report.rows(), 199u);
}

TEST_F(LedgerFindings, ReconciliationClearsFilesThatChangedOnPurpose) {
  const OpenedLake opened = std::move(*OpenLakeForReading(PosixFs(), lake_.dir()));
  const LedgerSnapshot before = *opened.ledger->Snapshot();
  FindingLog log;
  const std::vector<FileToRead> files = CompareFiles(before, *opened.lake->store().ListFiles(), before, log);
  ASSERT_GT(files.size(), 4u);
  const auto mismatch = [&files](size_t i) {
    return std::vector{FileFinding(FindingKind::kChecksumMismatch, *files[i].file)};
  };
  std::vector<FileScan> scans(files.size());
  scans[0].outcome = VanishedFile();
  scans[1].outcome = CompleteScan{mismatch(1)};
  scans[2].outcome = CompleteScan{mismatch(2)};
  scans[3].outcome = VanishedFile();
  scans[4].outcome = DamagedScan{mismatch(4)};
  const auto where = [&files](size_t i) {
    return " WHERE batch = " + std::to_string(files[i].batch->id.value()) + " AND file_name = '" +
           files[i].file->place.file_name + "'";
  };
  lake_.Sql("UPDATE files SET state = 'expiring'" + where(0));
  lake_.Sql("UPDATE files SET checksum = 1" + where(1));
  lake_.Sql("UPDATE files SET checksum = 1" + where(4));
  scans = *ReconcileWithLedger(*opened.ledger, before, nullptr, files, std::move(scans), log);
  EXPECT_EQ(log.Count(FindingKind::kConcurrentChange, Severity::kNote), 3u);
  for (const size_t changed : {0, 1, 4})
    EXPECT_TRUE(std::holds_alternative<ChangedFile>(scans[changed].outcome)) << changed;
  EXPECT_EQ(FindingsOf(scans[2]).size(), 1u);
  const std::vector<Finding> missing = log.Take(Severity::kProblem);
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(missing[0].kind, FindingKind::kMissingFile);
  EXPECT_EQ(missing[0].file, PlaceText(files[3].file->place));
}

TEST_F(LedgerFindings, ForgedCountsAreFound) {
  lake_.Sql("UPDATE ranges SET tombstones = 1, rows = rows - 1 WHERE batch = 2 AND kafka_partition = 0");
  EXPECT_EQ(Kinds(AuditLake(lake_)), "record_count_mismatch 1, tombstone_count_mismatch 1");
}

TEST_F(LedgerFindings, ADirectoryThatIsNotALakeIsAnErrorNotAFinding) {
  AuditOptions options;
  options.lake = lake_.dir() + "/events";
  const auto report = Audit(options);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code(), ErrorCode::kFailedPrecondition);
  options.lake = lake_.dir();
  options.since = BatchId(9);
  EXPECT_FALSE(Audit(options).ok());
}

TEST(FindingTexts, EveryKindHasANameAndATitle) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kFindingKinds; ++i) {
    const auto kind = static_cast<FindingKind>(i);
    EXPECT_TRUE(names.insert(FindingName(kind)).second) << FindingName(kind);
    EXPECT_FALSE(FindingTitle(kind).empty());
  }
}

TEST(FindingTexts, TheOperationsManualListsEachKind) {
  std::ifstream file(std::string(FOREBAY_SOURCE_DIR) + "/docs/operations.md");
  const std::string manual((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (size_t i = 0; i < kFindingKinds; ++i) {
    const auto kind = static_cast<FindingKind>(i);
    EXPECT_THAT(manual, HasSubstr("`" + std::string(FindingName(kind)) + "`"));
  }
}

TEST(FindingLogTest, KeepsTheFirstAndCountsAll) {
  FindingLog log;
  for (int i = 0; i < 1500; ++i) {
    Finding finding;
    finding.kind = FindingKind::kRangeGap;
    finding.detail = std::to_string(i);
    log.Add(finding);
  }
  EXPECT_EQ(log.Count(FindingKind::kRangeGap), 1500u);
  const auto kept = log.Take(Severity::kProblem);
  EXPECT_EQ(kept.size(), FindingLog::kKept);
  EXPECT_EQ(kept.back().detail, "999");
}

}  // namespace
}  // namespace forebay
