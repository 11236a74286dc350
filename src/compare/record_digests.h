// Digests of records, from the lake's files and from Kafka, to compare the two value by value. A digest
// covers every column of the table, and the partition directory; of a refused record its bytes, time and
// reason.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "contract/contract.h"
#include "decode/record_decoder.h"
#include "decode/row_block.h"
#include "ledger/records.h"
#include "store/table_store.h"

namespace forebay {

struct RecordDigest {
  Offset offset;
  uint64_t digest = 0;  // 64 bits of XXH3: two different records have the same one by chance alone
  auto operator<=>(const RecordDigest&) const = default;
};

// What a digest covers.
enum class DigestScope {
  kAllValues,  // and the directory, without levels in a time zone
  kOrigin,     // the Kafka timestamp and the primary key alone: the rest may have been transformed
};

struct DigestOptions {
  DigestScope scope = DigestScope::kAllValues;
  // Leaves out records without a usable Kafka timestamp: versions before fingerprints took any timestamp,
  // stored it, and judged the record by it.
  bool timed_only = false;
};

// By log, in any order.
using LogDigests = std::map<TopicPartition, std::vector<RecordDigest>>;

// A batch's ranges by table and Kafka partition: which log its rows are of.
class BatchLogs {
 public:
  // `topics`: TopicsById.
  BatchLogs(const LedgerBatch& batch, const std::map<TopicId, const LedgerTopic*>& topics);
  // nullptr: the batch has no such range. By the table only where it has one topic.
  const TopicPartition* FindByTable(std::string_view table, PartitionId partition) const;
  const TopicPartition* FindByTopic(std::string_view topic, PartitionId partition) const;

 private:
  using Logs = std::map<std::string, std::map<PartitionId, TopicPartition>, std::less<>>;
  static const TopicPartition* Find(const Logs& logs, std::string_view name, PartitionId partition);
  Logs by_table_;
  Logs by_topic_;
};

// Adds the digests of a file's rows. `table` is the file's, as the batch's contract has it; it and the scope
// are ignored for quarantine. False: the file does not exist. kCorruption: it cannot be read.
Result<bool> AddFileDigests(TableStore& store, const BatchLogs& logs, const Table* table,
                            const DigestOptions& options, const FilePlace& place, LogDigests* digests);

// Decodes records of one table's topic. Not thread-safe.
class RecordDigester {
 public:
  static Result<std::unique_ptr<RecordDigester>> Create(const Table& table, DigestScope scope);

  // Whether Add reads the headers of records.
  bool needs_headers() const { return decoder_->needs_headers(); }
  // Decodes a record; its bytes have to stay in place until Flush. `now_ms` replaces a missing timestamp.
  Result<Outcome> Add(const TopicPartition& log, const RecordView& record, int64_t now_ms);
  // Adds the digests of the records since the last call. Tombstones have none.
  Status Flush(LogDigests* digests);

 private:
  struct Pending {
    TopicPartition log;
    Offset offset;
  };
  RecordDigester(std::unique_ptr<RecordDecoder> decoder, DigestScope scope);
  Status FlushRows(LogDigests* digests);
  Status FlushRefused(LogDigests* digests);

  const std::unique_ptr<RecordDecoder> decoder_;
  const DigestScope scope_;
  RowRun run_;
  RowBlock rows_;
  QuarantineBlock refused_;
  std::vector<Pending> pending_rows_;
  std::vector<uint32_t> directories_;  // of the pending rows
  std::vector<Pending> pending_refused_;
};

}  // namespace forebay
