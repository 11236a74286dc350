// The ledger's transition rules, as pure functions over a small state: which changes are allowed, and the
// state after each. The Ledger (ledger.cc) loads the state inside a transaction, calls CanX, and writes the
// result of ApplyX. The rules know neither SQLite nor the store.
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
  bool current = true;  // the last incarnation of the partition's log
  bool operator==(const PartitionProgress&) const = default;
};

// The state that the rules check.
// INVARIANTS: every partition's topic id is in `topics`; exactly one topic of a name is current; beginning <=
// next, and the landed and lost ranges of a partition tile [beginning, next). Of a partition's incarnations,
// the last one is current.
struct LedgerState {
  BatchId last_batch;
  std::map<TopicId, LedgerTopic> topics;
  std::map<TopicPartition, PartitionProgress> partitions;

  const LedgerTopic* CurrentTopic(const std::string& name) const;
};

// Kafka's "no id": empty, or sixteen zero bytes in base64.
bool IsZeroTopicId(const TopicId& id);

// Checks a proposal by itself (kInvalidArgument): at least one range, no empty or duplicate range; counts
// that fit their ranges; well-formed file places and names, no duplicate place or staged name; and the sums:
// rows of the tables' files = rows of the ranges, rows of quarantine files = quarantined = counts by reason.
Status CheckProposal(const BatchProposal& proposal);

// Begins new partitions. kConflict: one has begun already. kFailedPrecondition: zero topic id; negative
// partition or offset; the topic's name is current with another id (it was recreated), or this id belonged to
// another topic or table.
Status CanBegin(const LedgerState& state, const std::vector<Beginning>& beginnings);
void ApplyBegin(LedgerState& state, const std::vector<Beginning>& beginnings, int64_t now_ms);

// Decides a batch. kConflict: a range's `from` is not the ledger's next offset, or its incarnation is no
// longer current. kFailedPrecondition: a partition that never began, or a topic that is no longer current.
Status CanDecide(const LedgerState& state, const BatchProposal& proposal);
// The new batch is state.last_batch afterwards.
void ApplyDecide(LedgerState& state, const BatchProposal& proposal);

// Operator action: accepts the loss of offsets. The same refusals as CanDecide, and empty or duplicate
// ranges.
Status CanAcceptLoss(const LedgerState& state, const std::vector<LostRange>& lost);
void ApplyAcceptLoss(LedgerState& state, const std::vector<LostRange>& lost);

// Operator action: adopts a recreated topic. kConflict: `from` is not the current incarnation.
// kFailedPrecondition: `to` is zero or known.
Status CanAdopt(const LedgerState& state, const std::string& topic, const TopicId& from, const TopicId& to);
void ApplyAdopt(LedgerState& state, const std::string& topic, const TopicId& to, int64_t now_ms);

// Gives all incarnations of a topic another table. kFailedPrecondition: something of it was landed or given
// up.
Status CanRenameTable(const LedgerState& state, const std::string& topic, const std::string& table);

// Operator action: adopts a log that was cut back and grew again. The next incarnation of the partition
// begins at `beginning`. The same refusals as CanDecide, where `next` is not the ledger's;
// kFailedPrecondition: `beginning` is negative or lies beyond `next`.
struct LogAdoption {
  TopicPartition from;
  Offset next;  // of `from`
  Offset beginning;
  std::optional<LandedRecord> base =
      std::nullopt;  // the last record below `beginning`; nullopt: Kafka has none
};
Status CanAdoptLog(const LedgerState& state, const LogAdoption& adoption);
// Returns the new incarnation.
TopicPartition ApplyAdoptLog(LedgerState& state, const LogAdoption& adoption);

}  // namespace forebay
