#include "kafka/producer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/time.h"
#include "kafka/admin.h"
#include "kafka/mock_cluster.h"

namespace forebay::kafka {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<Producer> Open(const MockCluster& cluster, int64_t delivery_timeout_ms = 0, int clients = 1) {
  ProducerOptions options;
  options.topics = {"t"};
  options.delivery_timeout_ms = delivery_timeout_ms;
  options.clients = clients;
  auto producer = Producer::Open(*ClientConfig::Parse(cluster.brokers(), "", ""), options);
  EXPECT_TRUE(producer.ok());
  return std::move(producer).value();
}

void Send(Producer& producer, uint64_t ticket, std::string_view key = "key") {
  Outgoing record;
  record.key = key;
  record.value = "value";
  record.timestamp_ms = WallClockMillis();
  record.ticket = ticket;
  std::string reason;
  EXPECT_EQ(producer.Send(record, &reason), SendOutcome::kTaken) << reason;
}

std::vector<Delivery> Take(Producer& producer, size_t count, double seconds) {
  std::vector<Delivery> all;
  std::vector<Delivery> some;
  for (const double until = MonotonicSeconds() + seconds; all.size() < count && MonotonicSeconds() < until;) {
    EXPECT_TRUE(producer.PollDeliveries(&some, 50).ok());
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

TEST(Producer, WaitsForTheBrokerAndLosesAndDoublesNothing) {
  MockCluster cluster;
  cluster.CreateTopic("t", 1);
  const auto producer = Open(cluster);
  Send(*producer, 1);
  ASSERT_EQ(Take(*producer, 1, 10).size(), 1u);
  cluster.SetDown();
  for (uint64_t i = 2; i <= 20; ++i) Send(*producer, i);
  EXPECT_TRUE(Take(*producer, 1, 1.5).empty());
  EXPECT_FALSE(producer->DrainWarnings().empty());
  cluster.SetUp();
  const auto deliveries = Take(*producer, 19, 20);
  ASSERT_EQ(deliveries.size(), 19u);
  for (size_t i = 0; i < deliveries.size(); ++i) {
    EXPECT_EQ(deliveries[i].outcome, DeliveryOutcome::kAcknowledged);
    EXPECT_EQ(deliveries[i].ticket, i + 2);
    EXPECT_EQ(deliveries[i].offset, Offset(static_cast<int64_t>(i) + 1));
  }
}

TEST(Producer, ARefusalByTheBrokerFails) {
  MockCluster cluster;
  cluster.CreateTopic("t", 1);
  const auto producer = Open(cluster);
  Send(*producer, 1);
  ASSERT_EQ(Take(*producer, 1, 10).size(), 1u);
  constexpr int16_t kProduceRequest = 0;
  rd_kafka_mock_push_request_errors(cluster.raw(), kProduceRequest, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  Send(*producer, 2);
  const auto refused = Take(*producer, 1, 10);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].outcome, DeliveryOutcome::kFailed);
  EXPECT_THAT(producer->Describe(refused[0].error), HasSubstr("MSG_SIZE_TOO_LARGE"));
  Send(*producer, 3);  // the producer continues
  const auto after = Take(*producer, 1, 10);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].outcome, DeliveryOutcome::kAcknowledged);
}

TEST(Producer, ATimeOutBeforeSendingIsAFailure) {
  MockCluster cluster;
  cluster.CreateTopic("t", 1);
  const auto producer = Open(cluster, 1000);
  cluster.SetDown();
  Send(*producer, 1);
  const auto deliveries = Take(*producer, 1, 10);
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].outcome, DeliveryOutcome::kFailed);
}

TEST(Producer, PurgingGivesUpOnWhatIsOutstanding) {
  MockCluster cluster;
  cluster.CreateTopic("t", 1);
  const auto producer = Open(cluster);
  cluster.SetDown();
  Send(*producer, 1);
  producer->Purge();
  const auto deliveries = Take(*producer, 1, 10);
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_NE(deliveries[0].outcome, DeliveryOutcome::kAcknowledged);
}

