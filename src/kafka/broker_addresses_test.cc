#include "kafka/broker_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay::kafka {
namespace {

using ::testing::HasSubstr;

std::string Addresses(std::string_view brokers, const std::string& protocol = "plaintext") {
  const Result<std::string> addresses = CheckBrokerAddresses(brokers, protocol);
  return addresses.ok() ? *addresses : addresses.error().message();
}

TEST(BrokerAddresses, AreWrittenInFull) {
  EXPECT_EQ(Addresses("127.0.0.1:9092"), "127.0.0.1:9092");
  EXPECT_EQ(Addresses("kafka-1.example.com:1, kafka_2:65535 ,"), "kafka-1.example.com:1,kafka_2:65535");
  EXPECT_EQ(Addresses("kafka"), "kafka:9092");
  EXPECT_EQ(Addresses("[::1]:9093"), "[::1]:9093");
  EXPECT_EQ(Addresses("[fe80::1%eth0]"), "[fe80::1%eth0]:9092");
  EXPECT_EQ(Addresses("::1"), "[::1]:9092");
  EXPECT_EQ(Addresses("PLAINTEXT://kafka:1"), "kafka:1");
  EXPECT_EQ(Addresses("sasl_ssl://kafka,SASL_SSL://other:2", "SASL_SSL"), "kafka:9092,other:2");
}

TEST(BrokerAddresses, ThatNobodyCouldReachAreRefused) {
  for (const char* address : {"kafka:", ":9092", "kafka:abc", "kafka:0", "kafka:65536", "kafka:99999",
                              "kafka:-1", "kafka:+1", "kafka: 1", "kafka:9092/topic", "a b:1", "[::1:9092",
                              "[]:1", "[::1]9092", "[a:1]x", "kafka;1", "kafka:99999999999999999999"}) {
    EXPECT_EQ(Addresses(address), "the broker address '" + std::string(address) +
                                      "' is not HOST:PORT, with a port from 1 to 65535; correct --brokers or "
                                      "FOREBAY_BROKERS");
  }
  EXPECT_THAT(Addresses("good:1,bad:x"), HasSubstr("'bad:x'"));
  for (const char* none : {"", ",", " , "})
    EXPECT_THAT(Addresses(none), HasSubstr("no Kafka brokers are given"));
}

TEST(BrokerAddresses, AProtocolIsThatOfTheSettings) {
  EXPECT_EQ(Addresses("http://kafka:1"),
            "the broker address 'http://kafka:1' asks for http, while security.protocol is plaintext; write "
            "HOST:PORT, and set security.protocol in the file of --kafka-config");
  EXPECT_THAT(Addresses("SSL://kafka:1", "sasl_ssl"),
              HasSubstr("asks for SSL, while security.protocol is sasl_ssl"));
  EXPECT_THAT(Addresses("ssl://kafka:x", "ssl"), HasSubstr("'ssl://kafka:x' is not HOST:PORT"));
}

}  // namespace
}  // namespace forebay::kafka
