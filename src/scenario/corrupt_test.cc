#include "scenario/corrupt.h"

#include <gtest/gtest.h>

#include <set>

#include "scenario/records.h"
#include "scenario/scenario.h"
#include "scenario/shop_oracle.h"

namespace forebay {
namespace {

struct Sample {
  ShopTable table;
  std::string_view name;
  std::vector<Reason> (*judge)(std::string_view);
};

constexpr Sample kSamples[] = {{ShopTable::kClicks, ShopScenario::kClicks, JudgeClick},
                               {ShopTable::kOrders, ShopScenario::kOrders, JudgeOrder}};

RecordBlock GoodRecords(std::string_view table, uint64_t count) {
  RecordBlock block;
  const ShopScenario scenario = ShopScenario::Create(ScenarioOptions()).value();
  EXPECT_TRUE(scenario.Generate(table, 0, count, &block).ok());
  return block;
}

TEST(CorruptTest, BreaksExactlyTheRuleItShould) {
  for (const Sample& sample : kSamples) {
    const RecordBlock block = GoodRecords(sample.name, 300);
    for (const Reason reason : AllReasons()) {
      for (size_t i = 0; i < (reason == Reason::kTooLarge ? 5 : block.size()); ++i) {
        std::string value(block.at(i).value);
        Corrupt(sample.table, reason, Random(i), &value);
        const std::vector<Reason> broken = sample.judge(value);
        ASSERT_EQ(broken, std::vector<Reason>{reason}) << ReasonName(reason) << ": " << value.substr(0, 1000);
      }
    }
  }
}

TEST(CorruptTest, VariesWithinAKind) {
  const RecordBlock block = GoodRecords(ShopScenario::kClicks, 1);
  for (const Reason reason : AllReasons()) {
    std::set<std::string> values;
    for (uint64_t key = 0; key < 20; ++key) {
      std::string value(block.at(0).value);
      Corrupt(ShopTable::kClicks, reason, Random(key), &value);
      values.insert(value);
    }
    EXPECT_GE(values.size(), 4u) << ReasonName(reason);
  }
}

TEST(CorruptTest, ExtraMembersBreakNothing) {
  for (const Sample& sample : kSamples) {
    const RecordBlock block = GoodRecords(sample.name, 300);
    for (size_t i = 0; i < block.size(); ++i) {
      std::string value(block.at(i).value);
      AddExtraMembers(Random(i), &value);
      EXPECT_GT(value.size(), block.at(i).value.size());
      EXPECT_EQ(sample.judge(value), std::vector<Reason>()) << value;
    }
  }
}

}  // namespace
}  // namespace forebay