TEST(Producer, TwoClientsShareThePartitionsAndKeepTheOrderInEach) {
  MockCluster cluster;
  cluster.CreateTopic("t", 4);
  const auto producer = Open(cluster, 0, 2);
  constexpr uint64_t kRecords = 2000;
  for (uint64_t i = 0; i < kRecords; ++i) Send(*producer, i, std::to_string(i % 97));
  const auto deliveries = Take(*producer, kRecords, 20);
  ASSERT_EQ(deliveries.size(), kRecords);
  std::map<PartitionId, std::map<Offset, uint64_t>> tickets;
  for (const Delivery& delivery : deliveries) {
    ASSERT_EQ(delivery.outcome, DeliveryOutcome::kAcknowledged);
    tickets[delivery.partition][delivery.offset] = delivery.ticket;
  }
  ASSERT_EQ(tickets.size(), 4u);
  for (const auto& [partition, by_offset] : tickets) {
    EXPECT_TRUE(std::is_sorted(by_offset.begin(), by_offset.end(),
                               [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
}

TEST(Producer, TwoClientsSpeakOfTheBrokerOnce) {
  MockCluster cluster;
  cluster.CreateTopic("t", 2);
  const auto producer = Open(cluster, 0, 2);
  for (uint64_t i = 0; i < 20; ++i) Send(*producer, i, std::to_string(i));
  ASSERT_EQ(Take(*producer, 20, 10).size(), 20u);
  cluster.SetDown();
  for (uint64_t i = 20; i < 40; ++i) Send(*producer, i, std::to_string(i));
  EXPECT_TRUE(Take(*producer, 1, 1.5).empty());
  EXPECT_EQ(producer->DrainWarnings().size(), 1u);
  cluster.SetUp();
  EXPECT_EQ(Take(*producer, 20, 20).size(), 20u);
}

TEST(Producer, WhatASecondClientHearsEndsTheWaiting) {
  MockCluster cluster;
  cluster.CreateTopic("t", 2);
  const auto producer = Open(cluster, 0, 2);
  std::vector<Delivery> deliveries;
  for (const char* key : {"a", "b", "c", "d"}) {
    Send(*producer, 0, key);
    const double began = MonotonicSeconds();
    do {
      ASSERT_TRUE(producer->PollDeliveries(&deliveries, 60'000).ok());
    } while (deliveries.empty());
    EXPECT_LT(MonotonicSeconds() - began, 30);
  }
}

TEST(Producer, ClientsThatDoNotStartAreAnError) {
  // A file that contains no certificate.
  const auto config =
      ClientConfig::Parse("b:9092", "security.protocol=ssl\nssl.ca.location=/dev/null\n", "x");
  ASSERT_TRUE(config.ok());
  const auto producer = Producer::Open(*config, {.topics = {"t"}, .clients = 2});
  ASSERT_FALSE(producer.ok());
  EXPECT_EQ(producer.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(producer.error().message(), HasSubstr("ssl.ca.location"));
}

TEST(Admin, GivesUpAfterTheTimeoutAndNamesTheBroker) {
  const std::atomic<bool> stop{true};
  // Nothing listens on port 1.
  const auto config = ClientConfig::Parse("127.0.0.1:1", "", "");
  const auto fail_fast = Admin::Open(*config, {1200, nullptr});
  ASSERT_TRUE(fail_fast.ok());
  const Status status = (*fail_fast)->WaitForBroker();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(status.error().message(), HasSubstr("broker 127.0.0.1:1 does not answer"));
  EXPECT_THAT(status.error().message(), HasSubstr("timed out after 1 s"));
  const auto stopped = Admin::Open(*config, {-1, &stop});
  EXPECT_EQ((*stopped)->DescribeTopics({"t"}).error().code(), ErrorCode::kCancelled);
}

TEST(Producer, SettingsForOthersAreItsOwnAndTheFilesButNotTheFixedOnes) {
  const auto config = ClientConfig::Parse("b:9092", "linger.ms=7\n", "x");
  ASSERT_TRUE(config.ok());
  std::map<std::string, std::string> settings;  // the last value of a name wins
  for (const auto& [key, value] : ProducerSettings(*config, {.topics = {"t"}, .batch_bytes = 4711}))
    settings[key] = value;
  EXPECT_EQ(settings["bootstrap.servers"], "b:9092");
  EXPECT_EQ(settings["linger.ms"], "7");
  EXPECT_EQ(settings["enable.idempotence"], "true");
  EXPECT_EQ(settings["acks"], "all");
  EXPECT_EQ(settings["batch.size"], "4711");
}

TEST(Producer, ErrorsSayWhetherARecordCanBeThere) {
  EXPECT_EQ(OutcomeOfError(RD_KAFKA_RESP_ERR_NO_ERROR), DeliveryOutcome::kAcknowledged);
  EXPECT_EQ(OutcomeOfError(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), DeliveryOutcome::kFailed);
  EXPECT_EQ(OutcomeOfError(RD_KAFKA_RESP_ERR__PURGE_QUEUE), DeliveryOutcome::kUncertain);
  EXPECT_EQ(OutcomeOfError(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT), DeliveryOutcome::kUncertain);
  EXPECT_EQ(OutcomeOfError(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), DeliveryOutcome::kUncertain);
}

}  // namespace
}  // namespace forebay::kafka
