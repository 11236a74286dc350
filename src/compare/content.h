// What the lake and Kafka have of the same offsets, as digests of each record.
#pragma once

#include <atomic>
#include <optional>
#include <set>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "compare/batch_contracts.h"
#include "compare/record_digests.h"
#include "kafka/client_config.h"
#include "ledger/records.h"
#include "store/table_store.h"

namespace forebay {

// Outlives what is read from it.
struct ContentSources {
  TableStore& store;
  const LedgerSnapshot& snapshot;  // has the batches' topics
  const BatchContracts& contracts;
  const kafka::ClientConfig& brokers;
  int threads = 0;                          // that read files; 0: one for each core
  const std::atomic<bool>* stop = nullptr;  // ends the reading with kCancelled; may be null
};

// A part of a batch's range that Kafka still has.
struct ContentPart {
  const LedgerBatch* batch = nullptr;
  TopicPartition log;
  OffsetRange offsets;
};

struct LakeContents {
  LogDigests records;            // of all rows of the batches, ascending by offset
  std::set<BatchId> incomplete;  // of whose rows some have no digest: files are removed, gone or unreadable
};

struct Contents {
  LakeContents lake;
  LogDigests kafka;  // of the parts, ascending by offset
};

// Reads the present files of the parts' batches, and the parts' records, which are decoded with the contract
// of their batch. Of batches that may be transformed, the digests cover the records' origin alone. Files that
// are gone or unreadable have no digests, nor have records of batches whose contract is. Of batches without
// last records (of an older version), records without a usable Kafka timestamp have none. REQUIRES: the parts
// of one partition follow each other in ascending order. Memory: 48 bytes for each record. kUnavailable: the
// brokers do not answer, or records expired meanwhile.
Result<Contents> ReadContents(const ContentSources& sources, const std::vector<ContentPart>& parts);

// Either side alone.
Result<LakeContents> ReadLake(const ContentSources& sources, const std::vector<const LedgerBatch*>& batches);
Result<LogDigests> ReadKafka(const ContentSources& sources, const std::vector<ContentPart>& parts);

// A record of the lake beside that of Kafka.
struct ContentDifferences {
  uint64_t same = 0;
  std::vector<Offset> different;      // Kafka's record has other values
  std::vector<Offset> only_in_lake;   // Kafka has no record there
  std::vector<Offset> only_in_kafka;  // the lake has no row and no refused record there
};

// Of the lake's records, only those in `offsets` count. Both are ascending. Pure.
ContentDifferences Compare(const std::vector<RecordDigest>& lake, const std::vector<RecordDigest>& kafka,
                           OffsetRange offsets);

// How far the records of Kafka are proven to be those of the lake.
struct ProvenPrefix {
  std::optional<Offset> end;         // after the last record that is the same, before any difference
  std::optional<Offset> difference;  // the first
};
struct MayLack {
  bool lake_may_lack = false;   // rows that were removed, so that a record without a row is no difference
  bool kafka_may_lack = false;  // records that were compacted
};
// As Compare. A tombstone has no digest, and proves nothing. Pure.
ProvenPrefix ProvePrefix(const std::vector<RecordDigest>& lake, const std::vector<RecordDigest>& kafka,
                         OffsetRange offsets, MayLack may_lack);

}  // namespace forebay
