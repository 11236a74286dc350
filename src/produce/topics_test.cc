#include "produce/topics.h"

#include <gtest/gtest.h>

namespace forebay::produce {
namespace {

kafka::TopicInfo Topic(int32_t partitions) {
  return {"t", true, TopicId("id"), partitions};
}

TEST(ClientCount, IsTwoWhereEachPartitionIsOneClients) {
  EXPECT_EQ(ClientCount({Topic(6)}, {}), 2);
  EXPECT_EQ(ClientCount({Topic(6), Topic(2)}, {}), 2);
  EXPECT_EQ(ClientCount({Topic(1)}, {}), 1);
  EXPECT_EQ(ClientCount({Topic(6), Topic(3)}, {}), 1);
}

TEST(ClientCount, IsOneAtAGivenRate) {
  EXPECT_EQ(ClientCount({Topic(6)}, {.records_per_second = 1000}), 1);
}

}  // namespace
}  // namespace forebay::produce
