// The ledger's records as plain values: a batch to be written (BatchProposal), and everything that is read
// back (LedgerSnapshot).
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

// The upper bound for "all later batches".
inline constexpr BatchId kNewestBatch{INT64_MAX};

// Where a partition's accounting begins. Committed before any of its records is consumed.
struct Beginning {
  std::string topic;
  std::string table;
  TopicPartition partition;
  Offset offset;
  bool operator==(const Beginning&) const = default;
};

// A record that was landed, whatever became of it: row, quarantine or tombstone.
struct LandedRecord {
  Offset offset;
  uint64_t fingerprint = 0;                 // FingerprintOf
  std::optional<LeaderEpoch> leader_epoch;  // nullopt: the engine does not learn it
  bool operator==(const LandedRecord&) const = default;
};

// The part of one Kafka partition that a batch landed.
// INVARIANTS: from < to; rows + quarantined + tombstones <= to - from; the last record is in [from, to).
struct BatchRange {
  TopicPartition partition;
  OffsetRange offsets;
  int64_t rows = 0;
  int64_t quarantined = 0;
  int64_t tombstones = 0;
  std::optional<int64_t> max_event_time_us;  // over the landed rows; nullopt if there are none
  std::optional<int64_t>
      last_kafka_timestamp_ms;  // of the last record with a timestamp; nullopt if there is none
  std::optional<LandedRecord> last_record =
      std::nullopt;  // nullopt: none, or of a version that did not keep it
  bool operator==(const BatchRange&) const = default;
};

