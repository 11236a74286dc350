#include "compare/leader_epochs.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "kafka/mock_cluster.h"
#include "kafka/producer.h"

namespace forebay {
namespace {

// The logs of three topics, each with five records of one leader epoch, and five of the next.
class LeaderEpochsTest : public testing::Test {
 protected:
  static constexpr int kLogs = 3;

  void SetUp() override {
    for (const std::string& topic : topics_) cluster_.CreateTopic(topic, 1);
    for (int epoch = 1; epoch <= 2; ++epoch) {
      ChangeLeaders();
      Send();
    }
    admin_ = *kafka::Admin::Open(config_);
  }

  void ChangeLeaders() {
    for (const std::string& topic : topics_) {
      ASSERT_EQ(rd_kafka_mock_partition_set_leader(cluster_.raw(), topic.c_str(), 0, 1),
                RD_KAFKA_RESP_ERR_NO_ERROR);
    }
  }
  void Send() {
    kafka::ProducerOptions options;
    options.topics = topics_;
    const auto producer = *kafka::Producer::Open(config_, options);
    std::string reason;
    for (int i = 0; i < 5 * kLogs; ++i) {
      kafka::Outgoing record;
      record.topic = static_cast<uint32_t>(i % kLogs);
      record.value = "value";
      ASSERT_EQ(producer->Send(record, &reason), kafka::SendOutcome::kTaken) << reason;
    }
    std::vector<kafka::Delivery> some;
    for (size_t known = 0; known < 5 * kLogs; known += some.size())
      ASSERT_TRUE(producer->PollDeliveries(&some, 1000).ok());
  }

  // Which of these records (topic, offset, leader epoch) their logs were cut back below.
  std::vector<bool> Ask(const std::vector<std::tuple<size_t, int64_t, int>>& records) {
    std::vector<EpochQuestion> questions;
    for (const auto& [topic, offset, epoch] : records)
      questions.push_back({{topics_[topic], PartitionId(0)}, {Offset(offset), 0, LeaderEpoch(epoch)}});
    const auto answers = AreCutBack({&config_, nullptr}, *admin_, questions);
    EXPECT_TRUE(answers.ok()) << answers.error().message();
    return answers.ok() ? *answers : std::vector<bool>();
  }

  const std::vector<std::string> topics_ = {"a", "b", "c"};
  kafka::MockCluster cluster_;
  const kafka::ClientConfig config_ = *kafka::ClientConfig::Parse(cluster_.brokers(), "", "");
  std::unique_ptr<kafka::Admin> admin_;
};

TEST_F(LeaderEpochsTest, NoQuestionNeedsNoBroker) {
  cluster_.SetDown();
  EXPECT_TRUE(Ask({}).empty());
}

TEST_F(LeaderEpochsTest, ALogThatHasTheEpochUpToTheRecordIsWhole) {
  EXPECT_EQ(Ask({{0, 4, 1}, {1, 9, 2}, {2, 2, 1}}), (std::vector<bool>{false, false, false}));
}

TEST_F(LeaderEpochsTest, EachLogThatWasCutBackIsFound) {
  EXPECT_EQ(Ask({{0, 7, 1}, {1, 7, 2}, {2, 5, 1}}), (std::vector<bool>{true, false, true}));
}

TEST_F(LeaderEpochsTest, SeveralRecordsOfALogAreAskedForOneByOne) {
  EXPECT_EQ(Ask({{0, 3, 1}, {0, 6, 1}, {0, 8, 2}, {1, 4, 1}}),
            (std::vector<bool>{false, true, false, false}));
}

}  // namespace
}  // namespace forebay
