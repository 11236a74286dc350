// Damages the files and rows of a real lake in every way that the audit must find.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "verify/testing.h"

namespace forebay {
namespace {

using testing::HasSubstr;

class FileFindings : public testing::Test {
 protected:
  void SetUp() override { lake_.LandTwoBatches(); }
  static std::string Day(int day) { return "date=2025-11-0" + std::to_string(day); }
  std::string File(int batch, int day) { return lake_.FileOf(BatchId(batch), "events", Day(day)); }
  // The rows of one day that LandTwoBatches landed, by batch.
  static std::vector<TestRow> RowsOf(int batch, int day) {
    std::vector<TestRow> rows;
    for (const TestRow& row : Rows(0, (batch - 1) * 50, batch * 50) + Rows(1, (batch - 1) * 50, batch * 50)) {
      const bool refused = row.partition == 0 && row.offset == 40;
      if (DayOfMicros(row.at_us) == DayOfMicros(NovemberUs(day)) && !refused) rows.push_back(row);
    }
    return rows;
  }

  TestLake lake_;
};

TEST_F(FileFindings, AMissingFileIsReportedOnceWithItsRows) {
  const std::string file = File(1, 2);
  std::filesystem::remove(lake_.Path(file));
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "missing_file 1");
  EXPECT_EQ(report.problems[0].file, file);
  EXPECT_EQ(report.problems[0].partition_dir, Day(2));
  EXPECT_EQ(report.problems[0].batch, BatchId(1));
  EXPECT_THAT(report.problems[0].detail, HasSubstr("47 rows"));
}

TEST_F(FileFindings, ForeignFilesAreReportedWithTheReason) {
  std::filesystem::copy(lake_.Path(File(1, 2)), lake_.Path("events/" + Day(2) + "/b00000001-7.parquet"));
  std::filesystem::copy(lake_.Path(File(1, 2)), lake_.Path("events/" + Day(2) + "/b00000009-0.parquet"));
  std::filesystem::copy(lake_.Path(File(1, 2)), lake_.Path(PlaceText(NewPlace("events", Day(2)))));
  std::ofstream(lake_.Path("events/part-00000.snappy.parquet")) << "x";
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "foreign_file 4");
  EXPECT_THAT(report.problems[0].detail, HasSubstr("not a Forebay file name"));
  EXPECT_THAT(report.problems[1].detail, HasSubstr("no batch in the ledger has this file"));
  EXPECT_EQ(report.problems[2].file, "events/" + Day(2) + "/b00000001-7.parquet");
  EXPECT_THAT(report.problems[2].detail, HasSubstr("batch 1 has no such file"));
  EXPECT_THAT(report.problems[3].detail, HasSubstr("last batch 2"));
}

TEST_F(FileFindings, FilesOfBatchesBeforeTheFirstOneAreNotForeign) {
  AuditOptions newest;
  newest.since = BatchId(1);
  EXPECT_EQ(Kinds(AuditLake(lake_, newest)), "");
  const std::string copy = PlaceText(NewPlace("events", Day(1)));
  std::filesystem::copy(lake_.Path(File(1, 1)), lake_.Path(copy));
  std::filesystem::copy(lake_.Path(File(1, 1)), lake_.Path("events/" + Day(1) + "/b00000001-0.parquet"));
  const AuditReport report = AuditLake(lake_, newest);
  EXPECT_EQ(Kinds(report), "foreign_file 1");
  EXPECT_EQ(report.problems[0].file, copy);
}

TEST_F(FileFindings, ATableDirectoryOutsideTheLedgerIsForeign) {
  std::filesystem::create_directories(lake_.Path("others/x=1"));
  std::ofstream(lake_.Path("others/x=1/b00000001-0.parquet")) << "x";
  EXPECT_EQ(Kinds(AuditLake(lake_)), "foreign_file 1");
}

TEST_F(FileFindings, AFlippedByteAnywhereIsFound) {
  const std::string path = lake_.Path(File(1, 1));
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
  for (const std::streamoff at : {std::streamoff{200}, size / 2, size - 6}) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char before = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(before ^ 0x40));
    file.close();
    const AuditReport report = AuditLake(lake_);
    EXPECT_EQ(report.problem_counts.at(FindingKind::kChecksumMismatch), 1u) << at;
    std::fstream restored(path, std::ios::in | std::ios::out | std::ios::binary);
    restored.seekp(at);
    restored.put(before);
  }
  EXPECT_TRUE(AuditLake(lake_).clean());
}

