#include "ledger/added_columns.h"

#include "ledger/ledger_fixture.h"
#include "ledger/schema.h"

namespace forebay {
namespace {

using AddedColumnList = std::vector<AddedColumn>;

class AddedColumnsTest : public EachStore {};
INSTANTIATE_TEST_SUITE_P(, AddedColumnsTest, kEachStore, StoreName);

TEST(CheckAddedColumns, AColumnKeepsItsTypeAndTheCaseOfItsName) {
  const AddedColumnList known = {{"clicks", "more", "int32"}, {"clicks", "tags", "list<string>"}};
  EXPECT_TRUE(CheckAddedColumns(known, {}).ok());
  EXPECT_TRUE(CheckAddedColumns(known, {{"clicks", "more", "int32"}, {"clicks", "new", "bool"}}).ok());
  EXPECT_TRUE(CheckAddedColumns(known, {{"orders", "more", "string"}}).ok());
  ExpectRefused(CheckAddedColumns(known, {{"clicks", "more", "int64"}}), "with type int64",
                ErrorCode::kFailedPrecondition);
  ExpectRefused(CheckAddedColumns(known, {{"clicks", "More", "int32"}}), "one that is written more",
                ErrorCode::kFailedPrecondition);
}

TEST_P(AddedColumnsTest, AreKeptSinceTheirFirstBatch) {
  const auto ledger = CreateAndBegin();
  EXPECT_TRUE(ledger->AddedColumns()->empty());
  BatchProposal proposal = Proposal(5, 10);
  proposal.added_columns = {{"clicks", "more", "int32"}};
  ASSERT_TRUE(ledger->Decide(proposal, StagedFilesExist).ok());
  proposal = Proposal(10, 20);
  proposal.added_columns = {{"clicks", "more", "int32"}, {"clicks", "also", "string"}};
  ASSERT_TRUE(ledger->Decide(proposal, StagedFilesExist).ok());
  ASSERT_TRUE(ledger->Decide(Proposal(20, 30), StagedFilesExist).ok());
  EXPECT_EQ(*Open()->AddedColumns(),
            (AddedColumnList{{"clicks", "also", "string"}, {"clicks", "more", "int32"}}));
}

TEST_P(AddedColumnsTest, ABatchWithAnotherTypeIsNotDecided) {
  const auto ledger = CreateAndBegin();
  BatchProposal proposal = Proposal(5, 10);
  proposal.added_columns = {{"clicks", "more", "int32"}};
  ASSERT_TRUE(ledger->Decide(proposal, StagedFilesExist).ok());
  proposal = Proposal(10, 20);
  proposal.added_columns = {{"clicks", "also", "string"}, {"clicks", "more", "string"}};
  ExpectRefused(ledger->Decide(proposal, StagedFilesExist), "the table's files have it with type int32",
                ErrorCode::kFailedPrecondition);
  EXPECT_EQ(*ledger->LastBatch(), BatchId(1));
  EXPECT_EQ(*ledger->AddedColumns(), (AddedColumnList{{"clicks", "more", "int32"}}));
}

}  // namespace
}  // namespace forebay
