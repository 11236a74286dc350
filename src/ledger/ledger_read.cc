#include <cstdint>
#include <unordered_set>
#include <utility>

#include "base/row_hash.h"
#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "ledger/sqlite.h"

namespace forebay {
namespace {

Result<std::vector<LostRange>> LoadLost(Sqlite& db) {
  FOREBAY_ASSIGN(Statement row,
                 db.Prepare("SELECT topic_id, kafka_partition, from_offset, to_offset, accepted_at_ms"
                            " FROM lost_ranges ORDER BY topic_id, kafka_partition, from_offset",
                            "tiiim"));
  std::vector<LostRange> lost;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return lost;
    lost.push_back({{TopicId(row.Text(0)), PartitionId(static_cast<int32_t>(row.Int64(1)))},
                    {Offset(row.Int64(2)), Offset(row.Int64(3))},
                    row.Int64(4)});
  }
}

Result<std::vector<Adoption>> LoadAdoptions(Sqlite& db) {
  FOREBAY_ASSIGN(Statement row,
                 db.Prepare("SELECT topic, from_topic_id, to_topic_id, adopted_at_ms FROM adoptions"
                            " ORDER BY topic, adopted_at_ms, to_topic_id",
                            "tttm"));
  std::vector<Adoption> adoptions;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return adoptions;
    adoptions.push_back({row.Text(0), TopicId(row.Text(1)), TopicId(row.Text(2)), row.Int64(3)});
  }
}

Result<std::vector<Expiry>> LoadExpiries(Sqlite& db) {
  FOREBAY_ASSIGN(Statement row,
                 db.Prepare("SELECT table_name, selection, files, rows, asked_at_ms FROM expiries"
                            " ORDER BY expiry",
                            "ttiim"));
  std::vector<Expiry> expiries;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return expiries;
    expiries.push_back({row.Text(0), row.Text(1), row.Int64(2), row.Int64(3), row.Int64(4)});
  }
}

// Version 2 called the table, and two of its columns, otherwise.
Result<std::vector<Rebuild>> LoadRebuilds(Sqlite& db, int64_t version) {
  FOREBAY_ASSIGN(Statement row,
                 db.Prepare("SELECT batch, table_name, partition_dir, file_name, " +
                                std::string(version < 3 ? "trouble" : "damage") +
                                ", old_checksum, decided_at_ms, done_at_ms FROM " +
                                (version < 3 ? "relands ORDER BY reland" : "rebuilds ORDER BY rebuild"),
                            "ittttimM"));
  std::vector<Rebuild> rebuilds;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return rebuilds;
    rebuilds.push_back({BatchId(row.Int64(0)),
                        {row.Text(1), row.Text(2), row.Text(3)},
                        row.Text(4),
                        static_cast<uint64_t>(row.Int64(5)),
                        row.Int64(6),
                        row.OptionalInt64(7)});
  }
}

// A contract stands under the hash of its text.
Status CheckContract(const Sqlite& db, const std::string& yaml, const std::string& hash) {
  if (ContractHash(yaml) == hash) return Ok();
  return db.Damaged("a contract in it is not the one that was landed with");
}

Result<std::map<std::string, std::string>> LoadContracts(Sqlite& db) {
  FOREBAY_ASSIGN(Statement row, db.Prepare("SELECT hash, yaml FROM contracts", "tt"));
  std::map<std::string, std::string> contracts;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return contracts;
    FOREBAY_TRY(CheckContract(db, row.Text(1), row.Text(0)));
    contracts.emplace(row.Text(0), row.Text(1));
  }
}

}  // namespace

Result<std::map<PartitionId, Offset>> Ledger::NextPositions(const TopicId& topic_id) {
  FOREBAY_ASSIGN(Statement row,
                 db_->Prepare("SELECT kafka_partition, next FROM partitions WHERE topic_id = ?", "ii"));
  FOREBAY_TRY(row.Bind(topic_id));
  std::map<PartitionId, Offset> positions;
  while (true) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) return positions;
    positions.emplace(PartitionId(static_cast<int32_t>(row.Int64(0))), Offset(row.Int64(1)));
  }
}

