// The ledger's transition rules, as pure functions over a small state: what may be written, and what is true
// after it. The SQLite shell (ledger.cc) loads the state inside a transaction, asks CanX, and writes what
// ApplyX says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "ledger/records.h"

namespace forebay {

struct PartitionProgress {
  Offset beginning;
  Offset next;
  bool operator==(const PartitionProgress&) const = default;
};

// What the rules look at.
// INVARIANTS: every partition's topic id is in `topics`; exactly one topic of a name is current; beginning <=
// next, and what was landed or given up of a partition tiles [beginning, next).
struct LedgerState {
  BatchId last_batch;
  std::map<TopicId, LedgerTopic> topics;
  std::map<TopicPartition, PartitionProgress> partitions;

  const LedgerTopic* CurrentTopic(const std::string& name) const;
};

// Kafka's "no id": empty, or sixteen zero bytes in base64.
bool IsZeroTopicId(const TopicId& id);

// What a proposal must satisfy by itself (kInvalidArgument): at least one range, each range once and not
// empty; counts that fit their ranges; file places and names that are well formed, and no place or staged
// name twice; and the sums: rows of the tables' files = rows of the ranges, rows of quarantine files =
// quarantined = counts by reason.
Status CheckProposal(const BatchProposal& proposal);

// New partitions begin. kConflict: one has begun already. kInvalidArgument: zero topic id; negative partition
// or offset; the topic's name is current with another id (it was recreated), or this id was another topic's
// or table's.
Status CanBegin(const LedgerState& state, const std::vector<Beginning>& beginnings);
void ApplyBegin(LedgerState& state, const std::vector<Beginning>& beginnings, int64_t now_ms);

// A batch is decided. kConflict: a range's `from` is not the ledger's next. kInvalidArgument: a partition
// that never began, or a topic that is not current any more.
Status CanDecide(const LedgerState& state, const BatchProposal& proposal);
// The new batch is state.last_batch afterwards.
void ApplyDecide(LedgerState& state, const BatchProposal& proposal);

// Offsets are given up on purpose. The same refusals as CanDecide, and empty or doubled ranges.
Status CanAcceptLoss(const LedgerState& state, const std::vector<LostRange>& lost);
void ApplyAcceptLoss(LedgerState& state, const std::vector<LostRange>& lost);

// A recreated topic is taken on purpose. kConflict: `from` is not the current incarnation. kInvalidArgument:
// `to` is zero or known.
Status CanAdopt(const LedgerState& state, const std::string& topic, const TopicId& from, const TopicId& to);
void ApplyAdopt(LedgerState& state, const std::string& topic, const TopicId& to, int64_t now_ms);

}  // namespace forebay
