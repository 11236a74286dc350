// Shared fixture of the commit protocol tests: a small topic, batches with recognizable files, and an
// exactness check.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "commit/commit.h"
#include "commit/publish.h"
#include "ledger/open_lake.h"

namespace forebay {

inline const TopicId kTestTopic("AAAAAAAAAAAAAAAAAAAAAQ");
inline const TopicId kTestOrders("AAAAAAAAAAAAAAAAAAAAAg");

inline TopicPartition TestPartition(int partition) {
  return {kTestTopic, PartitionId(partition)};
}
inline TopicPartition TestOrdersPartition() {
  return {kTestOrders, PartitionId(0)};
}

// The beginnings of the test topics: offset 0.
inline std::vector<Beginning> TestBeginnings() {
  return {{"shop.clicks", "clicks", TestPartition(0), Offset(0)},
          {"shop.clicks", "clicks", TestPartition(1), Offset(0)},
          {"shop.orders", "orders", TestOrdersPartition(), Offset(0)}};
}

inline Status StageFile(TableStore& store, const std::string& table, const std::string& partition_dir,
                        int64_t rows, Offset from, StagedBatch* batch) {
  ProposedFile file;
  file.table = table;
  file.partition_dir = partition_dir;
  const FilePlace place = NewPlace(table, partition_dir);
  file.file_name = place.file_name;
  file.rows = rows;
  FOREBAY_ASSIGN(const auto writer, store.CreateStaged(place));
  const std::string content = table + " " + partition_dir + " " + std::to_string(from.value()) + "\n";
  FOREBAY_TRY(writer->Append(content.data(), content.size()));
  FOREBAY_ASSIGN(StagedFileWriter::Finished finished, writer->Finish());
  file.staged_name = writer->name();
  file.bytes = static_cast<int64_t>(finished.content.bytes);
  file.checksum = finished.content.checksum;
  file.position_sum = static_cast<uint64_t>(from.value()) + (uint64_t{1} << 63);
  batch->proposal.files.push_back(std::move(file));
  batch->staged.push_back(std::move(finished.file));
  return Ok();
}

// Stages ten offsets of each partition, starting at `from`: two files of nine clicks each, one file of orders
// and one quarantine file.
inline Result<StagedBatch> StageBatch(TableStore& store, Offset from) {
  StagedBatch batch;
  batch.proposal.contract_yaml = "the contract\n";
  batch.proposal.engine = "test";
  batch.proposal.engine_version = "1";
  const Offset to(from.value() + 10);
  batch.proposal.ranges = {{TestPartition(0), {from, to}, 9, 1, 0, 1000, 7},
                           {TestPartition(1), {from, to}, 9, 0, 1, std::nullopt, std::nullopt},
                           {TestOrdersPartition(), {from, to}, 10, 0, 0, 2000, 8}};
  batch.proposal.quarantine = {{"clicks", "not_json", 1}};
  const std::string date = "date=2025-10-" + std::to_string(10 + from.value() / 10);
  FOREBAY_TRY(StageFile(store, "clicks", date, 9, from, &batch));
  FOREBAY_TRY(StageFile(store, "clicks", "date=2025-10-31", 9, from, &batch));
  FOREBAY_TRY(StageFile(store, "orders", date, 10, from, &batch));
  FOREBAY_TRY(StageFile(store, "quarantine", date, 1, from, &batch));
  return batch;
}

// An open, recovered lake in which the test topics begin at offset 0.
struct Lander {
  OpenedLake opened;
  std::unique_ptr<Committer> committer;

  static Result<Lander> Start(Fs& fs, const std::string& dir, const OpenLakeOptions& options) {
    Lander lander;
    FOREBAY_ASSIGN(lander.opened, OpenLake(fs, dir, options));
    lander.committer = std::make_unique<Committer>(lander.store(), *lander.opened.ledger);
    FOREBAY_TRY(lander.committer->Recover());
    FOREBAY_ASSIGN(const auto positions, lander.opened.ledger->NextPositions(kTestTopic));
    if (positions.empty()) {
      FOREBAY_TRY(lander.opened.ledger->CommitBeginnings(TestBeginnings()));
    }
    return lander;
  }

  TableStore& store() const { return opened.lake->store(); }

  Result<Offset> Next() {
    FOREBAY_ASSIGN(const auto positions, opened.ledger->NextPositions(kTestTopic));
    return positions.at(PartitionId(0)).next;
  }

  Result<StagedBatch> Stage(Offset from) { return StageBatch(store(), from); }

  Result<BatchId> Commit(StagedBatch batch) {
    FOREBAY_ASSIGN(PreparedBatch prepared, committer->Prepare(std::move(batch)));
    return committer->Commit(std::move(prepared), Ok());
  }

  Result<BatchId> Land(Offset from) {
    FOREBAY_ASSIGN(StagedBatch batch, Stage(from));
    return Commit(std::move(batch));
  }
};

// Exactness check, to be called after a recovery. Every batch is published. In all three partitions the
// ranges tile from 0 to `next`. Every file of the ledger that no operator removed is in its place with its
// content. No other file is visible, and staging is empty.
inline void ExpectExact(TableStore& store, Ledger& ledger, Offset next) {
  const auto snapshot = ledger.Snapshot();
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message();
  std::map<TopicPartition, Offset> tiled;
  std::vector<FilePlace> expected;
  for (const LedgerBatch& batch : snapshot->batches) {
    EXPECT_EQ(batch.state, BatchState::kPublished);
    for (const BatchRange& range : batch.ranges) {
      EXPECT_EQ(range.offsets.from, tiled[range.partition]);
      tiled[range.partition] = range.offsets.to;
    }
    for (const LedgerFile& file : batch.files) {
      if (file.state == FileState::kExpired) continue;
      EXPECT_EQ(file.state, FileState::kPresent);
      expected.push_back(file.place);
      const auto content = SummarizeFile(store, file.place);
      ASSERT_TRUE(content.ok() && *content) << PlaceText(file.place);
      EXPECT_EQ(**content, StagedPlaceOf(file).content);
    }
  }
  EXPECT_EQ(tiled.size(), next.value() > 0 ? 3u : 0u);
  for (const auto& [partition, to] : tiled) EXPECT_EQ(to, next);
  for (const LedgerPartition& partition : snapshot->partitions) EXPECT_EQ(partition.next, next);
  std::sort(expected.begin(), expected.end());
  auto visible = store.ListFiles();
  ASSERT_TRUE(visible.ok());
  std::sort(visible->begin(), visible->end());
  EXPECT_EQ(*visible, expected);
  const auto staged = store.ListStaged();
  ASSERT_TRUE(staged.ok());
  EXPECT_TRUE(staged->empty());
}

inline void ExpectExact(OpenedLake& opened, Offset next) {
  ExpectExact(opened.lake->store(), *opened.ledger, next);
}

}  // namespace forebay
