#include "infer/text_kind.h"

#include <gtest/gtest.h>

#include <string>

#include "infer/name_words.h"

namespace forebay::infer {
namespace {

TEST(TextKindTest, EachKindHasItsTexts) {
  const std::pair<const char*, TextKind> kCases[] = {
      {"2025-10-30T18:04:11Z", TextKind::kInstant},
      {"2025-10-30 18:04:11.123456789 +0200 CEST", TextKind::kInstant},
      {"2025-10-30T18:04", TextKind::kLocalTime},
      {"1761847451", TextKind::kEpoch},
      {"1761847451123", TextKind::kEpoch},
      {"1761847451123456789", TextKind::kEpoch},
      {"2025-10-30", TextKind::kDate},
      {"2025-02-30", TextKind::kOther},
      {"18:04:11", TextKind::kTime},
      {"18:04", TextKind::kHourMinute},
      {"25:04", TextKind::kOther},
      {"3f2504e0-4f89-41d3-9a0c-0305e82c3301", TextKind::kUuid},
      {"192.0.2.7", TextKind::kIpv4},
      {"2001:db8::7", TextKind::kIpv6},
      {"ada@example.com", TextKind::kEmail},
      {"https://example.com/x", TextKind::kUri},
      {"urn:x", TextKind::kOther},
      {"-12.5e3", TextKind::kNumber},
      {"42", TextKind::kNumber},
      {"007", TextKind::kOther},
      {"1.2.3", TextKind::kOther},
      {"true", TextKind::kBoolean},
      {"", TextKind::kEmpty},
      {"-", TextKind::kOther},
      {"shoes", TextKind::kOther},
  };
  for (const auto& [text, kind] : kCases) EXPECT_EQ(KindOf(text), kind) << text;
  EXPECT_EQ(KindOf(std::string(2000, '1')), TextKind::kOther);
}

TEST(NameWordsTest, WordsBeginAtCapitalsAndSigns) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(NameWords("eventTime"), (Words{"event", "time"}));
  EXPECT_EQ(NameWords("event_time"), (Words{"event", "time"}));
  EXPECT_EQ(NameWords("HTTPStatusCode"), (Words{"http", "status", "code"}));
  EXPECT_EQ(NameWords("@timestamp"), (Words{"timestamp"}));
  EXPECT_EQ(NameWords("größe-m2"), (Words{"größe", "m2"}));
  EXPECT_EQ(NameWords("--"), Words());
}

TEST(NameWordsTest, NamesOfTimesMoneyAndIds) {
  for (const char* name : {"created_at", "ts", "startTime", "unixtime", "eventTimestamp", "pubDate"})
    EXPECT_TRUE(NamesTime(name)) << name;
  for (const char* name : {"latitude", "status", "attempts", "format"}) EXPECT_FALSE(NamesTime(name)) << name;
  EXPECT_TRUE(NamesMoney("unitPrice"));
  EXPECT_FALSE(NamesMoney("tax_rate"));
  EXPECT_FALSE(NamesMoney("celsius"));
  EXPECT_EQ(RankId("order_id", "shop_orders"), IdRank::kId);
  EXPECT_EQ(RankId("user_id", "shop_orders"), IdRank::kOtherId);
  EXPECT_EQ(RankId("eventID", "clicks"), IdRank::kId);
  EXPECT_EQ(RankId("valid", "clicks"), IdRank::kNone);
}

TEST(NameWordsTest, TheTimeOfTheEventComesBeforeOthers) {
  EXPECT_EQ(RankEventTime("event_time"), EventTimeRank::kEvent);
  EXPECT_EQ(RankEventTime("@timestamp"), EventTimeRank::kTime);
  EXPECT_EQ(RankEventTime("createdAt"), EventTimeRank::kCreated);
  EXPECT_EQ(RankEventTime("order_time"), EventTimeRank::kOther);
  EXPECT_EQ(RankEventTime("updated_at"), EventTimeRank::kOther);
  EXPECT_EQ(RankEventTime("created_until"), EventTimeRank::kFuture);
  EXPECT_EQ(RankEventTime("expires_at"), EventTimeRank::kFuture);
}

}  // namespace
}  // namespace forebay::infer