TEST_F(FileFindings, PageChecksumsAreVerifiedEvenWhereTheLedgerAgrees) {
  const std::string file = File(1, 1);
  std::fstream stream(lake_.Path(file), std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(60);  // in the first page of the first column
  stream.put('\x5a');
  stream.close();
  lake_.ForgeLedger(file, {});
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "unreadable_file 1");
  EXPECT_THAT(report.problems[0].detail, HasSubstr("CRC"));
}

TEST_F(FileFindings, ATruncatedFileHasAnotherSizeAndCannotBeRead) {
  std::filesystem::resize_file(lake_.Path(File(2, 4)), 100);
  EXPECT_EQ(Kinds(AuditLake(lake_)), "size_mismatch 1, unreadable_file 1");
}

TEST_F(FileFindings, ARemovedRowIsFoundInTheFile) {
  std::vector<TestRow> rows = RowsOf(2, 4);
  rows.pop_back();
  lake_.RewriteRows(File(2, 4), rows);
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report),
            "size_mismatch 1, row_count_mismatch 1, position_sum_mismatch 1, key_sum_mismatch 1, "
            "record_count_mismatch 1");
}

TEST_F(FileFindings, ARemovedRowIsFoundIfTheLedgersFileEntryWasForged) {
  std::vector<TestRow> rows = RowsOf(2, 4);
  const TestRow gone = rows.back();
  rows.pop_back();
  lake_.RewriteRows(File(2, 4), rows);
  lake_.ForgeLedger(File(2, 4), rows);
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "record_count_mismatch 1");
  const Finding& finding = report.problems[0];
  EXPECT_EQ(finding.partition, PartitionId(gone.partition));
  EXPECT_EQ(finding.expected, "50 rows and 0 in quarantine");
  EXPECT_EQ(finding.found, "49 and 0");
  EXPECT_THAT(finding.detail, HasSubstr(std::to_string(gone.offset)));
}

TEST_F(FileFindings, AChangedKeyAloneIsFound) {
  std::vector<TestRow> rows = RowsOf(1, 1);
  rows[3].id = "another id";
  lake_.RewriteRows(File(1, 1), rows);
  lake_.ForgeLedger(File(1, 1), {});
  EXPECT_EQ(Kinds(AuditLake(lake_)), "key_sum_mismatch 1");
}

TEST_F(FileFindings, AReplacedRecordIsFound) {
  std::vector<TestRow> rows = RowsOf(1, 1);
  rows[3].offset = 45;  // the offset of a row of another day
  lake_.RewriteRows(File(1, 1), rows);
  lake_.ForgeLedger(File(1, 1), {});
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "position_sum_mismatch 1, duplicate_across_files 1");
  const Finding duplicate = ProblemsOf(report, FindingKind::kDuplicateAcrossFiles).at(0);
  EXPECT_EQ(duplicate.offsets, (OffsetRange{Offset(45), Offset(46)}));
  EXPECT_THAT(duplicate.file + duplicate.detail, HasSubstr(File(1, 1)));
  EXPECT_THAT(duplicate.file + duplicate.detail, HasSubstr(File(1, 2)));
}

TEST_F(FileFindings, ADuplicateRowInOneFileIsReported) {
  std::vector<TestRow> rows = RowsOf(1, 1);
  rows.push_back(rows[5]);
  lake_.RewriteRows(File(1, 1), rows);
  lake_.ForgeLedger(File(1, 1), rows);
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "duplicate_in_file 1, record_count_mismatch 1");
  EXPECT_EQ(report.problems[0].offsets, (OffsetRange{Offset(5), Offset(6)}));
  EXPECT_EQ(report.problems[0].file, File(1, 1));
}

TEST_F(FileFindings, ARecordInTableAndQuarantineIsReported) {
  const std::string quarantine = lake_.FileOf(BatchId(1), "quarantine", "date=2025-11-07");
  lake_.RewriteRefused(quarantine, {{0, 7}});
  lake_.ForgeLedger(quarantine, {});
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "position_sum_mismatch 1, duplicate_in_quarantine 1");
  const Finding duplicate = ProblemsOf(report, FindingKind::kDuplicateInQuarantine).at(0);
  EXPECT_EQ(duplicate.offsets, (OffsetRange{Offset(7), Offset(8)}));
  EXPECT_THAT(duplicate.file + duplicate.detail, HasSubstr(quarantine));
}

