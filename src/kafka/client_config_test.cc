#include "kafka/client_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "kafka/admin.h"

namespace forebay::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCanary[] = "canary-c4n4ry";

std::string ParseError(const std::string& text) {
  const auto config = ClientConfig::Parse("127.0.0.1:9092", text, "kafka.conf");
  EXPECT_FALSE(config.ok()) << text;
  if (config.ok()) return "";
  EXPECT_EQ(config.error().code(), ErrorCode::kInvalidArgument);
  return config.error().message();
}

TEST(ClientConfig, ReadsSettings) {
  setenv("FOREBAY_TEST_SECRET", kCanary, 1);
  const auto config =
      ClientConfig::Parse("a:1,b:2",
                          "# a comment\n\n  security.protocol = SASL_PLAINTEXT \r\nsasl.username=me\n"
                          "sasl.password=${FOREBAY_TEST_SECRET}\nsasl.mechanism=PLAIN",
                          "kafka.conf");
  ASSERT_TRUE(config.ok()) << config.error().message();
  EXPECT_EQ(config->brokers(), "a:1,b:2");
  ASSERT_EQ(config->settings().size(), 4u);
  EXPECT_EQ(config->settings()[0].key, "security.protocol");
  EXPECT_EQ(config->settings()[0].value, "SASL_PLAINTEXT");
  EXPECT_EQ(config->settings()[0].line, 3);
  EXPECT_EQ(config->settings()[2].value, kCanary);
}

TEST(ClientConfig, NamesFileAndLine) {
  EXPECT_THAT(ParseError("linger.ms=5\nno.such.setting=1"),
              HasSubstr("kafka.conf:2: unknown librdkafka setting 'no.such.setting'"));
  EXPECT_THAT(ParseError("\nlinger.ms=soon"),
              HasSubstr("kafka.conf:2: invalid value of librdkafka setting 'linger.ms'"));
  EXPECT_THAT(ParseError("sasl.password=${FOREBAY_TEST_UNSET}"),
              HasSubstr("kafka.conf:1: the environment variable FOREBAY_TEST_UNSET is not set"));
  EXPECT_THAT(ClientConfig::Parse("", "", "").error().message(), HasSubstr("--brokers"));
  EXPECT_THAT(ClientConfig::Make("a:1", "/no/such/file").error().message(),
              HasSubstr("/no/such/file cannot be read"));
}

TEST(ClientConfig, NamesAFileThatCannotBeRead) {
  for (const std::string key : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location",
                                "ssl.crl.location", "ssl.keystore.location"}) {
    EXPECT_EQ(
        ParseError("linger.ms=5\n" + key + "=/no/such/file"),
        "kafka.conf:2: " + key +
            " names '/no/such/file', which cannot be read: No such file or directory; correct the path");
    EXPECT_TRUE(ClientConfig::Parse("a:1", key + "=/dev/null", "f").ok()) << key;
  }
  EXPECT_TRUE(ClientConfig::Parse("a:1", "ssl.ca.location=/etc", "f").ok());  // a directory of certificates
  EXPECT_TRUE(ClientConfig::Parse("a:1", "ssl.ca.location=probe", "f").ok());
}

TEST(ClientConfig, RefusesWhatExactlyOnceRestsOn) {
  for (const char* key : {"acks", "enable.idempotence", "isolation.level", "auto.offset.reset",
                          "bootstrap.servers", "transactional.id", "enable.auto.commit", "check.crcs"}) {
    EXPECT_THAT(ParseError(std::string(key) + "=1"), HasSubstr("is set by Forebay itself")) << key;
  }
}

TEST(ClientConfig, SecretsStayOutOfErrors) {
  const std::string canary = kCanary;
  EXPECT_THAT(ParseError(canary), Not(HasSubstr(canary)));  // a line that is a password
  EXPECT_THAT(ParseError("sasl.password=" + canary + "\nlinger.ms=x"), Not(HasSubstr(canary)));
  // Invalid values that are detected only when a client starts.
  for (const std::string setting :
       {"ssl.key.pem=",
        "enable.sasl.oauthbearer.unsecure.jwt=true\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.config="}) {
    const auto config =
        ClientConfig::Parse("127.0.0.1:1", "security.protocol=SASL_SSL\n" + setting + canary, "f");
    ASSERT_TRUE(config.ok()) << config.error().message();
    const auto admin = Admin::Open(*config, {500, nullptr});
    const std::string said =
        admin.ok() ? (*admin)->WaitForBroker().error().message() : admin.error().message();
    EXPECT_THAT(said, Not(HasSubstr(canary)));
  }
}

TEST(ClientConfig, RedactsSecretsOnly) {
  const auto config =
      ClientConfig::Parse("a:1", "sasl.username=alice\nsasl.password=" + std::string(kCanary), "f");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->Redact("alice said " + std::string(kCanary) + " and " + kCanary),
            "alice said *** and ***");
}

}  // namespace
}  // namespace forebay::kafka
