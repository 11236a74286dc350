// What the ledger keeps, as plain values: a batch on its way in (BatchProposal), and everything on its way
// out (LedgerSnapshot).
//
// Sums and checksums are uint64_t modulo 2^64 here, and the same 64 bits as a signed integer in SQLite.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "store/paths.h"

namespace forebay {

// For "and all that come after".
inline constexpr BatchId kNewestBatch{INT64_MAX};

// Where a partition's accounting begins. Committed before anything of it is consumed.
struct Beginning {
  std::string topic;
  std::string table;
  TopicPartition partition;
  Offset offset;
  bool operator==(const Beginning&) const = default;
};

// What a batch landed of one Kafka partition. INVARIANTS: from < to; rows + quarantined + tombstones <= to -
// from.
struct BatchRange {
  TopicPartition partition;
  OffsetRange offsets;
  int64_t rows = 0;
  int64_t quarantined = 0;
  int64_t tombstones = 0;
  std::optional<int64_t> max_event_time_us;  // over the landed rows; none where there are no rows
  std::optional<int64_t>
      last_kafka_timestamp_ms;  // of the last record with a timestamp; none where there is none
  bool operator==(const BatchRange&) const = default;
};

// A staged file, and what it will be. `table` is kQuarantineTable for quarantine.
struct ProposedFile {
  std::string table;
  std::string partition_dir;  // "date=2025-10-30"
  int index = 0;              // the number behind the batch in the file's name; unique within the batch
  std::string staged_name;
  int64_t rows = 0;
  int64_t bytes = 0;
  uint64_t checksum = 0;      // ContentHasher over all bytes
  uint64_t position_sum = 0;  // sum of HashPosition over the rows
  uint64_t key_sum = 0;  // sum of RowHasher over the rows' primary keys; of HashPosition where there is none
  std::optional<int64_t> min_event_time_us;
  std::optional<int64_t> max_event_time_us;
  bool operator==(const ProposedFile&) const = default;
};

struct QuarantineCount {
  std::string table;   // the table the records were meant for
  std::string reason;  // ReasonName
  int64_t records = 0;
  bool operator==(const QuarantineCount&) const = default;
};

// One batch, ready to be decided. What it must satisfy is in rules.h (CheckProposal).
struct BatchProposal {
  std::string contract_yaml;
  std::string engine;          // "native"
  std::string engine_version;  // "0.1.0"
  std::vector<BatchRange> ranges;
  std::vector<ProposedFile> files;
  std::vector<QuarantineCount> quarantine;
};

enum class FileState {
  kPresent,   // named by a decided or published batch
  kExpiring,  // being removed on purpose
  kExpired,   // removed on purpose
};

struct LedgerFile {
  BatchId batch;
  FilePlace place;
  ProposedFile file;  // table and partition_dir as in place
  FileState state = FileState::kPresent;
};

enum class BatchState { kDecided, kPublished };

struct LedgerBatch {
  BatchId id;
  BatchState state = BatchState::kDecided;
  std::string contract_hash;  // key into LedgerSnapshot::contracts
  std::string engine;
  std::string engine_version;
  int64_t decided_at_ms = 0;
  std::optional<int64_t> published_at_ms;
  std::vector<BatchRange> ranges;  // by topic id and partition
  std::vector<LedgerFile> files;   // by place
  std::vector<QuarantineCount> quarantine;
};

// One incarnation of a topic. INVARIANT: of the topics of one name exactly one is current.
struct LedgerTopic {
  TopicId id;
  std::string topic;
  std::string table;
  bool current = true;
  int64_t first_seen_at_ms = 0;
};

struct LedgerPartition {
  TopicPartition partition;
  Offset beginning;
  Offset next;  // what the next range begins with
};

// Offsets that were given up on purpose (`land --accept-loss`).
struct LostRange {
  TopicPartition partition;
  OffsetRange offsets;
  int64_t accepted_at_ms = 0;
};

// A recreated topic that was taken on purpose (`land --adopt-topic`).
struct Adoption {
  std::string topic;
  TopicId from;
  TopicId to;
  int64_t adopted_at_ms = 0;
};

// Files that were removed on purpose, together (`lake expire`). The files themselves are kExpiring or
// kExpired.
struct Expiry {
  std::string table;
  std::string selection;  // what was asked for: "--before 2025-10-01"
  int64_t files = 0;
  int64_t rows = 0;
  int64_t asked_at_ms = 0;
};

// A file that was landed again in place of a damaged or missing one (`lake rebuild`).
struct Rebuild {
  BatchId batch;
  FilePlace place;
  std::string damage;         // what was wrong with the old one: "missing"
  uint64_t old_checksum = 0;  // of the file that the ledger named before
  int64_t decided_at_ms = 0;
  std::optional<int64_t> done_at_ms;  // none: decided, and perhaps not in its place yet
};

// All that the ledger held at one instant. Batches ascend by id, and are those newer than `since`; everything
// else is complete whatever `since` is. INVARIANT: for each partition, [beginning, next) is tiled by the
// ranges of all batches and the lost ranges: no gap, no overlap.
struct LedgerSnapshot {
  std::string lake_id;
  BatchId since;
  BatchId last_batch;  // 0: none yet
  std::vector<LedgerTopic> topics;
  std::vector<LedgerPartition> partitions;
  std::vector<LedgerBatch> batches;
  std::vector<LostRange> lost;
  std::vector<Adoption> adoptions;
  std::vector<Expiry> expiries;                  // as they were asked for
  std::vector<Rebuild> rebuilds;                 // as they were decided
  std::map<std::string, std::string> contracts;  // hash -> YAML
};

// A decided batch as publishing needs it.
struct DecidedBatch {
  BatchId id;
  std::vector<LedgerFile> files;
};

}  // namespace forebay
