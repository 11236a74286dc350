#include "ledger/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace forebay {
namespace {

using testing::HasSubstr;

const TopicId kClicks("AAAAAAAAAAAAAAAAAAAAAQ");
const TopicId kClicksAgain("AAAAAAAAAAAAAAAAAAAAAg");
const TopicId kOrders("AAAAAAAAAAAAAAAAAAAAAw");

Beginning Begins(const TopicId& id, int partition, int64_t offset) {
  const bool is_orders = id == kOrders;
  return {is_orders ? "shop.orders" : "shop.clicks",
          is_orders ? "orders" : "clicks",
          {id, PartitionId(partition)},
          Offset(offset)};
}

LedgerState Begun() {
  LedgerState state;
  ApplyBegin(state, {Begins(kClicks, 0, 0), Begins(kClicks, 1, 100), Begins(kOrders, 0, 0)}, 1);
  return state;
}

BatchRange Range(const TopicId& id, int partition, int64_t from, int64_t to) {
  BatchRange range;
  range.partition = {id, PartitionId(partition)};
  range.offsets = {Offset(from), Offset(to)};
  return range;
}

ProposedFile File(const std::string& table, int64_t rows) {
  ProposedFile file;
  file.table = table;
  file.partition_dir = "date=2025-10-30";
  file.file_name = NewPlace("", "").file_name;
  file.staged_name = RandomStagedName();
  file.rows = rows;
  file.bytes = 100;
  return file;
}

// Ten offsets: eight rows, one quarantined, one tombstone.
BatchProposal ValidBatch() {
  BatchProposal proposal;
  proposal.contract_yaml = "contract";
  proposal.ranges = {Range(kClicks, 0, 0, 10)};
  proposal.ranges[0].rows = 8;
  proposal.ranges[0].quarantined = 1;
  proposal.ranges[0].tombstones = 1;
  proposal.files = {File("clicks", 5), File("clicks", 3), File("quarantine", 1)};
  proposal.quarantine = {{"clicks", "not_json", 1}};
  return proposal;
}

void ExpectCode(const Status& status, ErrorCode code, const std::string& why) {
  ASSERT_FALSE(status.ok()) << why;
  EXPECT_EQ(status.error().code(), code) << status.error().message();
  EXPECT_THAT(status.error().message(), HasSubstr(why));
}

TEST(CheckProposal, AcceptsAValidBatch) {
  const Status status = CheckProposal(ValidBatch());
  EXPECT_TRUE(status.ok()) << status.error().message();
}

TEST(CheckProposal, RefusesEachFault) {
  struct Fault {
    const char* why;
    std::function<void(BatchProposal&)> make;
  };
  const Fault faults[] = {
      {"no range", [](auto& p) { p.ranges.clear(); }},
      {"no contract", [](auto& p) { p.contract_yaml.clear(); }},
      {"no topic id", [](auto& p) { p.ranges[0].partition.topic_id = TopicId(); }},
      {"no topic id", [](auto& p) { p.ranges[0].partition.topic_id = TopicId("AAAAAAAAAAAAAAAAAAAAAA"); }},
      {"is empty", [](auto& p) { p.ranges[0].offsets.to = p.ranges[0].offsets.from; }},
      {"negative", [](auto& p) { p.ranges[0].tombstones = -1; }},
      {"shorter than its 11 records", [](auto& p) { p.ranges[0].tombstones = 2; }},
      {"two ranges", [](auto& p) { p.ranges.push_back(Range(kClicks, 0, 10, 11)); }},
      {"valid table directory", [](auto& p) { p.files[0].table = "_forebay"; }},
      {"valid table directory", [](auto& p) { p.files[0].table = "../clicks"; }},
      {"valid partition directory", [](auto& p) { p.files[0].partition_dir = "date=../up"; }},
      {"name of a staged file", [](auto& p) { p.files[0].staged_name = "../ledger.db"; }},
      {"name of a file", [](auto& p) { p.files[0].file_name = "../ledger.db"; }},
      {"name of a file", [](auto& p) { p.files[0].file_name = "b00000001-0.parquet"; }},
      {"is empty", [](auto& p) { p.files[0].rows = 0; }},
      {"is empty", [](auto& p) { p.files[0].bytes = 0; }},
      {"duplicate staged name", [](auto& p) { p.files[1].staged_name = p.files[0].staged_name; }},
      {"duplicate file clicks/", [](auto& p) { p.files[1].file_name = p.files[0].file_name; }},
      {"8 rows, its files 9", [](auto& p) { p.files[1].rows = 4; }},
      {"1 quarantined", [](auto& p) { p.files[2].rows = 2; }},
      {"its reasons 2", [](auto& p) { p.quarantine[0].records = 2; }},
      {"not positive",
       [](auto& p) {
         p.quarantine.push_back({"clicks", "too_deep", 0});
       }},
      {"without a timestamp",
       [](auto& p) {
         p.untimed = {{"clicks", 0}};
       }},
      {"without a timestamp",
       [](auto& p) {
         p.untimed = {{"clicks", 1}, {"clicks", 2}};
       }},
      {"duplicate count of not_json", [](auto& p) { p.quarantine.push_back(p.quarantine[0]); }},
  };
  for (const Fault& fault : faults) {
    BatchProposal proposal = ValidBatch();
    fault.make(proposal);
    ExpectCode(CheckProposal(proposal), ErrorCode::kInvalidArgument, fault.why);
  }
}

TEST(Begin, NewPartitionsOfKnownAndNewTopics) {
  LedgerState state = Begun();
  const std::vector<Beginning> more = {Begins(kClicks, 2, 0)};
  ASSERT_TRUE(CanBegin(state, more).ok());
  ApplyBegin(state, more, 2);
  EXPECT_EQ(state.partitions.at({kClicks, PartitionId(2)}), (PartitionProgress{Offset(0), Offset(0)}));
  EXPECT_EQ(state.partitions.at({kClicks, PartitionId(1)}), (PartitionProgress{Offset(100), Offset(100)}));
  EXPECT_EQ(state.topics.at(kClicks).first_seen_at_ms, 1);
}

TEST(Begin, Refusals) {
  const LedgerState state = Begun();
  ExpectCode(CanBegin(state, {Begins(kClicks, 0, 0)}), ErrorCode::kConflict,
             "already begun by another process");
  ExpectCode(CanBegin(state, {Begins(kClicks, 5, 0), Begins(kClicks, 5, 1)}), ErrorCode::kConflict,
             "already begun by another process");
  ExpectCode(CanBegin(state, {Begins(TopicId(), 0, 0)}), ErrorCode::kFailedPrecondition, "no topic id");
  ExpectCode(CanBegin(state, {Begins(TopicId("AAAAAAAAAAAAAAAAAAAAAA"), 0, 0)}),
             ErrorCode::kFailedPrecondition, "no topic id");
  ExpectCode(CanBegin(state, {Begins(kClicks, 5, -1)}), ErrorCode::kFailedPrecondition, "negative");
  ExpectCode(CanBegin(state, {Begins(kClicks, -1, 0)}), ErrorCode::kFailedPrecondition, "negative");
  ExpectCode(CanBegin(state, {Begins(kClicksAgain, 0, 0)}), ErrorCode::kFailedPrecondition,
             "--adopt-topic shop.clicks");
  Beginning other_table = Begins(kClicks, 5, 0);
  other_table.table = "visits";
  ExpectCode(CanBegin(state, {other_table}), ErrorCode::kFailedPrecondition,
             "not to topic shop.clicks and table visits");
}

TEST(Begin, TwoIdsOfOneNameInOneCallAreRefused) {
  ExpectCode(CanBegin(LedgerState(), {Begins(kClicks, 0, 0), Begins(kClicksAgain, 0, 0)}),
             ErrorCode::kFailedPrecondition, "deleted and recreated");
}

TEST(Decide, MovesNextAndNumbersTheBatch) {
  LedgerState state = Begun();
  ASSERT_TRUE(CanDecide(state, ValidBatch()).ok());
  ApplyDecide(state, ValidBatch());
  EXPECT_EQ(state.last_batch, BatchId(1));
  EXPECT_EQ(state.partitions.at({kClicks, PartitionId(0)}), (PartitionProgress{Offset(0), Offset(10)}));
  EXPECT_EQ(state.partitions.at({kClicks, PartitionId(1)}).next, Offset(100));
}

TEST(Decide, ComparesFromWithNext) {
  LedgerState state = Begun();
  BatchProposal behind = ValidBatch(), ahead = ValidBatch();
  ahead.ranges[0].offsets = {Offset(1), Offset(11)};
  ExpectCode(CanDecide(state, ahead), ErrorCode::kConflict,
             "begins at offset 1, the ledger continues at offset 0");
  ApplyDecide(state, ValidBatch());
  ExpectCode(CanDecide(state, behind), ErrorCode::kConflict,
             "begins at offset 0, the ledger continues at offset 10");
}

TEST(Decide, OneConflictingRangeRefusesAll) {
  BatchProposal proposal = ValidBatch();
  proposal.ranges.push_back(Range(kClicks, 1, 99, 101));
  ExpectCode(CanDecide(Begun(), proposal), ErrorCode::kConflict, "partition 1");
}

TEST(Decide, UnknownPartitionsAndRetiredTopicsAreRefused) {
  BatchProposal proposal = ValidBatch();
  proposal.ranges[0].partition.partition = PartitionId(9);
  ExpectCode(CanDecide(Begun(), proposal), ErrorCode::kFailedPrecondition, "no beginning");
  LedgerState state = Begun();
  ApplyAdopt(state, "shop.clicks", kClicksAgain, 3);
  ExpectCode(CanDecide(state, ValidBatch()), ErrorCode::kFailedPrecondition, "no longer the current id");
}

TEST(AcceptLoss, MovesNextWithTheRefusalsOfDecide) {
  LedgerState state = Begun();
  const TopicPartition partition = {kClicks, PartitionId(1)};
  const auto lost = [&](int64_t from, int64_t to) {
    return std::vector<LostRange>{{partition, {Offset(from), Offset(to)}, 0}};
  };
  ExpectCode(CanAcceptLoss(state, lost(0, 200)), ErrorCode::kConflict, "continues at offset 100");
  ExpectCode(CanAcceptLoss(state, lost(100, 100)), ErrorCode::kFailedPrecondition, "empty");
  ASSERT_TRUE(CanAcceptLoss(state, lost(100, 250)).ok());
  ApplyAcceptLoss(state, lost(100, 250));
  EXPECT_EQ(state.partitions.at(partition), (PartitionProgress{Offset(100), Offset(250)}));
}

TEST(Adopt, MakesTheNewIncarnationCurrent) {
  LedgerState state = Begun();
  ASSERT_TRUE(CanAdopt(state, "shop.clicks", kClicks, kClicksAgain).ok());
  ApplyAdopt(state, "shop.clicks", kClicksAgain, 9);
  EXPECT_EQ(state.CurrentTopic("shop.clicks")->id, kClicksAgain);
  EXPECT_EQ(state.CurrentTopic("shop.clicks")->table, "clicks");
  EXPECT_FALSE(state.topics.at(kClicks).current);
  EXPECT_TRUE(CanBegin(state, {Begins(kClicksAgain, 0, 0)}).ok());
  ExpectCode(CanAdopt(state, "shop.clicks", kClicks, TopicId("x")), ErrorCode::kConflict,
             "adopted by another process");
  ExpectCode(CanAdopt(state, "shop.clicks", kClicksAgain, kClicks), ErrorCode::kFailedPrecondition,
             "already in the ledger");
  ExpectCode(CanAdopt(state, "shop.clicks", kClicksAgain, TopicId()), ErrorCode::kFailedPrecondition,
             "no topic id");
  ExpectCode(CanAdopt(state, "nothing", kClicks, kClicksAgain), ErrorCode::kFailedPrecondition,
             "is not in the ledger");
}

TEST(Lineage, IsOfTheIncarnationsDownToTheFirst) {
  const auto log = [](int incarnation) {
    return TopicPartition{kClicks, PartitionId(0), Incarnation(incarnation)};
  };
  const auto known = [&](int incarnation, int64_t beginning) {
    LedgerPartition partition;
    partition.partition = log(incarnation);
    partition.beginning = Offset(beginning);
    return partition;
  };
  const std::vector<LedgerPartition> partitions = {known(1, 10), known(2, 100), known(3, 50), known(4, 70)};
  const auto offsets = [&](int incarnation) {
    std::vector<std::pair<int, OffsetRange>> parts;
    for (const LogSegment& segment : LineageOf(partitions, log(incarnation)))
      parts.emplace_back(segment.log.incarnation.value(), segment.offsets);
    return parts;
  };
  const Offset end(INT64_MAX);
  using Parts = std::vector<std::pair<int, OffsetRange>>;
  EXPECT_EQ(offsets(1), (Parts{{1, {Offset(10), end}}}));
  EXPECT_EQ(offsets(2), (Parts{{2, {Offset(100), end}}, {1, {Offset(10), Offset(100)}}}));
  EXPECT_EQ(offsets(3), (Parts{{3, {Offset(50), end}}, {1, {Offset(10), Offset(50)}}}));
  EXPECT_EQ(offsets(4),
            (Parts{{4, {Offset(70), end}}, {3, {Offset(50), Offset(70)}}, {1, {Offset(10), Offset(50)}}}));
  EXPECT_TRUE(LineageOf(partitions, {kOrders, PartitionId(0)}).empty());
}

class InCurrentLogTest : public testing::Test {
 protected:
  static LedgerPartition Known(int incarnation, int64_t beginning, bool current) {
    LedgerPartition partition;
    partition.partition = {kClicks, PartitionId(0), Incarnation(incarnation)};
    partition.beginning = Offset(beginning);
    partition.current = current;
    return partition;
  }
  static std::optional<OffsetRange> Find(int incarnation, int64_t from, int64_t to,
                                         std::optional<int64_t> last = std::nullopt) {
    // Below 50, the log is the first one; from there on the third. Of the second, nothing is left.
    static const std::vector<LedgerPartition> partitions = {Known(1, 0, false), Known(2, 100, false),
                                                            Known(3, 50, true)};
    BatchRange range = Range(kClicks, 0, from, to);
    range.partition.incarnation = Incarnation(incarnation);
    if (last) range.last_record = LandedRecord{Offset(*last), 1, std::nullopt};
    return InCurrentLog(partitions, range);
  }
};

TEST_F(InCurrentLogTest, HasTheRangesOfTheCurrentLogAndThoseBelowItsBeginning) {
  EXPECT_EQ(Find(3, 50, 80), (OffsetRange{Offset(50), Offset(80)}));
  EXPECT_EQ(Find(1, 10, 50), (OffsetRange{Offset(10), Offset(50)}));
  EXPECT_EQ(Find(1, 10, 50, 49), (OffsetRange{Offset(10), Offset(50)}));
}

TEST_F(InCurrentLogTest, HasNoRangeThatReachesBeyondTheCut) {
  EXPECT_EQ(Find(1, 10, 51), std::nullopt);
  EXPECT_EQ(Find(1, 10, 51, 50), std::nullopt);
  EXPECT_EQ(Find(1, 60, 70), std::nullopt);
  EXPECT_EQ(Find(2, 100, 110), std::nullopt);
  EXPECT_EQ(InCurrentLog({}, Range(kClicks, 0, 0, 1)), std::nullopt);
  EXPECT_EQ(InCurrentLog({Known(1, 0, true)}, Range(kClicks, 1, 0, 1)), std::nullopt);
}

TEST_F(InCurrentLogTest, ARangeEndsAtTheCutIfNoRecordOfItLiesBehind) {
  EXPECT_EQ(Find(1, 10, 56, 49), (OffsetRange{Offset(10), Offset(50)}));
  EXPECT_EQ(Find(1, 10, 56, 20), (OffsetRange{Offset(10), Offset(50)}));
}

TEST(LedgerSnapshot, FindsATopicByItsId) {
  LedgerSnapshot snapshot;
  snapshot.topics = {{kClicks, "shop.clicks", "clicks", false}, {kClicksAgain, "shop.clicks", "clicks"}};
  EXPECT_EQ(FindTopic(snapshot, kClicksAgain), &snapshot.topics[1]);
  EXPECT_EQ(FindTopic(snapshot, kOrders), nullptr);
}

TEST(AdoptLog, BeginsAnotherIncarnation) {
  LedgerState state = Begun();
  ApplyDecide(state, ValidBatch());
  const TopicPartition first = {kClicks, PartitionId(0)};
  const LogAdoption adoption{first, Offset(10), Offset(4)};
  ASSERT_TRUE(CanAdoptLog(state, adoption).ok());
  const TopicPartition second = ApplyAdoptLog(state, adoption);
  EXPECT_EQ(second, (TopicPartition{kClicks, PartitionId(0), Incarnation(2)}));
  EXPECT_EQ(state.partitions.at(first), (PartitionProgress{Offset(0), Offset(10), false}));
  EXPECT_EQ(state.partitions.at(second), (PartitionProgress{Offset(4), Offset(4), true}));

  // A batch of the earlier log, whose range fits neither or both.
  BatchProposal late = ValidBatch();
  late.ranges[0].offsets = {Offset(10), Offset(20)};
  ExpectCode(CanDecide(state, late), ErrorCode::kConflict, "has another log by now");
  late.ranges[0].partition = second;
  ExpectCode(CanDecide(state, late), ErrorCode::kConflict, "continues at offset 4");
  late.ranges[0].offsets = {Offset(4), Offset(14)};
  EXPECT_TRUE(CanDecide(state, late).ok());
  ApplyDecide(state, late);

  // And again, to nothing.
  ExpectCode(CanAdoptLog(state, adoption), ErrorCode::kConflict, "has another log by now");
  ExpectCode(CanAdoptLog(state, {second, Offset(4), Offset(0)}), ErrorCode::kConflict,
             "continues at offset 14");
  ExpectCode(CanAdoptLog(state, {second, Offset(14), Offset(15)}), ErrorCode::kFailedPrecondition,
             "beyond what was landed");
  EXPECT_EQ(ApplyAdoptLog(state, {second, Offset(14), Offset(0)}).incarnation, Incarnation(3));
}

// Random valid and invalid changes: the accepted ones keep every partition tiled.
TEST(Rules, AcceptedRangesTile) {
  std::mt19937_64 random(5);
  LedgerState state = Begun();
  std::map<TopicPartition, Offset> tiled;
  for (const auto& [partition, progress] : state.partitions) tiled[partition] = progress.beginning;
  int accepted = 0, refused = 0;
  for (int round = 0; round < 5000; ++round) {
    BatchProposal proposal = ValidBatch();
    proposal.ranges.clear();
    proposal.files.clear();
    proposal.quarantine.clear();
    std::vector<LostRange> lost;
    for (const auto& [partition, progress] : state.partitions) {
      if (random() % 2 == 0) continue;
      const int64_t from =
          progress.next.value() + (random() % 8 == 0 ? static_cast<int64_t>(random() % 5) - 2 : 0);
      const int64_t to = from + static_cast<int64_t>(random() % 20);
      proposal.ranges.push_back(Range(partition.topic_id, partition.partition.value(), from, to));
      lost.push_back({partition, {Offset(from), Offset(to)}, 0});
    }
    const bool is_loss = random() % 5 == 0;
    const bool can = is_loss ? CanAcceptLoss(state, lost).ok() : CanDecide(state, proposal).ok();
    (can ? accepted : refused) += 1;
    if (!can) continue;
    for (const LostRange& range : lost) {
      ASSERT_EQ(tiled[range.partition], range.offsets.from);
      ASSERT_LT(range.offsets.from, range.offsets.to);
      tiled[range.partition] = range.offsets.to;
    }
    is_loss ? ApplyAcceptLoss(state, lost) : ApplyDecide(state, proposal);
    for (const auto& [partition, progress] : state.partitions) ASSERT_EQ(progress.next, tiled[partition]);
  }
  EXPECT_GT(accepted, 500);
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace forebay
