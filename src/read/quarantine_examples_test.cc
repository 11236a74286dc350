#include "read/quarantine_examples.h"

#include <gmock/gmock.h>

#include "store/posix_table_store.h"
#include "testlake/test_lake.h"

namespace forebay {
namespace {

using testing::ElementsAre;

class QuarantineExamplesTest : public testing::Test {
 protected:
  // One refresh from the lake's ledger as it is. Returns "reason offset" for each example.
  std::vector<std::string> Refresh(QuarantineExamples& examples) {
    const OpenedLake opened = std::move(*OpenLakeForReading(PosixFs(), lake_.dir()));
    const LedgerSnapshot snapshot = *opened.ledger->Snapshot();
    QuarantineSources sources;
    for (const LedgerBatch& batch : snapshot.batches) AddSources(batch, &sources);
    examples.Refresh(sources, snapshot.topics);
    EXPECT_EQ(examples.error(), "");
    std::vector<std::string> all;
    for (const QuarantineExample& example : examples.All())
      all.push_back(example.reason + " " + std::to_string(example.offset.value()));
    return all;
  }
  static std::vector<TestRefused> NotJson(int64_t from, int64_t to) {
    std::vector<TestRefused> rejected;
    for (int64_t offset = from; offset < to; ++offset) rejected.push_back({0, offset});
    return rejected;
  }

  TestLake lake_;
  PosixTableStore store_{PosixFs(), LakePaths(lake_.dir())};
};

TEST_F(QuarantineExamplesTest, KeepsTheFirstOfTheNewestBatch) {
  lake_.Land({{{0, 0, 10}}, {}, NotJson(0, 10)});
  QuarantineExamples examples(store_);
  EXPECT_THAT(Refresh(examples), ElementsAre("not_json 0", "not_json 1", "not_json 2"));
  lake_.Land({{{0, 10, 11}}, {}, NotJson(10, 11)});
  EXPECT_THAT(Refresh(examples), ElementsAre("not_json 10"));
}

TEST_F(QuarantineExamplesTest, ContinuesAfterTheLimitOfOneRefresh) {
  lake_.Land({{{0, 0, 1}}, {}, {{0, 0, "too_deep"}}});
  std::vector<TestRefused> rejected = NotJson(1, 10);
  rejected.push_back({0, 10, "too_deep"});
  rejected.push_back({0, 11, "too_large"});
  QuarantineExamples examples(store_, 4);
  EXPECT_THAT(Refresh(examples), ElementsAre("too_deep 0"));
  lake_.Land({{{0, 1, 12}}, {}, rejected});
  EXPECT_THAT(Refresh(examples), ElementsAre("not_json 1", "not_json 2", "not_json 3", "too_deep 0"));
  EXPECT_THAT(Refresh(examples), ElementsAre("not_json 1", "not_json 2", "not_json 3", "too_deep 0"));
  const auto complete = ElementsAre("not_json 1", "not_json 2", "not_json 3", "too_deep 10", "too_large 11");
  EXPECT_THAT(Refresh(examples), complete);
  EXPECT_THAT(Refresh(examples), complete);
}

}  // namespace
}  // namespace forebay
