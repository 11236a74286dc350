// Open transactions: a read_committed consumer reads a partition up to the first record of its oldest open
// transaction, the last stable offset. All later records are held back, those of other producers too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"

namespace forebay::kafka {

// A partition whose records from `stable` to `end` are held back.
struct HeldPartition {
  std::string topic;
  PartitionId partition;
  Offset stable;
  Offset end;
};

// What is known of the transaction that holds them back. Empty: the brokers did not tell.
struct OpenTransaction {
  std::optional<int64_t> since_ms;  // the timestamp of its first record in the partition
  std::optional<int64_t> producer_id;
  std::optional<int32_t> producer_epoch;
  bool operator==(const OpenTransaction&) const = default;
};

// "since 2025-10-30T18:04:11Z, of producer id 7, epoch 0"; empty if nothing is known.
std::string DescribeTransaction(const OpenTransaction& transaction);

// The command that shows the producer of the transaction or, where that is known, ends the transaction.
std::string TransactionCommand(const std::string& brokers, const HeldPartition& held,
                               const OpenTransaction& transaction);

}  // namespace forebay::kafka
