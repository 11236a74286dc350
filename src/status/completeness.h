// Whether a period (a date, or an hour) of a table is complete. Pure functions.
//
// Three clocks are involved, and each may be wrong: that of the events (a field of the record), that of the
// record timestamps in Kafka (the producer's or the broker's), and that of this machine. A period is complete
// when no batch is half published, this machine's clock is past the period's end plus a grace period, and
// every partition is past it as well. A partition is past it in one of two ways:
//
//   records   it has landed an event of beyond that time, and a record that Kafka received beyond that time
//   idleness  it is landed up to the end of its log (records behind an open transaction are before that end;
//             a log that ends before what was landed is not the landed one), has been idle for some time, and
//             this machine's clock is confirmed: by a landed record that Kafka received beyond that time, in
//             any partition of the lake, or by the kernel or an operator (LocalClock)
//
// So two clocks must agree on either way. While no more than one of them is wrong, a complete period is over,
// and all that Kafka received up to its end plus the grace period is landed. A record that arrives later
// re-opens the period, visibly. Records of a log that was cut back count only as far as the log that was
// adopted in its place has them: others of the same time may wait in that one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "contract/contract.h"
#include "kafka/admin.h"
#include "ledger/records.h"

namespace forebay {

enum class PeriodState : uint8_t {
  kOpen,
  kComplete,
  kUnknown,  // depends on the brokers, which were not queried; or the period is not one of event time
};

// The progress of one partition (by number, over all topics that had its topic's name).
struct PartitionAdvance {
  // How far a batch took a partition.
  struct Step {
    BatchId batch;
    int64_t reached_us = 0;  // the lesser of `event_us` and `received_us` after the batch
    Offset to;               // the batch's range ends here
  };

  TopicPartition log;  // the newest one that is known
  // The greatest landed event time of the log, and when Kafka received the newest landed record of it. A
  // record is no newer than its landing, whatever its timestamp says, and one without a timestamp is as new
  // as its landing.
  std::optional<int64_t> event_us;
  std::optional<int64_t> received_us;
  std::optional<int64_t> active_us;  // as `received_us`, but of all logs of the partition
  std::vector<Step> steps;           // those that went further. All members ascend within a topic
  // Of the current incarnation. Empty when the brokers were not queried.
  Offset next;
  std::optional<Offset> stable;
  int64_t held_back = 0;   // offsets behind an open transaction, from `stable` to the end of the log
  int64_t cut_back = 0;    // landed offsets beyond the end of the log
  bool has_ended = false;  // TopicStatus::ended: nothing more will come of it

  // From here on, `newest` is the log. Where it was adopted, only what it shares with the one before remains.
  // `partitions` are the ledger's. Does nothing if it is the log already, or an earlier one of the same
  // topic.
  void Follow(const TopicPartition& newest, const std::vector<LedgerPartition>& partitions);
  // A range of an earlier log of the same topic takes the partition nowhere.
  // REQUIRES: batches are added in the order of their ids.
  void Add(const LedgerBatch& batch, const BatchRange& range);
};

// Whether this machine's clock alone may complete the periods of an idle topic.
enum class LocalClock : uint8_t {
  kAuto,  // if the kernel knows it to be synchronized
  kTrusted,
  kUntrusted,
};

struct CompletenessOptions {
  int64_t grace_ms = 3'600'000;
  int64_t idle_ms = 600'000;
  LocalClock local_clock = LocalClock::kAuto;
  int64_t now_ms = 0;
  bool clock_confirmed = false;  // by `local_clock`

  // Sets now_ms and clock_confirmed.
  void ReadClock();
};

struct Completeness {
  PeriodState state = PeriodState::kOpen;
  // The first batch after which every partition was past the period by its records; none if idleness decided.
  std::optional<BatchId> completed_by;
  std::string waits_for;  // why it is not complete: "partition 3: events landed up to 2025-10-30T..."
};

using PartitionAdvances = std::map<kafka::NamedPartition, PartitionAdvance>;

// `end_us` is the first instant after the period. `newest_kafka_ms` is the greatest timestamp in Kafka of any
// record in the lake. `unpublished`: some batch of the table is half published. `partitions`: of all topics
// of the table; those that have ended do not count.
Completeness EvaluatePeriod(int64_t end_us, const PartitionAdvances& partitions,
                            const std::optional<int64_t>& newest_kafka_ms, bool unpublished,
                            const CompletenessOptions& options);

}  // namespace forebay
