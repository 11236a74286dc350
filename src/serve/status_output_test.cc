// What the metrics and the JSON of a status say.
#include <gmock/gmock.h>

#include <string>

#include "serve/metrics.h"
#include "serve/status_json.h"

namespace forebay::serve {
namespace {

using testing::HasSubstr;
using testing::Not;

// Partition 1 of three is landed up to offset 100, and its log ends at 70. Partition 2 is not known to the
// brokers.
LakeStatus CutBackLake() {
  LakeStatus lake;
  lake.brokers_queried = true;
  TableStatus table;
  table.table = "clicks";
  table.topics = {{"shop.clicks", TopicId("AAAAAAAAAAAAAAAAAAAAAQ"), "", ""}};
  for (int32_t p = 0; p < 3; ++p) {
    PartitionStatus partition;
    partition.topic = "shop.clicks";
    partition.partition = PartitionId(p);
    partition.next = Offset(100);
    if (p < 2) {
      partition.earliest = Offset(0);
      partition.stable = partition.end = Offset(p == 0 ? 100 : 70);
      partition.cut_back = p == 0 ? 0 : 30;
    }
    table.partitions.push_back(partition);
  }
  lake.tables.push_back(table);
  return lake;
}

std::string WithoutSpace(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

TEST(StatusOutput, MetricsTellALogThatWasCutBack) {
  LakeView view;
  view.status = CutBackLake();
  const std::string text = MetricsText(view, nullptr, ProcessStats(), 0);
  const std::string name = "forebay_cut_back_records{table=\"clicks\",topic=\"shop.clicks\",partition=";
  EXPECT_THAT(text, HasSubstr("# TYPE forebay_cut_back_records gauge\n"));
  EXPECT_THAT(text, HasSubstr(name + "\"0\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(name + "\"1\"} 30\n"));
  EXPECT_THAT(text, Not(HasSubstr(name + "\"2\"}")));
}

TEST(StatusOutput, JsonTellsALogThatWasCutBack) {
  LakeStatus lake = CutBackLake();
  std::string json = WithoutSpace(StatusJson(lake, EngineStatus()));
  EXPECT_THAT(json, HasSubstr("\"lag\":0,\"held_back\":0,\"cut_back\":30,"));
  // The sum of a table is known only with all of its partitions.
  EXPECT_THAT(json, HasSubstr("\"lag\":null,\"held_back\":null,\"cut_back\":null,"));
  lake.tables[0].partitions.pop_back();
  json = WithoutSpace(StatusJson(lake, EngineStatus()));
  EXPECT_THAT(json, Not(HasSubstr("\"cut_back\":null")));
}

}  // namespace
}  // namespace forebay::serve
