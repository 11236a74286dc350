#include "ledger/landed_tables.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/tables.h"

namespace forebay {
namespace {

// A contract, and the first and the last of the batches that were landed with it.
struct Span {
  std::string hash;
  BatchId first;
  BatchId last;
};

constexpr std::tuple kSpanColumns(FOREBAY_COLUMN("contract_hash", hash), FOREBAY_COLUMN("min(batch)", first),
                                  FOREBAY_COLUMN("max(batch)", last));

// Most lakes have one contract, and the ledger has no index to tell the batches of several.
Result<std::vector<Span>> LoadSpans(Sqlite& db, BatchId until,
                                    const std::map<std::string, std::string>& contracts) {
  if (contracts.size() == 1) return std::vector<Span>{{contracts.begin()->first, BatchId(1), until}};
  return LoadRows<Span>(db, kSpanColumns, "FROM batches WHERE batch <= ? GROUP BY contract_hash", until);
}

Result<std::set<std::string>> LoadTablesWithRows(Sqlite& db) {
  FOREBAY_ASSIGN(const std::vector<LedgerTopic> topics, LoadTopics(db));
  std::set<std::string> tables;
  for (const LedgerTopic& topic : topics) {
    FOREBAY_ASSIGN(const auto range,
                   FindRow<BatchKey>(db, kBatchKeyColumns,
                                     "FROM ranges WHERE topic_id = ? AND rows > 0 LIMIT 1", topic.id));
    if (range) tables.insert(topic.table);
  }
  return tables;
}

}  // namespace

Result<std::vector<LandedTable>> LoadLandedTables(Sqlite& db, BatchId until) {
  FOREBAY_ASSIGN(const auto contracts, LoadContracts(db));
  FOREBAY_ASSIGN(const std::vector<Span> spans, LoadSpans(db, until, contracts));
  FOREBAY_ASSIGN(const std::set<std::string> tables, LoadTablesWithRows(db));
  std::vector<LandedTable> landed;
  for (const Span& span : spans) {
    for (const std::string& table : tables) {
      FOREBAY_ASSIGN(const auto newest,
                     FindRow<BatchKey>(db, kBatchKeyColumns,
                                       "FROM batches WHERE batch BETWEEN ? AND ? AND contract_hash = ? AND"
                                       " EXISTS (SELECT 1 FROM files WHERE files.batch = batches.batch AND"
                                       " table_name = ?) ORDER BY batch DESC LIMIT 1",
                                       span.first, span.last, span.hash, table));
      if (newest) landed.push_back({table, contracts.at(span.hash), newest->batch});
    }
  }
  std::sort(landed.begin(), landed.end(),
            [](const LandedTable& a, const LandedTable& b) { return a.newest > b.newest; });
  return landed;
}

Result<std::vector<LedgerTopic>> LoadLandedTopics(Sqlite& db, int64_t version) {
  FOREBAY_ASSIGN(std::vector<LedgerTopic> topics, LoadTopics(db));
  FOREBAY_ASSIGN(const std::vector<LedgerPartition> partitions, LoadPartitions(db, version));
  std::erase_if(topics, [&](const LedgerTopic& topic) {
    return std::none_of(partitions.begin(), partitions.end(), [&](const LedgerPartition& partition) {
      return partition.partition.topic_id == topic.id && partition.beginning < partition.next;
    });
  });
  return topics;
}

}  // namespace forebay
