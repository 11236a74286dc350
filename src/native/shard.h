// The decode stage of a shard: decodes chunks into blocks and cuts the shard's batches.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bounded_queue.h"
#include "compare/record_view.h"
#include "decode/record_decoder.h"
#include "native/batch_in_progress.h"
#include "native/batch_writer.h"
#include "native/chunk.h"
#include "native/memory_policy.h"
#include "native/session_context.h"

namespace forebay {

// Runs only on the shard's decode thread. Other threads use only its queue.
class Shard {
 public:
  // Shard `index` of `count`: a Kafka partition belongs to shard (topic + partition) mod count.
  struct Config {
    uint32_t index = 0;
    uint32_t count = 1;
  };
  static Result<std::unique_ptr<Shard>> Create(SessionContext& session, const Config& config,
                                               ShardShared& shared);

  // Runs until the queue is closed and empty, then cuts the last batch; or runs until an error.
  Status Run(BoundedQueue<SharedChunk>& chunks);

 private:
  struct TableState {
    uint32_t index = 0;  // in the plan's tables and the batch's
    const Table* table = nullptr;
    std::shared_ptr<arrow::Schema> schema;
    std::unique_ptr<RecordDecoder> decoder;
    std::unique_ptr<RowRun> run;  // rows not yet in a block; they view the chunk
    int64_t file_bytes = 0;       // of an open file, before its first row group
  };

  Shard(SessionContext& session, const Config& config, ShardShared& shared);

  Status Accept(const Chunk& chunk);
  Status AcceptMessage(const kafka::Message& message);
  void AcceptRow(const TableState& table, PartitionInBatch& progress);
  void AcceptReject(const TableState& table, const LandTopic& topic, const RecordView& record,
                    PartitionInBatch& progress);
  void AcceptPositions(const std::vector<kafka::Position>& positions);
  PartitionInBatch& ProgressOf(uint32_t topic, PartitionId partition);
  void ReportDecoded();

  void FillBlocks(TableState& table);
  void FillBlock(const TableState& table, uint32_t directory, RowRun::Selection rows);
  BudgetedRows& BlockFor(const TableState& table, uint32_t directory);
  BudgetedQuarantine& QuarantineFor(int32_t day);
  bool IsFull(const ColumnBlock& block) const;
  void CountDirectories();

  // Both pass a block to the write stage, and leave its place in the batch empty. `last`: the batch has no
  // more rows for the file.
  void SendRows(uint32_t table_index, uint32_t directory, bool last);
  void SendQuarantine(int32_t day, bool last);
  void Send(FileKey file, int64_t file_bytes, WriteBlock item);
  // Waits until the write stage has freed enough memory, or has nothing more to write.
  void AwaitRoom();

  // Brings the shard back below its memory limit, as NextMemoryStep decides.
  Status MakeRoom();
  std::vector<FileKey> FilesBeingFilled() const;
  SpillPlan PlanSpillOf(const std::vector<FileKey>& files) const;
  ShardMemory MemoryWith(const SpillPlan& spill) const;
  void Spill(const std::vector<FileKey>& files, const SpillPlan& spill);

  std::vector<FieldCount> FieldCounts();

  Status CutIfDue();
  Status Cut();

  SessionContext& session_;
  const Config config_;
  ShardShared& shared_;
  std::vector<TableState> tables_;
  int64_t quarantine_file_bytes_ = 0;
  BatchInProgress batch_;
  bool confirms_each_ = false;  // record of the current chunk
  HeaderViews headers_;
  int64_t now_ms_ = 0;             // wall clock, at the current chunk
  std::vector<uint32_t> waiting_;  // scratch space of FillBlocks, kept to reuse its memory
};

}  // namespace forebay
