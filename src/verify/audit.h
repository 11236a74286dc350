// The audit: compares a lake with its own ledger, with Kafka and with producers' receipts.
//
//   ledger    ranges tile; every published file exists with its size, checksum and row count, and no other
//             file exists; every (topic id, partition, offset) occurs at most once; each row lies within its
//             batch's ranges
//   broker    every landed offset that is in no table is explained, or reported; no offset expired unlanded
//   content   every row and refused record has the values that Kafka's record gives, as far as Kafka has it
//   receipts  every acknowledged record is in the lake, with its keys, in the directory it belongs to
//
// The audit changes nothing, needs no lock, and may run beside a live lander. It never holds a ledger
// transaction during file or broker work. Memory: about one bit for each landed offset, and some 100 MB for
// reading files.
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
  std::optional<kafka::ClientConfig> broker;  // none: missing offsets stay unexplained
  int64_t broker_timeout_ms =
      5000;  // after which, or a second if all are down, the lake is audited without them
  std::vector<NamedReceipt> receipts;
  bool content = false;                     // compare values with Kafka's records; needs `broker`
  bool keys = false;                        // report duplicate primary keys
  size_t keys_listed = 10;                  // how many duplicate keys to list for each table
  bool require_landed = false;              // report acknowledged records that are not landed yet as problems
  int threads = 0;                          // 0: one per core
  const std::atomic<bool>* stop = nullptr;  // cancels the audit with kCancelled; may be null
  std::function<void(uint64_t done, uint64_t all)> progress;  // rows read; from any thread; may be empty
};

// The number of missing offsets of a topic (landed, but in no table), by cause: see MissingOffsets.
struct MissingOffsetCounts {
  uint64_t tombstones = 0;
  uint64_t aborted = 0;
  uint64_t no_record = 0;
  uint64_t expired = 0;
  uint64_t in_expired_files = 0;
  uint64_t unexplained = 0;
  uint64_t records = 0;  // findings
};

// Counts over the audited batches. By topic incarnation, as in all accounting.
struct AuditedTopic {
  std::string table;
  std::string topic;
  TopicId topic_id;
  uint64_t files = 0;  // of the table's directory, with rows of the topic
  uint64_t rows = 0;
  std::map<std::string, uint64_t> quarantined;  // by reason
  uint64_t tombstones = 0;                      // as counted by the ledger
  uint64_t in_receipts = 0;                     // rows and rejected records that a receipt names
  uint64_t not_landed_yet = 0;                  // acknowledged offsets beyond the landed ones
  MissingOffsetCounts missing_offsets;

  uint64_t quarantined_records() const;  // for all reasons
};

// Duplicate primary keys of one table, over all incarnations of its topic.
struct AuditedKeys {
  std::string table;
  uint64_t duplicate_keys = 0;  // distinct keys
  uint64_t surplus_rows = 0;    // rows to remove so that each of these keys occurs once
};

// Rows and refused records, compared with Kafka's records value by value.
struct AuditedContent {
  uint64_t compared = 0;
  uint64_t gone = 0;  // Kafka does not have them any more
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
  bool brokers_queried = false;
  std::string broker_error;  // why the brokers did not answer; empty when they did, or were not queried
  double seconds = 0;
  std::vector<AuditedTopic> topics;       // by table and name, then in the order of first appearance
  std::optional<AuditedContent> content;  // if requested
  std::vector<AuditedKeys> keys;          // of tables with a primary key, if requested
  std::vector<Finding> problems;
  std::vector<Finding> notes;
  std::map<FindingKind, uint64_t> problem_counts;  // all, including those that `problems` does not keep
  std::map<FindingKind, uint64_t> note_counts;

  bool clean() const { return problem_counts.empty() && broker_error.empty(); }
  uint64_t rows() const;
  uint64_t quarantined() const;
  uint64_t tombstones() const;
};

// Returns kFailedPrecondition when `lake` is not a lake, and kInvalidArgument when `since` is beyond its last
// batch. Returns kIoError when a disk failure leaves the audit inconclusive; brokers that do not answer are
// named in the report. Errors in the lake itself are reported as findings, never returned as an error.
Result<AuditReport> Audit(const AuditOptions& options);

}  // namespace forebay
