#include "produce/summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/json_writer.h"

namespace forebay::produce {
namespace {

struct Counts {
  uint64_t acknowledged = 0;
  uint64_t quarantined = 0;
};

Counts Count(const ReceiptTable& table) {
  Counts counts;
  for (const auto& [number, partition] : table.partitions) counts.acknowledged += partition.records;
  for (const auto& [reason, count] : table.quarantined) counts.quarantined += count;
  return counts;
}

void WriteTable(const ReceiptTable& table, JsonWriter& json) {
  const Counts counts = Count(table);
  json.OpenObject()
      .Member("table", table.table)
      .Member("topic", table.topic)
      .Member("topic_id", table.topic_id.base64())
      .Member("acknowledged", counts.acknowledged)
      .Member("quarantined", counts.quarantined)
      .Member("failed", table.failed)
      .Member("uncertain", table.uncertain)
      .Close();
}

}  // namespace

std::string SummaryText(const ReceiptKeeper& keeper, const RunSummary& summary, const std::string& path) {
  const Receipt& receipt = keeper.receipt();
  const uint64_t acknowledged = keeper.acknowledged();
  const double rate = static_cast<double>(acknowledged) / std::max(summary.seconds, 0.001);
  std::string text = fmt::format("run {}: {} records acknowledged in {:.1f} s ({:.0f}/s)", receipt.run,
                                 acknowledged, summary.seconds, rate);
  for (const ReceiptTable& table : receipt.tables) {
    const Counts counts = Count(table);
    text += fmt::format("\n  {}: {} in {}, {} of them expected in quarantine", table.table,
                        counts.acknowledged, table.topic, counts.quarantined);
    if (table.failed > 0) text += fmt::format(", {} failed", table.failed);
    if (table.uncertain > 0) text += fmt::format(", {} uncertain", table.uncertain);
  }
  return text + (summary.complete ? "\nreceipt: " : "\npartial receipt: ") + path;
}

std::string SummaryJson(const ReceiptKeeper& keeper, const RunSummary& summary, const std::string& path) {
  JsonWriter json;
  json.OpenObject(JsonLayout::kOneLine)
      .Member("run", keeper.receipt().run)
      .Member("state", summary.complete ? "complete" : "partial")
      .Member("receipt", path)
      .Member("seconds", summary.seconds)
      .Member("acknowledged", keeper.acknowledged())
      .Member("failed", keeper.failed())
      .Member("uncertain", keeper.uncertain());
  json.Key("tables").OpenArray();
  for (const ReceiptTable& table : keeper.receipt().tables) WriteTable(table, json);
  json.Close().Key("failures").OpenObject();
  for (const auto& [reason, count] : summary.failures) json.Member(reason, count);
  return json.Close().Close().text();
}

std::string PartialMessage(const Receipt& receipt, const std::string& path) {
  const std::string what = "the run ended before all of its records were produced; ";
  if (receipt.source == kStandardInput) return what + "standard input cannot be read again to resume it";
  return what + "repeat it with --resume --receipt " + path + " to send the rest";
}

}  // namespace forebay::produce
