// A lake compared with receipts: comparable receipts, incomparable ones, and findings.
#include "verify/receipt_check.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "verify/testing.h"

namespace forebay {
namespace {

using testing::HasSubstr;

class ReceiptFindings : public testing::Test {
 protected:
  // One batch: partitions 0 and 1 with offsets 0 to 49; offset 40 of partition 0 is refused.
  void Land() {
    landed_ = Rows(0, 0, 50) + Rows(1, 0, 50);
    landed_.erase(landed_.begin() + 40);
    lake_.Land({{{0, 0, 50}, {1, 0, 50}}, landed_, {{0, 40}}});
  }
  AuditReport Audit(std::vector<NamedReceipt> receipts, bool require_landed = false) const {
    AuditOptions options;
    options.receipts = std::move(receipts);
    options.require_landed = require_landed;
    return AuditLake(lake_, options);
  }
  static ReceiptTable& Table(NamedReceipt& receipt) { return receipt.receipt.tables.front(); }

  TestLake lake_;
  std::vector<TestRow> landed_;
};

TEST_F(ReceiptFindings, ACompleteReceiptIsClean) {
  Land();
  const AuditReport report = Audit({ReceiptFor(landed_, {{0, 40}})});
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_TRUE(report.notes.empty());
  EXPECT_EQ(report.topics[0].in_receipts, 100u);
}

TEST_F(ReceiptFindings, TwoReceiptsShareALakeWithRecordsInNoReceipt) {
  Land();
  const std::vector<TestRow> first(landed_.begin(), landed_.begin() + 20);
  const std::vector<TestRow> second(landed_.begin() + 30, landed_.begin() + 70);
  const AuditReport report = Audit({ReceiptFor(first, {}, "a"), ReceiptFor(second, {}, "b")});
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_EQ(report.topics[0].in_receipts, 60u);
  ASSERT_EQ(NotesOf(report, FindingKind::kNotInReceipts).size(), 1u);
  EXPECT_EQ(NotesOf(report, FindingKind::kNotInReceipts)[0].detail, "40 records");
}

TEST_F(ReceiptFindings, AnotherRowCountInADirectoryIsReported) {
  Land();
  NamedReceipt receipt = ReceiptFor(landed_, {{0, 40}});
  ++Table(receipt).landed["date=2025-11-02"].rows;
  --Table(receipt).landed["date=2025-11-01"].rows;
  const AuditReport report = Audit({receipt});
  EXPECT_EQ(Kinds(report), "receipt_row_count_mismatch 2");
  EXPECT_EQ(report.problems[0].partition_dir, "date=2025-11-01");
  EXPECT_EQ(report.problems[1].expected, "48 rows");
  EXPECT_EQ(report.problems[1].found, "47");
}

TEST_F(ReceiptFindings, ADirectoryThatIsNotInTheReceiptIsReported) {
  Land();
  NamedReceipt receipt = ReceiptFor(landed_, {{0, 40}});
  auto node = Table(receipt).landed.extract("date=2025-11-02");
  node.key() = "date=2025-12-24";
  Table(receipt).landed.insert(std::move(node));
  EXPECT_EQ(Kinds(Audit({receipt})), "receipt_row_count_mismatch 2");
}

TEST_F(ReceiptFindings, AnotherContractExplainsOtherOutcomesAndNoMissingRecord) {
  Land();
  NamedReceipt receipt = ReceiptFor(landed_, {{0, 40}});
  receipt.receipt.contract_hash = "0123456789abcdef0123456789abcdef";
  EXPECT_TRUE(Audit({receipt}).notes.empty()) << "the outcomes are the same";
  ++Table(receipt).landed["date=2025-11-02"].rows;
  Table(receipt).quarantined.clear();
  const AuditReport report = Audit({receipt});
  EXPECT_TRUE(report.clean()) << Kinds(report);
  const std::vector<Finding> notes = NotesOf(report, FindingKind::kReceiptOtherContract);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0].detail, HasSubstr("--brokers judges it"));
  Table(receipt).partitions[0].acknowledged.Append({Offset(50), Offset(51)});
  lake_.Land({{{0, 50, 51}}, {}, {}});
  EXPECT_EQ(Kinds(Audit({receipt})), "missing_acknowledged_record 1")
      << "an offset without a row stays missing";
}

