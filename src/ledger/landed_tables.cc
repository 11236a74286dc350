#include "ledger/landed_tables.h"

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/tables.h"

namespace forebay {
namespace {

// Batches in a row that were landed with one contract.
struct Run {
  std::string hash;
  BatchId first;
  BatchId last;
};

constexpr std::tuple kRunColumns(FOREBAY_COLUMN("contract_hash", hash), FOREBAY_COLUMN("batch", last));

// The newest run first. Each search for the end of a run stops there.
Result<std::vector<Run>> LoadRuns(Sqlite& db, BatchId until, bool one_contract) {
  std::vector<Run> runs;
  FOREBAY_ASSIGN(
      std::optional<Run> run,
      FindRow<Run>(db, kRunColumns, "FROM batches WHERE batch <= ? ORDER BY batch DESC LIMIT 1", until));
  while (run) {
    std::optional<Run> before;
    if (!one_contract) {
      FOREBAY_ASSIGN(before, FindRow<Run>(db, kRunColumns,
                                          "FROM batches WHERE batch < ? AND contract_hash <> ?"
                                          " ORDER BY batch DESC LIMIT 1",
                                          run->last, run->hash));
    }
    run->first = BatchId(before ? before->last.value() + 1 : 1);
    runs.push_back(*std::exchange(run, std::move(before)));
  }
  return runs;
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
  FOREBAY_ASSIGN(const std::vector<Run> runs, LoadRuns(db, until, contracts.size() == 1));
  FOREBAY_ASSIGN(const std::set<std::string> tables, LoadTablesWithRows(db));
  std::vector<LandedTable> landed;
  std::set<std::pair<std::string, std::string>> found;  // contract, table
  for (const Run& run : runs) {
    const auto yaml = contracts.find(run.hash);
    if (yaml == contracts.end())
      return db.Damaged("batch " + std::to_string(run.last.value()) + " has a contract that is missing");
    for (const std::string& table : tables) {
      if (found.contains({run.hash, table})) continue;
      FOREBAY_ASSIGN(const auto newest, FindRow<BatchKey>(db, kBatchKeyColumns,
                                                          "FROM files WHERE batch BETWEEN ? AND ? AND"
                                                          " table_name = ? ORDER BY batch DESC LIMIT 1",
                                                          run.first, run.last, table));
      if (!newest) continue;
      found.emplace(run.hash, table);
      landed.push_back({table, yaml->second, newest->batch});
    }
  }
  return landed;
}

Result<std::vector<LedgerTopic>> LoadLandedTopics(Sqlite& db, int64_t version) {
  FOREBAY_ASSIGN(std::vector<LedgerTopic> topics, LoadTopics(db));
  FOREBAY_ASSIGN(const std::vector<LedgerPartition> partitions, LoadPartitions(db, version));
  std::set<TopicId> landed;
  for (const LedgerPartition& partition : partitions) {
    if (partition.beginning < partition.next) landed.insert(partition.partition.topic_id);
  }
  std::erase_if(topics, [&](const LedgerTopic& topic) { return !landed.contains(topic.id); });
  return topics;
}

}  // namespace forebay
