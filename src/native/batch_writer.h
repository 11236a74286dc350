// The write stage of a shard: blocks in, finished Parquet files out, gathered into staged batches.
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
#include "store/lake.h"
#include "store/parquet_file.h"

namespace forebay {

// Rows for one file. Exactly one of the two blocks is there.
struct WriteBlock {
  uint32_t topic = 0;  // rows only
  std::string directory;
  std::unique_ptr<RowBlock> rows;
  std::unique_ptr<QuarantineBlock> quarantine;
  bool last = false;  // the batch has no more rows for this directory
};

// Everything of the batch was sent before this.
struct EndBatch {
  std::vector<BatchRange> ranges;
  std::vector<QuarantineCount> quarantine;
};

using WriteItem = std::variant<WriteBlock, EndBatch>;

struct ShardPools {
  std::vector<std::unique_ptr<BlockPool<RowBlock>>> rows;  // by topic
  std::unique_ptr<BlockPool<QuarantineBlock>> quarantine;
};

// What decode and write stage of a shard share.
struct ShardShared {
  MemoryGauge memory;                       // of the shard's blocks and open files
  std::atomic<int64_t> open_file_bytes{0};  // counted in memory, too
  std::atomic<int64_t> queued_batches{0};   // cut, and not wholly written
  std::atomic<int64_t> queued_blocks{0};
  std::atomic<bool> abandoned{false};  // the session failed: nobody waits any longer
  ShardPools pools;
  BoundedQueue<WriteItem> to_writer{4096};
};

// Runs on the shard's write thread only.
class BatchWriter {
 public:
  BatchWriter(const LandOptions& options, const LandPlan& plan, Lake& lake, ShardShared& shared,
              BoundedQueue<StagedBatch>& to_commit);

  // Works until the queue is closed and empty, or something fails.
  Status Run();

 private:
  using FileKey = std::pair<std::string, std::string>;  // table, directory
  using OpenFiles = std::map<FileKey, std::unique_ptr<ParquetFile>>;

  Status Write(WriteBlock item);
  Status WriteRows(const FileKey& key, const Block& block, bool last);
  void Charge(int64_t file_bytes);
  Status FinishFile(OpenFiles::iterator open);
  Status End(EndBatch end);

  const LandOptions& options_;
  const LandPlan& plan_;
  Lake& lake_;
  ShardShared& shared_;
  BoundedQueue<StagedBatch>& to_commit_;
  OpenFiles open_;
  StagedBatch batch_;  // the files finished so far
};

}  // namespace forebay