TEST_F(FileFindings, RowsOutsideTheirBatchsRangesAreReported) {
  std::vector<TestRow> rows = RowsOf(2, 4);
  rows.push_back({0, 300, "far", NovemberUs(4)});
  rows.push_back({9, 1, "unknown partition", NovemberUs(4)});
  rows.push_back({0, 20, "of batch 1", NovemberUs(4)});
  lake_.RewriteRows(File(2, 4), rows);
  lake_.ForgeLedger(File(2, 4), rows);
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "row_outside_ranges 3");
  EXPECT_EQ(report.problems[0].offsets, (OffsetRange{Offset(20), Offset(21)}));
  EXPECT_EQ(report.problems[1].offsets, (OffsetRange{Offset(300), Offset(301)}));
  EXPECT_EQ(report.problems[2].partition, PartitionId(9));
}

TEST_F(FileFindings, AnotherReasonInQuarantineIsFound) {
  const std::string quarantine = lake_.FileOf(BatchId(1), "quarantine", "date=2025-11-07");
  lake_.RewriteRefused(quarantine, {{0, 40, "wrong_type"}});
  lake_.ForgeLedger(quarantine, {});
  EXPECT_EQ(Kinds(AuditLake(lake_)), "quarantine_count_mismatch 2");
}

TEST_F(FileFindings, AFileWithOtherColumnsIsUnreadable) {
  lake_.RewriteRefused(File(1, 1), {{0, 1}});
  lake_.ForgeLedger(File(1, 1), {});
  const AuditReport report = AuditLake(lake_);
  EXPECT_EQ(Kinds(report), "unreadable_file 1");
  EXPECT_THAT(report.problems[0].detail, HasSubstr("no column id"));
}

TEST_F(FileFindings, ATableWithoutAPrimaryKeyIsSummedUpByPosition) {
  lake_.Land({{{0, 0, 10}}, Rows(0, 0, 10), {}, "plain"});
  EXPECT_TRUE(AuditLake(lake_).clean());
  lake_.RewriteRows(lake_.FileOf(BatchId(3), "plain", Day(1)), Rows(0, 1, 10));
  EXPECT_THAT(Kinds(AuditLake(lake_)), HasSubstr("key_sum_mismatch 1"));
}

TEST_F(FileFindings, SinceSkipsOlderBatches) {
  std::filesystem::remove(lake_.Path(File(1, 2)));
  AuditOptions options;
  options.since = BatchId(1);
  const AuditReport report = AuditLake(lake_, options);
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_EQ(report.rows(), 100u);
  std::filesystem::remove(lake_.Path(File(2, 4)));
  EXPECT_EQ(Kinds(AuditLake(lake_, options)), "missing_file 1");
}

TEST_F(FileFindings, ExpiredFilesAreNotedAndNotMissing) {
  const std::string file = File(1, 2);
  std::filesystem::remove(lake_.Path(file));
  lake_.Sql("UPDATE files SET state = 'expired' WHERE batch = 1 AND partition_dir = '" + Day(2) + "'");
  const AuditReport report = AuditLake(lake_);
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_EQ(NotesOf(report, FindingKind::kExpiredFiles).size(), 1u);
  EXPECT_EQ(report.topics[0].missing_offsets.in_expired_files, 47u);

  lake_.RewriteRows(file, RowsOf(1, 2));
  EXPECT_EQ(Kinds(AuditLake(lake_)), "foreign_file 1");
}

TEST_F(FileFindings, AMultithreadedAuditFindsTheSame) {
  std::vector<TestRow> rows = RowsOf(1, 1);
  rows.push_back(rows[5]);
  lake_.RewriteRows(File(1, 1), rows);
  AuditOptions options;
  options.threads = 8;
  const std::string many = Kinds(AuditLake(lake_, options));
  options.threads = 1;
  EXPECT_EQ(many, Kinds(AuditLake(lake_, options)));
  EXPECT_THAT(many, HasSubstr("duplicate_in_file 1"));
}

TEST_F(FileFindings, StagedFilesAreNoted) {
  std::ofstream(lake_.Path("_forebay/staging/" + RandomStagedName())) << "x";
  const AuditReport report = AuditLake(lake_);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(NotesOf(report, FindingKind::kStagedFiles).size(), 1u);
}

}  // namespace
}  // namespace forebay
