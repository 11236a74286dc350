// The decode stage of a shard: decodes chunks into blocks and cuts the shard's batches.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/bounded_queue.h"
#include "decode/record_decoder.h"
#include "native/batch_writer.h"
#include "native/session.h"

namespace forebay {

using SharedChunk = std::shared_ptr<const Chunk>;

// Runs only on the shard's decode thread. Other threads use only its queue.
class Shard {
 public:
  // Shard `index` of `count`: a Kafka partition belongs to shard (topic + partition) mod count.
  // `memory_bytes` limits the memory of this shard's blocks and open files.
  struct Config {
    uint32_t index = 0;
    uint32_t count = 1;
    int64_t memory_bytes = 0;
  };
  static Result<std::unique_ptr<Shard>> Create(const LandOptions& options, const LandPlan& plan,
                                               const Config& config, ShardShared& shared);

  // Runs until the queue is closed and empty, then cuts the last batch; or runs until an error.
  Status Run(BoundedQueue<SharedChunk>& chunks, const SessionState& session);

 private:
  // The current batch's records of one Kafka partition. INVARIANT: from <= next.
  struct PartitionProgress {
    bool mine = false;
    Offset from;
    Offset next;
    Offset end;         // records from here on are not landed
    BatchRange counts;  // rows and so on; Cut sets the offsets
  };
  struct TopicState {
    const LandTopic* topic = nullptr;
    std::unique_ptr<RecordDecoder> decoder;
    std::unique_ptr<RowRun> run;                  // rows not yet in a block; they view the chunk
    std::vector<PartitionProgress> partitions;    // by Kafka partition
    std::vector<std::unique_ptr<RowBlock>> open;  // by the decoder's partition index
    int64_t file_bytes = 0;                       // of an open file, before its first row group
  };

  // Topic and partition index, or kQuarantineFile and day.
  using FileKey = std::pair<uint32_t, int64_t>;
  static constexpr uint32_t kQuarantineFile = UINT32_MAX;

  Shard(const LandOptions& options, const LandPlan& plan, const Config& config, ShardShared& shared);

  Status Take(const Chunk& chunk);
  Status TakeMessage(const kafka::Message& message);
  void TakeRow(TopicState& topic, PartitionProgress& progress);
  void TakeReject(TopicState& topic, const RecordView& record, PartitionProgress& progress);
  void TakePositions(const std::vector<kafka::Position>& positions);
  PartitionProgress& ProgressOf(uint32_t topic, PartitionId partition);

  void FillBlocks(TopicState& topic);
  void FillBlock(TopicState& topic, uint32_t directory, RowRun::Selection rows);
  RowBlock& BlockFor(TopicState& topic, uint32_t directory);
  QuarantineBlock& QuarantineFor(int32_t day);
  bool IsFull(const ColumnBlock& block) const;
  void NewBlock(const ColumnBlock& block);
  // Waits until the write stage has freed enough memory, or has nothing more to write.
  void AwaitRoom();
  void Charge(size_t before, const ColumnBlock& block);
  void SendRows(uint32_t topic_index, uint32_t partition, bool last);
  void SendQuarantine(int32_t day, std::unique_ptr<QuarantineBlock> block, bool last);
  void Send(WriteBlock block);

  // Keeps the shard within its memory limit: returns spare blocks, writes out large ones, or cuts.
  Status MakeRoom();
  Status SpillLargest(int64_t until_open_bytes);
  // Bytes of files that are open, or will be open once the queued blocks are written.
  int64_t OpenFileBytes() const;
  void KeepOpen(FileKey key, int64_t file_bytes);
  int64_t OpenDirectories() const;
  Status CutIfDue();
  Status Cut();

  const LandOptions& options_;
  const LandPlan& plan_;
  const Config config_;
  ShardShared& shared_;
  std::vector<TopicState> topics_;
  std::map<int32_t, std::unique_ptr<QuarantineBlock>> quarantine_;  // by day
  std::map<std::pair<uint32_t, Reason>, int64_t> reasons_;          // of the current batch, by topic
  int64_t now_ms_ = 0;                                              // wall clock, at the current chunk
  int64_t open_bytes_ = 0;                                          // of the blocks being filled
  std::set<FileKey> kept_open_;                                     // open files of the current batch
  int64_t quarantine_file_bytes_ = 0;
  int64_t kept_open_bytes_ = 0;  // before their first row groups
  bool too_many_directories_ = false;
  std::vector<uint32_t> waiting_;  // scratch space of FillBlocks, kept to reuse its memory
  int64_t batch_records_ = 0;
  int64_t batch_bytes_ = 0;
  int64_t records_before_batch_ = 0;  // in the batches cut so far
  int64_t bytes_before_batch_ = 0;
  double batch_began_ = 0;  // monotonic seconds; 0: no position has advanced yet
};

}  // namespace forebay
