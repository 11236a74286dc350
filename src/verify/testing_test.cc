#include "verify/testing.h"

#include <map>

namespace forebay {
namespace {

std::vector<Finding> OfKind(const std::vector<Finding>& findings, FindingKind kind) {
  std::vector<Finding> found;
  for (const Finding& finding : findings) {
    if (finding.kind == kind) found.push_back(finding);
  }
  return found;
}

}  // namespace

AuditReport AuditLake(const TestLake& lake, AuditOptions options) {
  options.lake = lake.dir();
  Result<AuditReport> report = Audit(options);
  EXPECT_TRUE(report.ok());
  return std::move(report).value();
}

NamedReceipt ReceiptFor(const std::vector<TestRow>& rows, const std::vector<TestRefused>& refused,
                        const std::string& run) {
  ReceiptTable table;
  table.table = "events";
  table.topic = "t.events";
  table.topic_id = kEventsId;
  std::map<int32_t, std::vector<OffsetRange>> offsets;
  for (const TestRow& row : rows) {
    ExpectedRows& expected = table.landed[DateDir(row.at_us)];
    ++expected.rows;
    expected.key_sum += KeyHash(row, "events");
    offsets[row.partition].push_back({Offset(row.offset), Offset(row.offset + 1)});
  }
  for (const TestRefused& row : refused) {
    ++table.quarantined[row.reason];
    offsets[row.partition].push_back({Offset(row.offset), Offset(row.offset + 1)});
  }
  for (auto& [partition, ranges] : offsets) {
    ReceiptPartition& acknowledged = table.partitions[partition];
    acknowledged.records = ranges.size();
    for (const OffsetRange& range : Normalized(ranges)) acknowledged.acknowledged.Append(range);
  }
  NamedReceipt receipt;
  receipt.file = run + ".json";
  receipt.receipt.run = run;
  receipt.receipt.state = ReceiptState::kComplete;
  receipt.receipt.tables.push_back(std::move(table));
  return receipt;
}

std::vector<Finding> ProblemsOf(const AuditReport& report, FindingKind kind) {
  return OfKind(report.problems, kind);
}
std::vector<Finding> NotesOf(const AuditReport& report, FindingKind kind) {
  return OfKind(report.notes, kind);
}

std::string Kinds(const AuditReport& report) {
  std::string text;
  for (const auto& [kind, count] : report.problem_counts) {
    text += (text.empty() ? "" : ", ") + std::string(FindingName(kind)) + " " + std::to_string(count);
  }
  return text;
}

namespace {

TEST(AuditLake, IsCleanAsLanded) {
  TestLake lake;
  lake.LandTwoBatches();
  const AuditReport report = AuditLake(lake);
  EXPECT_TRUE(report.clean()) << Kinds(report);
  EXPECT_TRUE(report.notes.empty());
  EXPECT_EQ(report.batches, 2u);
  EXPECT_EQ(report.rows(), 199u);
  EXPECT_EQ(report.quarantined(), 1u);
}

}  // namespace
}  // namespace forebay