TEST_F(ReceiptFindings, OtherKeysAreReported) {
  Land();
  NamedReceipt receipt = ReceiptFor(landed_, {{0, 40}});
  Table(receipt).landed["date=2025-11-02"].key_sum ^= 1;
  EXPECT_EQ(Kinds(Audit({receipt})), "receipt_key_sum_mismatch 1");
}

TEST_F(ReceiptFindings, OtherReasonsInQuarantineAreReported) {
  Land();
  NamedReceipt receipt = ReceiptFor(landed_, {{0, 40, "too_deep"}});
  const AuditReport report = Audit({receipt});
  EXPECT_EQ(Kinds(report), "receipt_quarantine_mismatch 2");
  EXPECT_EQ(report.problems[0].detail, "not_json");
  EXPECT_EQ(report.problems[1].detail, "too_deep");
}

TEST_F(ReceiptFindings, AnAcknowledgedRecordWithoutARowIsReported) {
  // Offset 17 was acknowledged, but it is missing from its batch.
  std::vector<TestRow> rows = Rows(0, 0, 50);
  const std::vector<TestRow> all = rows;
  rows.erase(rows.begin() + 17);
  lake_.Land({{{0, 0, 50}}, rows, {}});
  EXPECT_TRUE(Audit({}).clean());
  const AuditReport report = Audit({ReceiptFor(all)});
  EXPECT_EQ(Kinds(report), "missing_acknowledged_record 1, receipt_row_count_mismatch 1");
  EXPECT_EQ(report.problems[0].partition, PartitionId(0));
  EXPECT_EQ(report.problems[0].offsets, (OffsetRange{Offset(17), Offset(18)}));
}

TEST_F(ReceiptFindings, TombstonesAreExpectedToHaveNoRow) {
  std::vector<TestRow> rows = Rows(0, 0, 50);
  rows.erase(rows.begin() + 17);
  lake_.Land({{{0, 0, 50, 1}}, rows, {}});
  NamedReceipt receipt = ReceiptFor(rows);
  Table(receipt).tombstones = 1;
  Table(receipt).partitions[0] = {};
  Table(receipt).partitions[0].records = 50;
  Table(receipt).partitions[0].acknowledged.Append({Offset(0), Offset(50)});
  EXPECT_TRUE(Audit({receipt}).clean());
  Table(receipt).tombstones = 2;
  EXPECT_EQ(Kinds(Audit({receipt})), "receipt_tombstone_mismatch 1");
  Table(receipt).tombstones = 0;
  EXPECT_EQ(Kinds(Audit({receipt})), "missing_acknowledged_record 1");
}

TEST_F(ReceiptFindings, AcknowledgedOffsetsThatNoBatchLandedAreReported) {
  Land();
  lake_.Sql("DELETE FROM ranges WHERE kafka_partition = 1");
  const AuditReport report = Audit({ReceiptFor(landed_, {{0, 40}})});
  const auto missing = ProblemsOf(report, FindingKind::kMissingAcknowledgedRecord);
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(missing[0].offsets, (OffsetRange{Offset(0), Offset(50)}));
  EXPECT_THAT(missing[0].detail, HasSubstr("not landed by any batch"));
}

TEST_F(ReceiptFindings, RecordsNotLandedYetFailOnlyWithRequireLanded) {
  Land();
  const NamedReceipt receipt = ReceiptFor(landed_ + Rows(1, 50, 60), {{0, 40}});
  const AuditReport report = Audit({receipt});
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_EQ(report.topics[0].not_landed_yet, 10u);
  EXPECT_EQ(NotesOf(report, FindingKind::kNotLandedYet)[0].offsets, (OffsetRange{Offset(50), Offset(60)}));
  EXPECT_THAT(NotesOf(report, FindingKind::kReceiptNotComparable)[0].detail, HasSubstr("not landed yet"));
  EXPECT_EQ(Kinds(Audit({receipt}, true)), "not_landed_yet 1");
}

