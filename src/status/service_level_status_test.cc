#include "status/service_level_status.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace forebay {
namespace {

constexpr int64_t kNow = 20'000 * kMillisPerDay;
constexpr int64_t kHour = 3'600'000;

ServiceLevelFacts Facts() {
  ServiceLevelFacts facts;
  facts.table = "clicks";
  facts.now_ms = kNow;
  return facts;
}

ServiceLevelStatus Only(const ServiceLevels& levels, const ServiceLevelFacts& facts) {
  const std::vector<ServiceLevelStatus> compared = CompareServiceLevels(levels, facts);
  EXPECT_EQ(compared.size(), 1u);
  return compared.at(0);
}

TEST(ServiceLevels, FreshnessCountsTheRecordsThatWaitForTooLong) {
  const ServiceLevels levels{.freshness_ms = kHour, .latency_ms = {}, .retention_ms = {}};
  ServiceLevelFacts facts = Facts();
  EXPECT_EQ(Only(levels, facts).breached, std::nullopt);
  facts.lag = 0;
  EXPECT_EQ(Only(levels, facts).breached, false);
  EXPECT_EQ(Only(levels, facts).value_ms, 0);
  facts.lag = 10;
  EXPECT_EQ(Only(levels, facts).breached, std::nullopt);
  facts.late_records = 0;
  EXPECT_EQ(Only(levels, facts).breached, false);
  EXPECT_EQ(Only(levels, facts).value_ms, std::nullopt);
  facts.late_records = 7;
  EXPECT_EQ(Only(levels, facts).breached, true);
  EXPECT_EQ(Only(levels, facts).detail, "7 records have waited in Kafka for longer");
}

TEST(ServiceLevels, LatencyIsOfTheNewestEvent) {
  const ServiceLevels levels{.freshness_ms = {}, .latency_ms = kHour, .retention_ms = {}};
  ServiceLevelFacts facts = Facts();
  EXPECT_EQ(Only(levels, facts).breached, std::nullopt);
  facts.latency_ms = kHour;
  EXPECT_EQ(Only(levels, facts).breached, false);
  facts.latency_ms = kHour + 1;
  EXPECT_EQ(Only(levels, facts).breached, true);
}

TEST(ServiceLevels, RetentionNamesTheCommand) {
  const ServiceLevels levels{.freshness_ms = {}, .latency_ms = {}, .retention_ms = 10 * kMillisPerDay};
  ServiceLevelFacts facts = Facts();
  EXPECT_EQ(Only(levels, facts).breached, std::nullopt);
  facts.period_ends_us = {(kNow - 10 * kMillisPerDay) * 1000};
  EXPECT_EQ(Only(levels, facts).breached, false);
  facts.period_ends_us.push_back((kNow - 11 * kMillisPerDay) * 1000);
  EXPECT_EQ(Only(levels, facts).breached, true);
  EXPECT_EQ(Only(levels, facts).value_ms, 11 * kMillisPerDay);
  EXPECT_EQ(Only(levels, facts).detail, "1 date is older: `forebay lake expire --table clicks --before " +
                                            FormatDate(20'000 - 10) + "` removes what is");
}

TEST(ServiceLevels, OfAContractWithoutThemThereAreNone) {
  EXPECT_TRUE(CompareServiceLevels({}, Facts()).empty());
}

}  // namespace
}  // namespace forebay
