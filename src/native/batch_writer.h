// The write stage of a shard: writes blocks to Parquet files and gathers the finished files into staged
// batches.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bounded_queue.h"
#include "commit/commit.h"
#include "decode/row_block.h"
#include "native/block_pool.h"
#include "native/memory_gauge.h"
#include "native/session.h"
#include "store/parquet_file.h"
#include "store/table_store.h"

namespace forebay {

// Rows for one file. Exactly one of `rows` and `quarantine` is set.
struct WriteBlock {
  uint32_t topic = 0;  // rows only
  std::string directory;
  std::unique_ptr<RowBlock> rows;
  std::unique_ptr<QuarantineBlock> quarantine;
  bool last = false;  // the batch has no more rows for this directory
};

// Ends a batch. All blocks of the batch precede it in the queue.
struct EndBatch {
  std::vector<BatchRange> ranges;
  std::vector<QuarantineCount> quarantine;
};

using WriteItem = std::variant<WriteBlock, EndBatch>;

struct ShardPools {
  std::vector<std::unique_ptr<BlockPool<RowBlock>>> rows;  // by topic
  std::unique_ptr<BlockPool<QuarantineBlock>> quarantine;
};

// State shared by the decode stage and the write stage of a shard.
struct ShardShared {
  MemoryGauge memory;                       // held by the shard's blocks and open files
  std::atomic<int64_t> open_file_bytes{0};  // also counted in `memory`
  std::atomic<int64_t> queued_batches{0};   // cut, but not completely written
  std::atomic<int64_t> queued_blocks{0};
  std::atomic<bool> abandoned{false};  // the session failed: both stages stop waiting
  ShardPools pools;
  BoundedQueue<WriteItem> to_writer{4096};
};

// Runs only on the shard's write thread.
class BatchWriter {
 public:
  BatchWriter(const LandOptions& options, const LandPlan& plan, TableStore& store, ShardShared& shared,
              BoundedQueue<StagedBatch>& to_commit);

  // Runs until the queue is closed and empty, or until an error.
  Status Run();

 private:
  using FileKey = std::pair<std::string, std::string>;  // table, directory
  using OpenFiles = std::map<FileKey, std::unique_ptr<ParquetFile>>;

  Status Write(WriteBlock item);
  Status WriteRows(const FileKey& key, const ColumnBlock& block, bool last);
  void Charge(int64_t file_bytes);
  Status FinishFile(OpenFiles::iterator open);
  Status End(EndBatch end);

  const LandOptions& options_;
  const LandPlan& plan_;
  TableStore& store_;
  ShardShared& shared_;
  BoundedQueue<StagedBatch>& to_commit_;
  OpenFiles open_;
  StagedBatch batch_;  // the files finished so far
};

}  // namespace forebay