TEST_F(ReceiptFindings, MissingRecordsOfAPartlyLandedReceiptAreReported) {
  std::vector<TestRow> rows = Rows(0, 0, 50);
  rows.erase(rows.begin() + 17);
  lake_.Land({{{0, 0, 50}}, rows, {}});
  EXPECT_EQ(Kinds(Audit({ReceiptFor(Rows(0, 0, 60))})), "missing_acknowledged_record 1");
}

TEST_F(ReceiptFindings, SinceComparesReceiptsOfNewerBatches) {
  Land();
  const std::vector<TestRow> later = Rows(0, 50, 80);
  lake_.Land({{{0, 50, 80}}, later, {}});
  NamedReceipt wrong = ReceiptFor(later, {}, "later");
  Table(wrong).landed.begin()->second.key_sum ^= 1;
  AuditOptions options;
  options.since = BatchId(1);
  options.receipts = {ReceiptFor(landed_, {{0, 40}}, "first"), ReceiptFor(later, {}, "later")};
  const AuditReport report = AuditLake(lake_, options);
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_EQ(NotesOf(report, FindingKind::kReceiptNotComparable).size(), 1u);
  options.receipts[1] = wrong;
  EXPECT_EQ(Kinds(AuditLake(lake_, options)), "receipt_key_sum_mismatch 1");
}

TEST_F(ReceiptFindings, ReceiptsThatClaimTheSameOffsetsAreReported) {
  Land();
  const AuditReport report =
      Audit({ReceiptFor(landed_, {{0, 40}}, "a"), ReceiptFor(Rows(1, 10, 20), {}, "b")});
  EXPECT_EQ(Kinds(report), "receipt_overlap 1");
  EXPECT_EQ(report.problems[0].offsets, (OffsetRange{Offset(10), Offset(20)}));
}

// In any order of the names: a copy adds nothing, an older one is ignored, a contradiction is reported.
TEST_F(ReceiptFindings, OfReceiptsOfOneRunTheNewestCountsAndAContradictionIsReported) {
  Land();
  const std::string dir = ::testing::TempDir() + "forebay-receipts-of-one-run/";
  std::filesystem::create_directories(dir);
  Receipt sound = ReceiptFor(landed_, {{0, 40}}, "a").receipt;
  sound.updated_ms = 2000;
  Receipt older = sound;
  older.updated_ms = 1000;
  Receipt edited = sound;
  ++edited.tables.front().landed.begin()->second.key_sum;
  const auto write = [&](const std::string& name, const Receipt& receipt) {
    std::ofstream(dir + name) << ReceiptToJson(receipt);
    return dir + name;
  };
  const std::string a = write("sound.json", sound), copy = write("copy.json", sound);
  const std::string b = write("older.json", older), c = write("edited.json", edited);
  const auto kinds = [&](const std::vector<std::string>& files) {
    auto receipts = ReadReceipts(files);
    EXPECT_TRUE(receipts.ok());
    return Kinds(Audit(*std::move(receipts)));
  };
  EXPECT_EQ(kinds({a, copy, b}), "");
  EXPECT_EQ(kinds({b, a}), "");
  EXPECT_NE(kinds({a, c}).find("receipt_overlap"), std::string::npos);
  EXPECT_NE(kinds({c, a}).find("receipt_overlap"), std::string::npos);
  std::filesystem::remove_all(dir);
}

TEST_F(ReceiptFindings, AReceiptOfARecreatedTopicIsReported) {
  Land();
  NamedReceipt receipt = ReceiptFor(landed_);
  Table(receipt).topic_id = TopicId("AAAAAAAAAAAAAAAAAAAAzz");
  EXPECT_EQ(Kinds(Audit({receipt})), "topic_recreated 1");
}

