#include "compare/log_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/fingerprint.h"

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = LogVerdict::Kind;

kafka::Message MessageAt(int64_t offset, int epoch = 1) {
  return {0, PartitionId(0), Offset(offset), 1'700'000'000'000 + offset, "key", "value", LeaderEpoch(epoch)};
}

LandedRecord RecordAt(int64_t offset, int epoch = 1) {
  return LandedRecordOf(MessageAt(offset, epoch));
}

// A log of which the records 4 and 7 were landed, before two changes of its leader.
class LogSearchTest : public testing::Test {
 protected:
  LogSearch Begin(int64_t earliest = 0) const {
    return {log_, {.earliest = Offset(earliest), .stable = Offset(20), .end = Offset(20)}};
  }
  static void Reach(LogSearch* search, int64_t offset) { search->Reach({0, PartitionId(0), Offset(offset)}); }

  const LandedLog log_{{"t", PartitionId(0)}, {RecordAt(4, 1), RecordAt(7, 2)}, Offset(8)};
};

TEST_F(LogSearchTest, FindsAllRecords) {
  LogSearch search = Begin();
  EXPECT_EQ(search.start(), Offset(4));
  for (const int64_t offset : {4, 5, 6}) search.Observe(MessageAt(offset));
  search.Observe(MessageAt(7, 2));
  EXPECT_FALSE(search.is_done());
  Reach(&search, 8);
  EXPECT_TRUE(search.is_done());
  EXPECT_EQ(search.verdict().kind, Kind::kSame);
  EXPECT_EQ(search.verdict().leader_epoch, LeaderEpoch(2));
  EXPECT_THAT(search.missing(), IsEmpty());
}

TEST_F(LogSearchTest, ARecordThatIsThereDoesNotStandForOneThatIsMissing) {
  LogSearch search = Begin();
  search.Observe(MessageAt(5));
  search.Observe(MessageAt(7, 2));
  Reach(&search, 8);
  EXPECT_TRUE(search.is_done());
  EXPECT_EQ(search.verdict().kind, Kind::kUnknown);
  EXPECT_THAT(search.missing(), ElementsAre(RecordAt(4, 1)));
}

TEST_F(LogSearchTest, EachMissingRecordIsNamed) {
  LogSearch search = Begin();
  search.Observe(MessageAt(6));
  Reach(&search, 8);
  EXPECT_EQ(search.verdict().kind, Kind::kUnknown);
  EXPECT_THAT(search.missing(), ElementsAre(RecordAt(4, 1), RecordAt(7, 2)));
}

TEST_F(LogSearchTest, AnExpiredRecordIsNotMissing) {
  LogSearch search = Begin(6);
  EXPECT_EQ(search.start(), Offset(7));
  search.Observe(MessageAt(7, 2));
  Reach(&search, 8);
  EXPECT_EQ(search.verdict().kind, Kind::kSame);
  EXPECT_THAT(search.missing(), IsEmpty());
}

TEST_F(LogSearchTest, ADifferenceStaysWhateverIsMissing) {
  LogSearch search = Begin();
  search.Observe(MessageAt(5));
  search.Observe(MessageAt(7, 3));
  EXPECT_TRUE(search.is_done());
  EXPECT_EQ(search.verdict().kind, Kind::kDifferent);
  EXPECT_THAT(search.verdict().difference, HasSubstr("was written again"));
}

}  // namespace
}  // namespace forebay
