#include "verify/scan_totals.h"

#include <gmock/gmock.h>

#include "verify/expired_counts.h"
#include "verify/testing.h"

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::Pair;

// A batch of 50 offsets, of which offset 40 was rejected, and receipts that name all of them.
class ScanTotalsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<TestRow> rows = Rows(0, 0, 50);
    rows.erase(rows.begin() + 40);
    lake_.Land({{{0, 0, 50}}, rows, {{0, 40}}});
    const OpenedLake opened = std::move(*OpenLakeForReading(PosixFs(), lake_.dir()));
    before_ = *opened.ledger->Snapshot();
    FindingLog log;
    files_ = CompareFiles(before_, *opened.lake->store().ListFiles(), before_, log);
  }

  TestLake lake_;
  LedgerSnapshot before_;
  std::vector<FileToRead> files_;
};

TEST_F(ScanTotalsTest, AFileThatChangedCountsAsExpired) {
  AuditScope scope(before_, before_);
  std::vector<FileScan> scans(files_.size());
  for (size_t i = 0; i < files_.size(); ++i) {
    if (files_[i].file->place.table != kQuarantineTable) continue;
    scans[i].contents.rejected[{0, "not_json"}] = {1, 1};
    scans[i].outcome = ChangedFile();
    scope.CountAsExpired(*files_[i].batch, *files_[i].file);
  }
  ScanTotals totals = SumScans(scope, files_, scans);
  EXPECT_TRUE(totals.batches[BatchId(1)].rejected_by_reason.empty());
  EXPECT_EQ(totals.batches[BatchId(1)].complete_files, files_.size() - 1);
  FindingLog log;
  AddExpired(before_, scope, {{{Offset(0), Offset(50)}}}, &totals, log);
  EXPECT_THAT(totals.compared.rejected, ElementsAre(Pair(Pair(0u, "not_json"), 1u)));
}

}  // namespace
}  // namespace forebay
