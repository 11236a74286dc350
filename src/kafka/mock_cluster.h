// librdkafka's mock cluster for this room's tests: the real wire protocol on a loopback port, no JVM.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <string>

#include "base/assert.h"

namespace forebay::kafka {

class MockCluster {
 public:
  MockCluster() {
    char reason[256];
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof reason);
    FOREBAY_ASSERT(client_ != nullptr);
    cluster_ = rd_kafka_mock_cluster_new(client_, 1);
    FOREBAY_ASSERT(cluster_ != nullptr);
  }
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(client_);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void CreateTopic(const std::string& topic, int partitions) {
    FOREBAY_ASSERT(rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1) ==
                   RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void SetDown() { rd_kafka_mock_broker_set_down(cluster_, 1); }
  void SetUp() { rd_kafka_mock_broker_set_up(cluster_, 1); }
  rd_kafka_mock_cluster_t* raw() { return cluster_; }

 private:
  rd_kafka_t* client_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace forebay::kafka