// A staged file and its future place. `table` is kQuarantineTable for quarantine.
struct ProposedFile {
  std::string table;
  std::string partition_dir;  // "date=2025-10-30"
  std::string file_name;      // chosen when the file was staged (NewPlace)
  std::string staged_name;
  int64_t rows = 0;
  int64_t bytes = 0;
  uint64_t checksum = 0;      // ContentHasher over all bytes
  uint64_t position_sum = 0;  // sum of HashPosition over the rows
  uint64_t key_sum = 0;       // sum of RowHasher over the rows' primary keys; of HashPosition without a key
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

// Records of a batch without a usable Kafka timestamp (IsUsableKafkaTimestamp), whatever became of them.
struct UntimedCount {
  std::string table;  // the table the records were meant for
  int64_t records = 0;
  bool operator==(const UntimedCount&) const = default;
};

// A column that a transform added to the files of a table.
struct AddedColumn {
  std::string table;
  std::string name;
  std::string type;  // ColumnType
  bool operator==(const AddedColumn&) const = default;
};

// A table of which rows were landed with a contract.
struct LandedTable {
  std::string table;
  std::string contract_yaml;
  BatchId newest;  // with rows of the table, of the batches that were landed with the contract
};

// What a batch's rows tell about the contract. Sums over a lake: of `rows`, the rows for which this was
// counted; of an unknown member, the rows that have it; of a field, the rows of batches in which it has no
// value.
enum class FieldCountKind { kRows, kUnknown, kMissing };

struct FieldCount {
  std::string table;
  FieldCountKind kind = FieldCountKind::kRows;
  std::string field;  // "items[].size"; empty for kRows
  int64_t records = 0;
  bool operator==(const FieldCount&) const = default;
};

// One batch, ready to be decided. CheckProposal (rules.h) lists its requirements.
struct BatchProposal {
  std::string contract_yaml;
  std::string engine;               // "native"
  std::string engine_version;       // "0.1.0"
  bool may_be_transformed = false;  // rows may have other values than the decoder gave
  std::vector<BatchRange> ranges;
  std::vector<ProposedFile> files;
  std::vector<QuarantineCount> quarantine;
  std::vector<UntimedCount> untimed;
  std::vector<AddedColumn> added_columns;  // of the files, each once
  std::vector<FieldCount> fields;
};

enum class FileState {
  kPresent,   // named by a decided or published batch
  kExpiring,  // being removed by an operator
  kExpired,   // removed by an operator
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
  bool may_be_transformed = false;
  int64_t decided_at_ms = 0;
  std::optional<int64_t> published_at_ms;
  std::vector<BatchRange> ranges;  // by topic id and partition
  std::vector<LedgerFile> files;   // by place
  std::vector<QuarantineCount> quarantine;
  std::vector<UntimedCount> untimed;  // by table; none in a ledger of an older version
};

// One incarnation of a topic. INVARIANT: exactly one of the topics of a name is current.
struct LedgerTopic {
  TopicId id;
  std::string topic;
  std::string table;
  bool current = true;
  int64_t first_seen_at_ms = 0;
};

// INVARIANT: of the incarnations of one partition, the last is current. Below its beginning, the log of an
// incarnation is the same as that of the one before.
struct LedgerPartition {
  TopicPartition partition;
  Offset beginning;
  Offset next;                           // the first offset of the next range
  std::optional<int64_t> adopted_at_ms;  // nullopt: the first incarnation
  std::optional<LandedRecord> base;      // the last record below the beginning, when it was adopted
  bool current = true;
};

// A part of a log that was landed as the log of an incarnation.
struct LogSegment {
  TopicPartition log;
  OffsetRange offsets;
  std::optional<LandedRecord> base;  // of the incarnation
};

// The parts of which the log of an incarnation consists, from its own down to the first: where it was
// adopted, it is the log of the incarnation before. The first part has no end. Pure.
std::vector<LogSegment> LineageOf(const std::vector<LedgerPartition>& partitions, const TopicPartition& log);

// The offsets of a landed range at which the current incarnation's log has the records that were landed:
// those of an earlier incarnation end where a later one begins. Nullopt: not all records of the range are
// there. Pure.
std::optional<OffsetRange> InCurrentLog(const std::vector<LedgerPartition>& partitions,
                                        const BatchRange& range);

// Offsets that an operator gave up (`land --accept-loss`).
struct LostRange {
  TopicPartition partition;
  OffsetRange offsets;
  int64_t accepted_at_ms = 0;
};

// A recreated topic that an operator adopted (`land --adopt-topic`).
struct Adoption {
  std::string topic;
  TopicId from;
  TopicId to;
  int64_t adopted_at_ms = 0;
};

// Files that an operator removed together (`lake expire`). The files themselves are kExpiring or kExpired.
struct Expiry {
  std::string table;
  std::string selection;  // the operator's request: "--before 2025-10-01"
  int64_t files = 0;
  int64_t rows = 0;
  int64_t asked_at_ms = 0;
};

// A file that was rebuilt in place of a damaged or missing one (`lake rebuild`).
struct Rebuild {
  BatchId batch;
  FilePlace place;
  std::string damage;         // the old file's damage: "missing"
  uint64_t old_checksum = 0;  // of the file that the ledger named before
  int64_t decided_at_ms = 0;
  std::optional<int64_t> done_at_ms;  // nullopt: decided, perhaps not in place yet
};

// The whole ledger at one instant. Batches ascend by id, and are those newer than `since`; everything else is
// complete for any `since`. INVARIANT: for each partition, the ranges of all batches and the lost ranges tile
// [beginning, next): no gap, no overlap.
struct LedgerSnapshot {
  std::string lake_id;
  BatchId since;
  BatchId last_batch;  // 0: none yet
  std::vector<LedgerTopic> topics;
  std::vector<LedgerPartition> partitions;
  std::vector<LedgerBatch> batches;
  std::vector<LostRange> lost;
  std::vector<Adoption> adoptions;
  std::vector<Expiry> expiries;                  // in the order of request
  std::vector<Rebuild> rebuilds;                 // in the order of decision
  std::map<std::string, std::string> contracts;  // hash -> YAML
  std::vector<FieldCount> fields;                // sums over all batches, by table, kind and field
};

// The topic of this id. Nullptr: the ledger has none.
const LedgerTopic* FindTopic(const LedgerSnapshot& snapshot, const TopicId& id);

// A table or template whose topics a landing found by patterns.
struct PatternTable {
  std::string table;
  int64_t first_planned_at_ms = 0;
};

// The topics by id; and the names of each table's topics, in the order of `topics`.
std::map<TopicId, const LedgerTopic*> TopicsById(const std::vector<LedgerTopic>& topics);
std::map<std::string, std::vector<std::string>> TopicsByTable(const std::vector<LedgerTopic>& topics);

// The part of a decided batch that publishing needs.
struct DecidedBatch {
  BatchId id;
  std::vector<LedgerFile> files;
};

}  // namespace forebay
