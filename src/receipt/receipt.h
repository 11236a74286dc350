// The receipt: a producer run's account of its records, which the audit compares with the lake.
//
// Counts and hash sums are modulo 2^64 and independent of order. A receipt covers only the offsets it names;
// all others are "not covered by a receipt".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/ids.h"
#include "base/result.h"
#include "contract/reason.h"

namespace forebay {

// A set of offsets as sorted, disjoint, non-adjacent half-open runs.
class OffsetRuns {
 public:
  // Adds one offset; cheap when offsets arrive nearly in order. Returns false if it is already in the set.
  bool Add(Offset offset);
  // Adds [run.from, run.to), when reading a receipt back. REQUIRES: behind all offsets in the set.
  void Append(OffsetRange run);
  const std::vector<OffsetRange>& runs() const { return runs_; }
  bool Contains(Offset offset) const;
  int64_t count() const;
  bool operator==(const OffsetRuns&) const = default;

 private:
  std::vector<OffsetRange> runs_;
};

struct ExpectedRows {
  uint64_t rows = 0;
  uint64_t key_sum = 0;  // sum of RowHasher over primary keys; of HashPosition for a table without one
  bool operator==(const ExpectedRows&) const = default;
};

struct ReceiptPartition {
  Offset beginning;      // its end when the run began: the run's records are not before it
  uint64_t records = 0;  // acknowledged
  OffsetRuns acknowledged;
  bool operator==(const ReceiptPartition&) const = default;
};

struct ReceiptTable {
  std::string table;
  std::string topic;
  TopicId topic_id;
  std::map<int32_t, ReceiptPartition> partitions;  // by Kafka partition
  // The sequence numbers of the acknowledged records, and the sum of HashSent over them: what a resumed run
  // need not send, and how it recognizes these records.
  OffsetRuns sequences;
  uint64_t sent_sum = 0;
  std::map<std::string, ExpectedRows> landed;   // by partition directory: "date=2025-10-30"
  std::map<std::string, uint64_t> quarantined;  // by reason name
  uint64_t tombstones = 0;
  uint64_t uncertain = 0;  // timed out: may or may not be in the topic
  uint64_t failed = 0;     // known not to be in the topic
  bool operator==(const ReceiptTable&) const = default;
};

// State of the run when it wrote the receipt. kRunning means that the producer was killed or is still
// working; the run may have produced more since. kPartial means that it was stopped, or failed, before it had
// produced all of its records. In each state the receipt holds for everything it names.
enum class ReceiptState { kRunning, kPartial, kComplete };

// One record's term in ReceiptTable::sent_sum.
uint64_t HashSent(uint64_t sequence, std::string_view value);

struct Receipt {
  std::string run;            // unique to the run
  std::string contract_hash;  // of the contract that its expectations follow; empty in receipts of version 1
  std::string producer;       // "forebay produce 0.1.0"
  uint64_t seed = 0;          // of the scenario; 0 for a replay
  std::string source;         // "scenario", or the replayed file's name
  int64_t started_ms = 0;
  int64_t updated_ms = 0;
  ReceiptState state = ReceiptState::kRunning;
  std::vector<ReceiptTable> tables;
  bool operator==(const Receipt&) const = default;

  bool resumable() const { return state != ReceiptState::kComplete && !contract_hash.empty(); }
};

std::string ReceiptToJson(const Receipt& receipt);
// Strict: kInvalidArgument, with `source_name` and the reason, for anything missing, unknown or
// contradictory. A partition's record count must match its offsets. A table's acknowledged records must equal
// its landed, quarantined and tombstone ones.
Result<Receipt> ParseReceipt(std::string_view json, const std::string& source_name);
Result<Receipt> ReadReceipt(const std::string& path);

// Writes receipt files for one run. Each Write replaces the file atomically (temporary file, fsync, rename,
// fsync of the directory). Create refuses a path that holds another run's receipt, or something else
// (kInvalidArgument). The first Write refuses one that has appeared there since. Missing directories are
// created. The file stays locked (flock) while this object exists, so that a run that is still producing is
// not resumed.
class ReceiptFile {
 public:
  static Result<ReceiptFile> Create(const std::string& path, const std::string& run);
  // Opens the receipt of an interrupted run, to continue it. Returns kInvalidArgument if there is none, and
  // kLockHeld while its producer runs.
  static Result<ReceiptFile> Resume(const std::string& path);
  Status Write(const Receipt& receipt);
  const std::string& path() const { return path_; }

 private:
  explicit ReceiptFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
  bool written_ = false;  // the file at the path is this run's
  Descriptor locked_;     // that file
};

}  // namespace forebay
