#include "kafka/describe_producers.h"

#include <gtest/gtest.h>

namespace forebay::kafka {
namespace {

std::string Bytes(std::initializer_list<int> bytes) {
  return std::string(bytes.begin(), bytes.end());
}

TEST(DescribeProducers, AsksAsKafkasProtocolSays) {
  EXPECT_EQ(EncodeDescribeProducers({{"ab", PartitionId(1)}, {"ab", PartitionId(258)}}),
            Bytes({0, 61, 0, 0, 0, 0, 0, 1, 0, 7}) + "forebay" +
                Bytes({0, 2, 3, 'a', 'b', 3, 0, 0, 0, 1, 0, 0, 1, 2, 0, 0}));
}

// The answer of a broker about topic "t": partition 0 with an idle producer and one in a transaction, and
// partition 1, which it does not lead.
std::string Answer() {
  const std::string idle = Bytes({0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1}) + std::string(16, '\0') +
                           std::string(8, '\xff') + Bytes({0});
  const std::string busy = Bytes({0, 0, 0, 0, 0, 0, 1, 7, 0, 0, 0, 2}) + std::string(16, '\0') +
                           Bytes({0, 0, 0, 0, 0, 0, 3, 4, 0});
  return Bytes({0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 2, 't', 3}) +            // one topic, two partitions
         Bytes({0, 0, 0, 0, 0, 0, 0, 3}) + idle + busy + Bytes({0}) +  // partition 0
         Bytes({0, 0, 0, 1, 0, 6, 4, 'n', 'o', '!', 1, 1, 2, 1, 9}) +
         Bytes({0, 0});  // partition 1, with a tag
}

TEST(DescribeProducers, ReadsProducersWithAnOpenTransaction) {
  const auto open = DecodeDescribeProducers(Answer());
  ASSERT_TRUE(open.has_value());
  ASSERT_EQ(open->size(), 1u);
  const std::vector<OpenProducer>& producers = open->at({"t", PartitionId(0)});
  ASSERT_EQ(producers.size(), 1u);
  EXPECT_EQ(producers[0].id, 263);
  EXPECT_EQ(producers[0].epoch, 2);
  EXPECT_EQ(producers[0].first, Offset(772));
}

TEST(DescribeProducers, RefusesWhatIsNoAnswer) {
  const std::string whole = Answer();
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(DecodeDescribeProducers(whole.substr(0, length)).has_value()) << length;
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = '\xff';
    DecodeDescribeProducers(changed);  // reads within its bounds, and ends
  }
  EXPECT_FALSE(DecodeDescribeProducers("HTTP/1.1 400 Bad Request").has_value());
}

TEST(DescribeProducers, WithoutAnAnswerThereAreNone) {
  EXPECT_TRUE(DescribeProducers("127.0.0.1", 1, {{"t", PartitionId(0)}}, 500).empty());
}

TEST(OpenTransaction, IsDescribedAsFarAsItIsKnown) {
  const HeldPartition held{"t", PartitionId(3), Offset(7), Offset(9)};
  EXPECT_EQ(DescribeTransaction({}), "");
  EXPECT_EQ(DescribeTransaction({1761847451250, {}, {}}), "since 2025-10-30T18:04:11.250Z");
  EXPECT_EQ(DescribeTransaction({0, 5, 2}), "since 1970-01-01T00:00:00Z, of producer id 5, epoch 2");
  EXPECT_EQ(TransactionCommand("b:1", held, {}),
            "kafka-transactions.sh --bootstrap-server b:1 describe-producers --topic t --partition 3");
  EXPECT_EQ(TransactionCommand("b:1", held, {{}, 5, 2}),
            "kafka-transactions.sh --bootstrap-server b:1 abort --topic t --partition 3 --start-offset 7");
}

}  // namespace
}  // namespace forebay::kafka
