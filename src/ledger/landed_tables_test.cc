#include "ledger/landed_tables.h"

#include <string>
#include <vector>

#include "ledger/ledger_fixture.h"

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LandedTablesTest : public EachStore {
 protected:
  // A batch of offsets of clicks, with rows or with refused records alone.
  void Land(Ledger& ledger, const std::string& contract, bool has_rows = true) {
    BatchProposal proposal = Proposal(next_, next_ + 5);
    next_ += 5;
    proposal.contract_yaml = contract;
    if (!has_rows) {
      proposal.ranges[0].rows = 0;
      proposal.files.erase(proposal.files.begin());
    }
    ASSERT_TRUE(ledger.Decide(proposal, StagedFilesExist).ok());
  }

  static std::vector<std::string> Contracts(Ledger& ledger, BatchId until = kNewestBatch) {
    std::vector<std::string> texts;
    const auto landed = ledger.LandedTables(until);
    EXPECT_TRUE(landed.ok());
    for (const LandedTable& table : *landed)
      texts.push_back(table.table + " " + table.contract_yaml + " " + std::to_string(table.newest.value()));
    return texts;
  }

  int64_t next_ = 5;  // CreateAndBegin's
};
INSTANTIATE_TEST_SUITE_P(, LandedTablesTest, kEachStore, StoreName);

TEST_P(LandedTablesTest, NothingInANewLake) {
  const auto ledger = CreateAndBegin();
  EXPECT_THAT(Contracts(*ledger), IsEmpty());
  EXPECT_THAT(*ledger->LandedTopics(), IsEmpty());
}

TEST_P(LandedTablesTest, OneContract) {
  const auto ledger = CreateAndBegin();
  Land(*ledger, "a");
  Land(*ledger, "a");
  EXPECT_THAT(Contracts(*ledger), ElementsAre("clicks a 2"));
  ASSERT_EQ(ledger->LandedTopics()->size(), 1u);
  EXPECT_EQ(ledger->LandedTopics()->front().table, "clicks");
}

TEST_P(LandedTablesTest, TheContractOfTheNewestRowsIsFirst) {
  const auto ledger = CreateAndBegin();
  for (const char* contract : {"a", "b", "a", "c"}) Land(*ledger, contract);
  EXPECT_THAT(Contracts(*ledger), ElementsAre("clicks c 4", "clicks a 3", "clicks b 2"));
  EXPECT_THAT(Contracts(*ledger, BatchId(2)), ElementsAre("clicks b 2", "clicks a 1"));
}

TEST_P(LandedTablesTest, RefusedRecordsAreNoRows) {
  const auto ledger = CreateAndBegin();
  Land(*ledger, "a", false);
  EXPECT_THAT(Contracts(*ledger), IsEmpty());
  EXPECT_EQ(ledger->LandedTopics()->size(), 1u);
  Land(*ledger, "b");
  Land(*ledger, "b", false);
  EXPECT_THAT(Contracts(*ledger), ElementsAre("clicks b 2"));
}

TEST_P(LandedTablesTest, ATopicMayGetAnotherTableBeforeItHasLanded) {
  const auto ledger = CreateAndBegin();
  ASSERT_TRUE(ledger->RenameTable("shop.clicks", "taps").ok());
  EXPECT_EQ(ledger->Topics()->front().table, "taps");
  Land(*ledger, "a", false);
  ExpectRefused(ledger->RenameTable("shop.clicks", "clicks"),
                "topic 'shop.clicks' was landed as table 'taps', and cannot become table 'clicks'",
                ErrorCode::kFailedPrecondition);
  EXPECT_EQ(ledger->Topics()->front().table, "taps");
}

TEST_P(LandedTablesTest, TablesWithPatternsAreNotedOnce) {
  const auto ledger = CreateAndBegin();
  EXPECT_THAT(*ledger->PatternTables(), IsEmpty());
  ASSERT_TRUE(ledger->NotePatternTables({"{topic}", "orders"}).ok());
  ASSERT_TRUE(ledger->NotePatternTables({"orders"}).ok());
  ASSERT_TRUE(ledger->NotePatternTables({"clicks", "orders"}).ok());
  EXPECT_THAT(*ledger->PatternTables(), ElementsAre("clicks", "orders", "{topic}"));
}

}  // namespace
}  // namespace forebay