Result<std::optional<LedgerTopic>> Ledger::CurrentTopic(const std::string& topic) {
  FOREBAY_ASSIGN(const std::vector<LedgerTopic> topics, LoadTopics(*db_));
  for (const LedgerTopic& known : topics) {
    if (known.current && known.topic == topic) return std::optional<LedgerTopic>(known);
  }
  return std::optional<LedgerTopic>();
}

Result<std::optional<std::string>> Ledger::LatestContract() {
  FOREBAY_ASSIGN(Statement row,
                 db_->Prepare("SELECT yaml, hash FROM contracts JOIN batches ON hash = contract_hash"
                              " ORDER BY batch DESC LIMIT 1",
                              "tt"));
  FOREBAY_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<std::string>();
  FOREBAY_TRY(CheckContract(*db_, row.Text(0), row.Text(1)));
  return std::optional<std::string>(row.Text(0));
}

Result<std::vector<DecidedBatch>> Ledger::Unpublished() {
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db_));
  std::vector<DecidedBatch> batches;
  {
    FOREBAY_ASSIGN(Statement row,
                   db_->Prepare("SELECT batch FROM batches WHERE state = 'decided' ORDER BY batch", "i"));
    while (true) {
      FOREBAY_ASSIGN(const bool found, row.Step());
      if (!found) break;
      batches.push_back({BatchId(row.Int64(0)), {}});
    }
  }
  if (batches.empty()) return batches;
  FOREBAY_ASSIGN(std::vector<LedgerFile> files,
                 LoadFiles(*db_, BatchId(0), kNewestBatch, WhichFiles::kUnpublished));
  size_t at = 0;
  for (LedgerFile& file : files) {
    while (batches[at].id < file.batch) ++at;
    batches[at].files.push_back(std::move(file));
  }
  return batches;
}

Result<std::vector<FilePlace>> Ledger::FindUnknown(std::vector<FilePlace> places) {
  if (places.empty()) return places;
  // By hash: a lake may have millions of files. Two places of one hash (64 bits) would count as one.
  const auto hash_of = [](const FilePlace& place) {
    RowHasher hasher;
    hasher.AddBytes(place.table);
    hasher.AddBytes(place.partition_dir);
    hasher.AddBytes(place.file_name);
    return hasher.Finish();
  };
  std::unordered_set<uint64_t> unknown;
  for (const FilePlace& place : places) unknown.insert(hash_of(place));
  FOREBAY_ASSIGN(Statement row,
                 db_->Prepare("SELECT table_name, partition_dir, file_name FROM files", "ttt"));
  while (!unknown.empty()) {
    FOREBAY_ASSIGN(const bool found, row.Step());
    if (!found) break;
    unknown.erase(hash_of({row.Text(0), row.Text(1), row.Text(2)}));
  }
  std::erase_if(places, [&](const FilePlace& place) { return !unknown.contains(hash_of(place)); });
  return places;
}

Result<LedgerSnapshot> Ledger::Snapshot(BatchId since, BatchId until) {
  FOREBAY_ASSIGN(const Transaction transaction, Transaction::BeginReading(*db_));
  // Another process may have upgraded the schema since this one opened the ledger.
  FOREBAY_ASSIGN(version_, db_->QueryInt64("PRAGMA user_version"));
  LedgerSnapshot snapshot;
  snapshot.lake_id = lake_id_;
  snapshot.since = since;
  FOREBAY_ASSIGN(snapshot.last_batch, LoadLastBatch(*db_));
  FOREBAY_ASSIGN(snapshot.topics, LoadTopics(*db_));
  FOREBAY_ASSIGN(snapshot.partitions, LoadPartitions(*db_));
  FOREBAY_ASSIGN(snapshot.batches, LoadBatches(*db_, since, until));
  FOREBAY_ASSIGN(snapshot.lost, LoadLost(*db_));
  FOREBAY_ASSIGN(snapshot.adoptions, LoadAdoptions(*db_));
  FOREBAY_ASSIGN(snapshot.contracts, LoadContracts(*db_));
  if (version_ < 2) return snapshot;  // nothing of these could be recorded yet
  FOREBAY_ASSIGN(snapshot.expiries, LoadExpiries(*db_));
  FOREBAY_ASSIGN(snapshot.rebuilds, LoadRebuilds(*db_, version_));
  return snapshot;
}

}  // namespace forebay