TEST_F(ReceiptFindings, AReceiptOfATopicThatNeverLandedIsNotLandedYet) {
  Land();
  NamedReceipt receipt = ReceiptFor(landed_);
  Table(receipt).topic_id = TopicId("AAAAAAAAAAAAAAAAAAAAzz");
  Table(receipt).topic = "t.other";
  const AuditReport report = Audit({receipt});
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(NotesOf(report, FindingKind::kNotLandedYet)[0].detail,
            "99 records of a topic that was never landed");
  EXPECT_EQ(Kinds(Audit({receipt}, true)), "not_landed_yet 1");
}

TEST_F(ReceiptFindings, UnfinishedAndUncertainReceiptsAreNoted) {
  Land();
  NamedReceipt receipt = ReceiptFor(landed_, {{0, 40}});
  receipt.receipt.state = ReceiptState::kRunning;
  Table(receipt).uncertain = 3;
  const AuditReport report = Audit({receipt});
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(NotesOf(report, FindingKind::kReceiptUnfinished)[0].detail, HasSubstr("3 records timed out"));
}

TEST_F(ReceiptFindings, AnAcceptedLossCannotBeCompared) {
  Land();
  lake_.Sql("UPDATE partitions SET next = 60 WHERE topic_id = '" + kEventsId.base64() +
            "' AND kafka_partition = 1");
  lake_.Sql("INSERT INTO lost_ranges VALUES ('" + kEventsId.base64() + "', 1, 1, 50, 60, 1)");
  const AuditReport report = Audit({ReceiptFor(landed_ + Rows(1, 50, 60), {{0, 40}})});
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_EQ(NotesOf(report, FindingKind::kAcceptedLoss).size(), 1u);
  EXPECT_THAT(NotesOf(report, FindingKind::kReceiptNotComparable)[0].detail, HasSubstr("accepted loss"));
}

// A lake from which an operator expired the first date; some tests expire its quarantine, too.
class ExpiredFindings : public ReceiptFindings {
 protected:
  void SetUp() override {
    Land();
    Expire("events", "date=2025-11-01");
  }
  void Expire(const std::string& table, const std::string& directory) {
    std::filesystem::remove_all(lake_.Path(table + "/" + directory));
    lake_.Sql("UPDATE files SET state = 'expired' WHERE table_name = '" + table + "' AND partition_dir = '" +
              directory + "'");
  }
};

TEST_F(ExpiredFindings, ExpiredRowsAreComparedByTheLedgersCounts) {
  NamedReceipt receipt = ReceiptFor(landed_, {{0, 40}});
  const AuditReport report = Audit({receipt});
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_TRUE(NotesOf(report, FindingKind::kReceiptNotComparable).empty());
  ++Table(receipt).landed["date=2025-11-01"].rows;
  EXPECT_EQ(Kinds(Audit({receipt})), "receipt_row_count_mismatch 1");
  --Table(receipt).landed["date=2025-11-01"].rows;
  Table(receipt).landed["date=2025-11-01"].key_sum ^= 1;
  EXPECT_EQ(Kinds(Audit({receipt})), "receipt_key_sum_mismatch 1");
}

TEST_F(ExpiredFindings, ExpiredRejectionsAreComparedByTheLedgersCounts) {
  for (const auto& entry : std::filesystem::directory_iterator(lake_.Path("quarantine")))
    Expire("quarantine", entry.path().filename());
  EXPECT_EQ(Kinds(Audit({ReceiptFor(landed_, {{0, 40}})})), "");
  EXPECT_EQ(Kinds(Audit({ReceiptFor(landed_, {{0, 40, "not_utf8"}})})), "receipt_quarantine_mismatch 2");
}

TEST_F(ExpiredFindings, AReceiptOfPartOfTheBatchIsNotComparable) {
  const std::vector<TestRow> part(landed_.begin(),
                                  landed_.begin() + 49);  // of partition 0, all but offset 40
  const AuditReport report = Audit({ReceiptFor(part)});
  EXPECT_TRUE(report.clean()) << Kinds(report);
  ASSERT_EQ(NotesOf(report, FindingKind::kReceiptNotComparable).size(), 1u);
  EXPECT_EQ(NotesOf(report, FindingKind::kReceiptNotComparable)[0].partition_dir, "date=2025-11-01");
}

}  // namespace
}  // namespace forebay
