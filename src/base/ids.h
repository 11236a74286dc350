// Strong types for values that must not be mixed up: partitions, offsets, batches, topic ids.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace forebay {

// An integer with its own type. No implicit conversion in either direction.
template <typename Tag, typename Rep>
class StrongInt {
 public:
  constexpr StrongInt() = default;
  constexpr explicit StrongInt(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const StrongInt&) const = default;

 private:
  Rep value_ = 0;
};

using PartitionId = StrongInt<struct PartitionIdTag, int32_t>;  // a Kafka partition
using Offset = StrongInt<struct OffsetTag, int64_t>;    // a Kafka offset, or a position (the next offset)
using BatchId = StrongInt<struct BatchIdTag, int64_t>;  // a ledger batch, from 1 upwards
using LeaderEpoch =
    StrongInt<struct LeaderEpochTag, int32_t>;  // of a Kafka partition; rises with each leader
// Of a partition's log, from 1 upwards: the next one begins where an operator adopted a log that had been cut
// back and had grown again.
using Incarnation = StrongInt<struct IncarnationTag, int32_t>;
inline constexpr Incarnation kFirstIncarnation{1};

// The broker's identifier for one incarnation of a topic: a UUID in Kafka's base64 spelling. A topic that is
// deleted and created again has another one. Empty means Kafka's "zero id", which nothing accepts.
class TopicId {
 public:
  TopicId() = default;
  explicit TopicId(std::string base64) : base64_(std::move(base64)) {}
  const std::string& base64() const { return base64_; }
  bool empty() const { return base64_.empty(); }
  auto operator<=>(const TopicId&) const = default;

 private:
  std::string base64_;
};

// One log of one Kafka partition of one topic: the scope within which offsets are unique.
struct TopicPartition {
  TopicId topic_id;
  PartitionId partition;
  Incarnation incarnation = kFirstIncarnation;
  auto operator<=>(const TopicPartition&) const = default;
};

// Half-open: [from, to). INVARIANT: from <= to.
struct OffsetRange {
  Offset from;
  Offset to;
  bool operator==(const OffsetRange&) const = default;
};

}  // namespace forebay

template <typename Tag, typename Rep>
struct std::hash<forebay::StrongInt<Tag, Rep>> {
  size_t operator()(const forebay::StrongInt<Tag, Rep>& id) const { return std::hash<Rep>()(id.value()); }
};
template <>
struct std::hash<forebay::TopicId> {
  size_t operator()(const forebay::TopicId& id) const { return std::hash<std::string>()(id.base64()); }
};
