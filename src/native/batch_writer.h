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
#include "native/memory_budget.h"
#include "native/session_context.h"
#include "store/parquet_file.h"
#include "store/table_store.h"

namespace forebay {

// Rows for one file.
struct WriteBlock {
  uint32_t table = 0;  // in the plan; rows only
  std::string directory;
  std::variant<BudgetedRows, BudgetedQuarantine> block;
  bool last = false;  // the batch has no more rows for this directory
};

// Ends a batch. All blocks of the batch precede it in the queue.
struct EndBatch {
  std::vector<BatchRange> ranges;
  std::vector<QuarantineCount> quarantine;
  std::vector<RecordOfLog> to_confirm;
  std::vector<UntimedCount> untimed;
  std::vector<FieldCount> fields;
};

using WriteItem = std::variant<WriteBlock, EndBatch>;

struct ShardPools {
  explicit ShardPools(MemoryBudget& memory) : quarantine(memory) {}
  void Trim() {
    for (const auto& pool : rows) pool->Trim();
    quarantine.Trim();
  }

  std::vector<std::unique_ptr<BlockPool<RowBlock>>> rows;  // by table
  BlockPool<QuarantineBlock> quarantine;
};

// State shared by the decode stage and the write stage of a shard.
struct ShardShared {
  explicit ShardShared(int64_t memory_limit) : memory(memory_limit) {}

  MemoryBudget memory;  // of the shard's blocks and open files
  ShardPools pools{memory};
  std::atomic<int64_t> unwritten_batches{0};  // cut, but not completely written
  BoundedQueue<WriteItem> to_writer{4096};
};

// Runs only on the shard's write thread.
class BatchWriter {
 public:
  BatchWriter(SessionContext& session, TableStore& store, ShardShared& shared,
              BoundedQueue<StagedBatch>& to_commit);

  // Runs until the queue is closed and empty, or until an error.
  Status Run();

 private:
  using TableDirectory = std::pair<std::string, std::string>;  // table, directory
  struct OpenFile {
    std::unique_ptr<ParquetFile> file;
    MemoryBudget::Reservation memory;
  };
  using OpenFiles = std::map<TableDirectory, OpenFile>;

  Status Write(WriteBlock item);
  // `table` describes the table; null for quarantine.
  Status WriteRows(const TableDirectory& key, const Table* table, const ColumnBlock& block, bool last);
  Result<OpenFile> Open(const TableDirectory& key, const Table* table, const ColumnBlock& block,
                        const ColumnArrays& columns);
  Status FinishFile(OpenFiles::iterator open);
  Status End(EndBatch end);

  SessionContext& session_;
  TableStore& store_;
  ShardShared& shared_;
  BoundedQueue<StagedBatch>& to_commit_;
  OpenFiles open_;
  StagedBatch batch_;  // the files finished so far
};

}  // namespace forebay
