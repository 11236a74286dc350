#include "status/lake_reader.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "testlake/test_lake.h"

namespace forebay {
namespace {

using testing::ElementsAre;

class FollowedLake : public testing::Test {
 protected:
  static LakeStatus StatusOf(LakeReader& reader) {
    EXPECT_TRUE(reader.Refresh().ok());
    reader.RefreshExamples();
    CompletenessOptions options;
    options.now_ms = NovemberUs(20) / 1000;
    return *reader.Describe(std::nullopt, options);
  }
  LakeStatus FromScratch() const { return StatusOf(**LakeReader::Open(lake_.dir())); }

  TestLake lake_;
};

TestBatch Batch(int64_t from, int64_t to) {
  return {{{0, from, to}}, Rows(0, from, to), {}};
}

// Compares the parts of a status that must not depend on whether the batches were read one by one or all at
// once.
void ExpectSame(const LakeStatus& a, const LakeStatus& b) {
  EXPECT_EQ(a.last_batch, b.last_batch);
  ASSERT_EQ(a.tables.size(), b.tables.size());
  for (size_t t = 0; t < a.tables.size(); ++t) {
    EXPECT_EQ(a.tables[t].rows, b.tables[t].rows);
    EXPECT_EQ(a.tables[t].landed, b.tables[t].landed);
    EXPECT_EQ(a.tables[t].quarantined, b.tables[t].quarantined);
    ASSERT_EQ(a.tables[t].periods.size(), b.tables[t].periods.size());
    for (size_t p = 0; p < a.tables[t].periods.size(); ++p) {
      EXPECT_EQ(a.tables[t].periods[p].checksum, b.tables[t].periods[p].checksum);
      EXPECT_EQ(a.tables[t].periods[p].state, b.tables[t].periods[p].state);
      EXPECT_EQ(a.tables[t].periods[p].completed_by, b.tables[t].periods[p].completed_by);
    }
  }
  ASSERT_EQ(a.commits.size(), b.commits.size());
  for (size_t c = 0; c < a.commits.size(); ++c) EXPECT_EQ(a.commits[c].batch, b.commits[c].batch);
}

TEST_F(FollowedLake, IncrementalPollsEqualOneFullPoll) {
  lake_.LandTwoBatches();
  const auto reader = std::move(*LakeReader::Open(lake_.dir()));
  ExpectSame(StatusOf(*reader), FromScratch());
  for (int64_t n = 0; n < 25; ++n) {
    lake_.Land(Batch(100 + n, 101 + n));
    ExpectSame(StatusOf(*reader), FromScratch());
  }
  const LakeStatus status = StatusOf(*reader);
  EXPECT_EQ(status.tables[0].rows, 224u);
  EXPECT_EQ(status.commits.size(), kCommitsKept);
  EXPECT_EQ(status.commits.front().batch, BatchId(27));
  EXPECT_EQ(status.commits.front().rows, 1u);
}

TEST_F(FollowedLake, AHalfPublishedBatchCountsOnceItIsPublished) {
  lake_.LandTwoBatches();
  const auto reader = std::move(*LakeReader::Open(lake_.dir()));
  TestBatch batch = Batch(100, 110);
  batch.publish = false;
  lake_.Land(batch);
  const LakeStatus before = StatusOf(*reader);
  EXPECT_THAT(before.half_published, ElementsAre(BatchId(3)));
  EXPECT_FALSE(before.commits.front().published);
  EXPECT_EQ(before.tables[0].rows, 199u);
  lake_.Sql("UPDATE batches SET state = 'published', published_at_ms = 1 WHERE batch = 3");
  const LakeStatus after = StatusOf(*reader);
  EXPECT_TRUE(after.half_published.empty());
  EXPECT_EQ(after.tables[0].rows, 209u);
}

TEST_F(FollowedLake, ExamplesAreOfTheNewestBatchAndSafeToShow) {
  const auto refused = [](int64_t from, int64_t count, const std::string& value) {
    TestBatch batch;
    batch.ranges = {{0, from, from + count}};
    for (int64_t n = 0; n < count; ++n) batch.refused.push_back({0, from + n, "not_json", value});
    return batch;
  };
  lake_.Land(refused(0, 10, "old"));
  const auto reader = std::move(*LakeReader::Open(lake_.dir()));
  EXPECT_EQ(StatusOf(*reader).examples.size(), kExamplesKept);
  lake_.Land(refused(10, 1, "\x1b[2J<b>\xff"));
  const LakeStatus status = StatusOf(*reader);
  ASSERT_EQ(status.examples.size(), 1u);
  EXPECT_EQ(status.examples[0].value_preview, "\\x1b[2J<b>\\xff");
  EXPECT_EQ(status.examples[0].offset, Offset(10));
  EXPECT_EQ(status.examples[0].batch, BatchId(2));
  EXPECT_EQ(status.examples_error, "");
}

TEST_F(FollowedLake, AnUnreadableFileIsReported) {
  TestBatch batch;
  batch.ranges = {{0, 0, 1}};
  batch.refused = {{0, 0, "not_json", "{"}};
  const BatchId id = lake_.Land(batch);
  const std::string date = "date=2025-11-07";
  ASSERT_EQ(unlink(lake_.Path(lake_.FileOf(id, "quarantine", date)).c_str()), 0);
  const LakeStatus status = FromScratch();
  EXPECT_TRUE(status.examples.empty());
  EXPECT_NE(status.examples_error.find("no such file"), std::string::npos) << status.examples_error;
  EXPECT_EQ(status.tables[0].quarantined.at("not_json"), 1u);
}

}  // namespace
}  // namespace forebay
