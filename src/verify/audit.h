// The audit: holds a lake against its own ledger, against Kafka and against producers' receipts.
//
//   ledger    ranges tile; every published file is there with size, checksum and row count, and no other is;
//             every (topic id, partition, offset) at most once, each row within its batch's ranges
//   broker    every landed offset that is in no table is explained, or reported
//   receipts  what was acknowledged is there, with the keys it had, in the directories it belongs to
//
// It changes nothing, needs no lock, may run beside a live lander, and never holds a ledger transaction over
// file or broker work. Memory: about one bit for each landed offset, and some 100 MB for reading files.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "kafka/client_config.h"
#include "receipt/receipt_files.h"
#include "verify/finding.h"

namespace forebay {

struct AuditOptions {
  std::string lake;
  BatchId since{0};                           // only batches newer than this; 0: all
  std::optional<kafka::ClientConfig> broker;  // none: offsets without a row stay unexplained
  std::vector<NamedReceipt> receipts;
  bool keys = false;                        // report primary keys that occur twice
  size_t keys_listed = 10;                  // how many of them by name, for each table
  bool require_landed = false;              // acknowledged records that are not landed yet are a problem
  int threads = 0;                          // 0: one for each core
  const std::atomic<bool>* stop = nullptr;  // ends the audit with kCancelled; may be null
  std::function<void(uint64_t done, uint64_t all)> progress;  // rows read; from any thread; may be empty
};

// What became of the landed offsets of a topic that are in no table.
struct ClassifiedOffsets {
  uint64_t tombstones = 0;
  uint64_t aborted = 0;      // an aborted transaction's record
  uint64_t no_record = 0;    // transaction markers, and what compaction took
  uint64_t expired = 0;      // no longer at the broker
  uint64_t given_up = 0;     // of a file that was expired on purpose
  uint64_t unexplained = 0;  // no broker was asked, or it could not tell
  uint64_t absent = 0;       // the broker has a record: a finding
};

// Counts over the batches that were looked at. By topic incarnation, since all accounting is.
struct AuditedTopic {
  std::string table;
  std::string topic;
  TopicId topic_id;
  uint64_t files = 0;  // of the table's directory
  uint64_t rows = 0;
  std::map<std::string, uint64_t> quarantined;  // by reason
  uint64_t tombstones = 0;                      // as the ledger says
  uint64_t in_receipts = 0;                     // rows and refused records that a receipt speaks of
  uint64_t not_landed_yet = 0;                  // acknowledged offsets beyond what was landed
  ClassifiedOffsets missing_offsets;
};

// Primary keys of one table that occur more than once, over all incarnations of its topic.
struct AuditedKeys {
  std::string table;
  uint64_t duplicate_keys = 0;  // distinct keys
  uint64_t rows_to_drop = 0;    // rows that would go if each of these were kept once
};

struct AuditReport {
  std::string lake;
  std::string lake_id;
  BatchId since;
  BatchId last_batch;
  uint64_t batches = 0;
  uint64_t files = 0;  // read, quarantine included
  uint64_t bytes = 0;
  uint64_t receipts = 0;
  bool broker_asked = false;
  double seconds = 0;
  std::vector<AuditedTopic> topics;  // by table, then in the order in which they were first seen
  std::vector<AuditedKeys> keys;     // of tables with a primary key, when they were asked for
  std::vector<Finding> problems;
  std::vector<Finding> notes;
  std::map<FindingKind, uint64_t> problem_counts;  // all, also those beyond what is kept in `problems`
  std::map<FindingKind, uint64_t> note_counts;

  bool clean() const { return problem_counts.empty(); }
  uint64_t rows() const;
  uint64_t quarantined() const;
  uint64_t tombstones() const;
};

// kInvalidArgument when `lake` is no lake; kIoError when disk or broker fail in a way that leaves the
// question open. What is wrong with the lake itself is in the report, never an error.
Result<AuditReport> Audit(const AuditOptions& options);

}  // namespace forebay
