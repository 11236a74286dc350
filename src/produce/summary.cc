#include "produce/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/join.h"
#include "base/json_quote.h"

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

std::string TableJson(const ReceiptTable& table) {
  const Counts counts = Count(table);
  return "{\"table\":" + QuoteJson(table.table) + ",\"topic\":" + QuoteJson(table.topic) +
         ",\"topic_id\":" + QuoteJson(table.topic_id.base64()) +
         fmt::format(",\"acknowledged\":{},\"quarantined\":{},\"failed\":{},\"uncertain\":{}}}",
                     counts.acknowledged, counts.quarantined, table.failed, table.uncertain);
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
  return text + "\nreceipt: " + path;
}

std::string SummaryJson(const ReceiptKeeper& keeper, const RunSummary& summary, const std::string& path) {
  std::vector<std::string> tables;
  for (const ReceiptTable& table : keeper.receipt().tables) tables.push_back(TableJson(table));
  std::vector<std::string> failures;
  for (const auto& [reason, count] : summary.failures) {
    failures.push_back(QuoteJson(reason) + ":" + std::to_string(count));
  }
  return "{\"run\":" + QuoteJson(keeper.receipt().run) + ",\"receipt\":" + QuoteJson(path) +
         fmt::format(",\"seconds\":{:.3f},\"acknowledged\":{},\"failed\":{},\"uncertain\":{}",
                     summary.seconds, keeper.acknowledged(), keeper.failed(), keeper.uncertain()) +
         ",\"tables\":[" + Join(tables, ",") + "],\"failures\":{" + Join(failures, ",") + "}}";
}

}  // namespace forebay::produce
