#include "kafka/consumer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <thread>

#include "base/time.h"
#include "kafka/mock_cluster.h"
#include "kafka/producer.h"

namespace forebay::kafka {
namespace {

using ::testing::HasSubstr;

ClientConfig ConfigOf(const MockCluster& cluster) {
  return *ClientConfig::Parse(cluster.brokers(), "", "");
}

struct TestRecord {
  uint32_t topic;
  std::string_view key;
  std::string_view value;
};

// Sends the records and returns their deliveries in the order of `records`.
std::vector<Delivery> SendAll(const MockCluster& cluster, const std::vector<std::string>& topics,
                              const std::vector<TestRecord>& records) {
  ProducerOptions options;
  options.topics = topics;
  const auto producer = Producer::Open(ConfigOf(cluster), options);
  EXPECT_TRUE(producer.ok());
  std::string reason;
  for (size_t i = 0; i < records.size(); ++i) {
    Outgoing record;
    record.topic = records[i].topic;
    record.key = records[i].key;
    record.value = records[i].value;
    record.timestamp_ms = 1'700'000'000'000 + static_cast<int64_t>(i);
    record.ticket = i;
    EXPECT_EQ((*producer)->Send(record, &reason), SendOutcome::kTaken) << reason;
  }
  std::vector<Delivery> all(records.size());
  std::vector<Delivery> some;
  for (size_t known = 0; known < records.size(); known += some.size()) {
    EXPECT_TRUE((*producer)->PollDeliveries(&some, 1000).ok());
    for (const Delivery& delivery : some) all[delivery.ticket] = delivery;
  }
  return all;
}

class ConsumerTest : public testing::Test {
 protected:
  void SetUp() override {
    cluster_.CreateTopic("a", 2);
    cluster_.CreateTopic("b", 1);
  }
  std::unique_ptr<Consumer> Open(const std::vector<Position>& starts, const std::string& settings = "") {
    ConsumerOptions options;
    options.topics = {"a", "b"};
    auto consumer = Consumer::Open(*ClientConfig::Parse(cluster_.brokers(), settings, "test"), options);
    EXPECT_TRUE(consumer.ok());
    EXPECT_TRUE((*consumer)->Assign(starts).ok());
    return std::move(consumer).value();
  }
  // Polls until every partition is at its end; calls `take` for each batch.
  static void ReadToEnd(Consumer& consumer, const std::function<void(MessageBatch)>& take) {
    for (int round = 0; round < 500; ++round) {
      MessageBatch batch;
      const Status status = consumer.Poll(&batch, 20);
      ASSERT_TRUE(status.ok()) << status.error().message();
      take(std::move(batch));
      bool ended = true;
      for (const Position& position : consumer.positions()) ended = ended && position.at_end;
      if (ended) return;
    }
    FAIL() << "the ends were not reached";
  }
  MockCluster cluster_;
};

TEST_F(ConsumerTest, ReadsFromExactOffsetsToTheEnd) {
  std::vector<std::string> values;
  for (int i = 0; i < 1000; ++i) values.push_back("value " + std::to_string(i));
  std::vector<TestRecord> records;
  for (const std::string& value : values) records.push_back({0, value, value});
  for (int i = 0; i < 10; ++i) records.push_back({1, "k", "b"});
  std::map<int32_t, std::map<int64_t, std::string>> expected;
  for (size_t i = 0; const Delivery& delivery : SendAll(cluster_, {"a", "b"}, records)) {
    ASSERT_EQ(delivery.outcome, DeliveryOutcome::kAcknowledged);
    if (i < values.size()) expected[delivery.partition.value()][delivery.offset.value()] = values[i];
    ++i;
  }
  ASSERT_EQ(expected.size(), 2u);
  expected[1].erase(expected[1].begin(), expected[1].find(7));

  auto consumer = Open({{0, PartitionId(0), Offset(0)}, {0, PartitionId(1), Offset(7)}});
  ASSERT_TRUE(consumer->Add({{1, PartitionId(0), Offset(4)}}).ok());
  std::map<int32_t, std::map<int64_t, std::string>> seen;
  int64_t of_b = 0;
  ReadToEnd(*consumer, [&](const MessageBatch& batch) {
    for (const Message& message : batch.messages()) {
      of_b += message.topic;
      EXPECT_GE(message.timestamp_ms, 1'700'000'000'000);
      if (message.topic == 0) seen[message.partition.value()][message.offset.value()] = message.value;
    }
  });
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(of_b, 6);
  EXPECT_EQ(consumer->positions()[1].offset.value(), expected[1].rbegin()->first + 1);
  EXPECT_EQ(consumer->positions()[2].offset, Offset(10));
}

TEST_F(ConsumerTest, DistinguishesTombstonesFromEmptyValues) {
  SendAll(cluster_, {"a", "b"}, {{1, "k", std::string_view()}, {1, "k", ""}, {1, std::string_view(), "v"}});
  auto consumer = Open({{1, PartitionId(0), Offset(0)}});
  std::vector<std::string> seen;
  ReadToEnd(*consumer, [&](const MessageBatch& batch) {
    for (const Message& message : batch.messages()) {
      seen.push_back(std::string(message.tombstone() ? "tombstone" : message.value) + "," +
                     (message.key.data() == nullptr ? "no key" : std::string(message.key)));
    }
  });
  EXPECT_THAT(seen, testing::ElementsAre("tombstone,k", ",k", "v,no key"));
}

TEST_F(ConsumerTest, BatchesOutliveThePollAndTheConsumersThread) {
  SendAll(cluster_, {"a", "b"}, {{1, "k", "one"}, {1, "k", "two"}});
  auto consumer = Open({{1, PartitionId(0), Offset(0)}});
  std::vector<MessageBatch> kept;
  ReadToEnd(*consumer, [&](MessageBatch batch) { kept.push_back(std::move(batch)); });
  std::string values;
  size_t bytes = 0;
  std::thread([&, moved = std::move(kept)] {
    for (const MessageBatch& batch : moved) {
      bytes += batch.bytes();
      for (const Message& message : batch.messages()) values += message.value;
    }
  }).join();
  EXPECT_EQ(values, "onetwo");
  EXPECT_EQ(bytes, 8u);
}

// Enough records to widen the fetches, which replaces the client.
TEST_F(ConsumerTest, EachRecordComesOnceWhileTheClientIsAnotherOne) {
  constexpr int kRecords = 20'000;
  const std::string filling(1000, '.');
  std::vector<std::string> values;
  for (int i = 0; i < kRecords; ++i) values.push_back(std::to_string(i) + filling);
  std::vector<TestRecord> records;
  for (const std::string& value : values) records.push_back({0, value, value});
  SendAll(cluster_, {"a", "b"}, records);

  auto consumer = Open({{0, PartitionId(0), Offset(0)}, {0, PartitionId(1), Offset(0)}});
  std::vector<MessageBatch> kept;
  const int64_t narrow = consumer->fetch_bytes();
  ReadToEnd(*consumer, [&](MessageBatch batch) { kept.push_back(std::move(batch)); });
  EXPECT_GT(consumer->fetch_bytes(), narrow);
  std::map<int32_t, int64_t> next;
  std::set<std::string> seen;
  for (const MessageBatch& batch : kept) {
    for (const Message& message : batch.messages()) {
      EXPECT_EQ(message.offset.value(), next[message.partition.value()]++);
      EXPECT_TRUE(seen.insert(std::string(message.value)).second) << "twice";
    }
  }
  EXPECT_EQ(seen.size(), values.size());
}

TEST_F(ConsumerTest, TheSettingsFileCanSayHowMuchToFetch) {
  const std::string filling(100'000, '.');
  SendAll(cluster_, {"a", "b"}, std::vector<TestRecord>(100, {1, "k", filling}));
  for (const std::string key : {"fetch.max.bytes", "fetch.message.max.bytes", "fetch.min.bytes"}) {
    auto consumer = Open({{1, PartitionId(0), Offset(0)}}, key + "=100000");
    const int64_t before = consumer->fetch_bytes();
    EXPECT_EQ(before, AdaptiveFetchPolicy::kMaxFetchBytes) << "of the other settings";
    ReadToEnd(*consumer, [](const MessageBatch&) {});
    EXPECT_EQ(consumer->fetch_bytes(), before);
  }
}

TEST_F(ConsumerTest, AnOffsetThatIsGoneIsAFinalError) {
  SendAll(cluster_, {"a", "b"}, {{1, "k", "one"}, {1, "k", "two"}});
  auto consumer = Open({{1, PartitionId(0), Offset(40)}});
  MessageBatch batch;
  Status status;
  for (int round = 0; round < 500 && status.ok(); ++round) status = consumer->Poll(&batch, 20);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(status.error().message(),
              HasSubstr("offset 40 of b partition 0 lies beyond the broker's last offset 2"));
  EXPECT_FALSE(consumer->Poll(&batch, 0).ok());
  EXPECT_FALSE(consumer->failed_on_record()) << "the topic may have been recreated";
}

TEST_F(ConsumerTest, WaitsForABrokerThatWentAway) {
  auto consumer = Open({{1, PartitionId(0), Offset(0)}});
  ReadToEnd(*consumer, [](const MessageBatch&) {});
  cluster_.SetDown();
  std::string said;
  MessageBatch batch;
  for (int round = 0; round < 200 && said.find("waiting") == std::string::npos; ++round) {
    ASSERT_TRUE(consumer->Poll(&batch, 20).ok());
    for (const std::string& line : consumer->DrainWarnings()) said += line + "\n";
  }
  EXPECT_THAT(said, HasSubstr("broker " + cluster_.brokers() + " does not answer"));
  cluster_.SetUp();
  SendAll(cluster_, {"a", "b"}, {{1, "k", "after"}});
  size_t seen = 0;
  for (int round = 0; round < 500 && seen == 0; ++round) {
    ASSERT_TRUE(consumer->Poll(&batch, 20).ok());
    seen += batch.size();
  }
  EXPECT_EQ(seen, 1u);
  for (const std::string& line : consumer->DrainWarnings()) said += line + "\n";
  EXPECT_THAT(said, HasSubstr("answers again"));
}

}  // namespace
}  // namespace forebay::kafka
