#include "compare/log_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "compare/fingerprint.h"
#include "kafka/consumer.h"
#include "kafka/mock_cluster.h"
#include "kafka/producer.h"
#include "kafka/range_reader.h"

namespace forebay {
namespace {

using testing::HasSubstr;
using Kind = LogVerdict::Kind;

constexpr int kRecords = 10;

TEST(Fingerprint, TellsAbsentFromEmptyAndEveryPartFromAnother) {
  const auto print = [](int64_t offset, int64_t timestamp_ms, std::optional<std::string_view> key,
                        std::optional<std::string_view> value) {
    return FingerprintOf(Offset(offset), timestamp_ms, key, value);
  };
  const uint64_t one = print(1, kEndKafkaTimestampMs - 5, "k", "v");
  EXPECT_EQ(one, print(1, kEndKafkaTimestampMs - 5, "k", "v"));
  for (const uint64_t other :
       {print(2, kEndKafkaTimestampMs - 5, "k", "v"), print(1, kEndKafkaTimestampMs - 6, "k", "v"),
        print(1, kEndKafkaTimestampMs - 5, "K", "v"), print(1, kEndKafkaTimestampMs - 5, "k", "V"),
        print(1, kEndKafkaTimestampMs - 5, "kv", "")}) {
    EXPECT_NE(one, other);
  }
  EXPECT_NE(print(1, kEndKafkaTimestampMs - 5, std::nullopt, "v"),
            print(1, kEndKafkaTimestampMs - 5, "", "v"));
  EXPECT_NE(print(1, kEndKafkaTimestampMs - 5, "k", std::nullopt),
            print(1, kEndKafkaTimestampMs - 5, "k", ""));
  EXPECT_EQ(print(1, -1, "k", "v"), print(1, kEndKafkaTimestampMs, "k", "v"));
}

// Partition 0 of topic `t` has ten records.
class LogCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    cluster_.CreateTopic("t", 1);
    cluster_.CreateTopic("empty", 1);
    kafka::ProducerOptions options;
    options.topics = {"t"};
    const auto producer = *kafka::Producer::Open(config_, options);
    std::string reason;
    for (int i = 0; i < kRecords; ++i) {
      kafka::Outgoing record;
      record.key = "key";
      record.value = values_[static_cast<size_t>(i)];
      record.timestamp_ms = 1'700'000'000'000 + i;
      ASSERT_EQ(producer->Send(record, &reason), kafka::SendOutcome::kTaken) << reason;
    }
    std::vector<kafka::Delivery> some;
    for (size_t known = 0; known < kRecords; known += some.size())
      ASSERT_TRUE(producer->PollDeliveries(&some, 1000).ok());
    admin_ = *kafka::Admin::Open(config_);
    ReadRecords();
  }

  void ReadRecords() {
    kafka::ConsumerOptions options;
    options.topics = {"t"};
    const auto consumer = *kafka::Consumer::Open(config_, options);
    const Status read = kafka::ReadRanges(*consumer, {{0, PartitionId(0), {Offset(0), Offset(kRecords)}}}, {},
                                          [&](const auto& messages) {
                                            for (const auto& message : messages)
                                              records_.push_back(LandedRecordOf(message));
                                            return Ok();
                                          });
    ASSERT_TRUE(read.ok()) << read.error().message();
    ASSERT_EQ(records_.size(), static_cast<size_t>(kRecords));
  }

  LogVerdict Check(std::vector<LandedRecord> records, int64_t next) {
    const auto verdicts =
        CheckLogs({&config_, nullptr}, *admin_, {{{"t", PartitionId(0)}, std::move(records), Offset(next)}});
    EXPECT_TRUE(verdicts.ok()) << verdicts.error().message();
    return verdicts.ok() ? verdicts->front() : LogVerdict();
  }

  kafka::MockCluster cluster_;
  const kafka::ClientConfig config_ = *kafka::ClientConfig::Parse(cluster_.brokers(), "", "");
  const std::vector<std::string> values_ = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
  std::unique_ptr<kafka::Admin> admin_;
  std::vector<LandedRecord> records_;
};

TEST_F(LogCheckTest, ALogThatHasTheRecordsIsTheSame) {
  EXPECT_EQ(Check({records_[9]}, 10).kind, Kind::kSame);
  EXPECT_EQ(Check({records_[4]}, 5).kind, Kind::kSame);
  EXPECT_EQ(Check({records_[1], records_[4], records_[8]}, 9).kind, Kind::kSame);
  EXPECT_EQ(Check({records_[4]}, 5).leader_epoch, records_[4].leader_epoch);
}

TEST_F(LogCheckTest, AnotherRecordAtALandedOffsetIsADifference) {
  LandedRecord other = records_[4];
  other.fingerprint ^= 1;
  EXPECT_THAT(Check({other}, 5).difference, HasSubstr("has another record at offset 4"));
  EXPECT_THAT(Check({records_[1], other}, 5).difference, HasSubstr("has another record at offset 4"));
}

TEST_F(LogCheckTest, ARecordWhereNoneWasLandedIsADifference) {
  EXPECT_THAT(Check({records_[4]}, 8).difference,
              HasSubstr("has a record at offset 5, where none was landed"));
}

TEST_F(LogCheckTest, ALogThatEndsBeforeALandedRecordIsADifference) {
  LandedRecord later = records_[9];
  later.offset = Offset(12);
  EXPECT_THAT(Check({later}, 13).difference, HasSubstr("ends at offset 10, and was landed up to offset 13"));
  EXPECT_THAT(Check({records_[9]}, 11).difference, HasSubstr("ends at offset 10"));
}

TEST_F(LogCheckTest, TheSameRecordOfAnotherLeaderEpochIsADifference) {
  LandedRecord rewritten = records_[4];
  ASSERT_TRUE(rewritten.leader_epoch.has_value());
  rewritten.leader_epoch = LeaderEpoch(rewritten.leader_epoch->value() + 1);
  EXPECT_THAT(Check({rewritten}, 5).difference, HasSubstr("was written again"));
  rewritten.leader_epoch.reset();  // landed by an engine that does not learn it
  EXPECT_EQ(Check({rewritten}, 5).kind, Kind::kSame);
}

TEST_F(LogCheckTest, EachLogHasAVerdictOfItsOwn) {
  LandedRecord other = records_[4];
  other.fingerprint ^= 1;
  const auto verdicts = CheckLogs(
      {&config_, nullptr}, *admin_,
      {{{"t", PartitionId(0)}, {records_[4]}, Offset(5)}, {{"empty", PartitionId(0)}, {other}, Offset(5)}});
  ASSERT_TRUE(verdicts.ok()) << verdicts.error().message();
  EXPECT_EQ((*verdicts)[0].kind, Kind::kSame);
  EXPECT_THAT((*verdicts)[1].difference, HasSubstr("ends at offset 0"));
  EXPECT_TRUE(CheckLogs({&config_, nullptr}, *admin_, {})->empty());
}

}  // namespace
}  // namespace forebay
