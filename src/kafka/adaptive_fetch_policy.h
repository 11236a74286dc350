// Adapts a consumer's fetches to its records, so that the Kafka client's memory is bounded.
//
// The broker limits a fetch in bytes as stored, and the client unpacks each partition's part whole before it
// returns a record. JSON of ordinary events grows sevenfold, a batch of texts that repeat one letter
// five-thousandfold. Only records already read reveal the ratio. So the first fetches are small, and grow
// while the unpacked size allows it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace forebay::kafka {

// What a poll brought.
struct FetchSample {
  int64_t packed_bytes = 0;  // of the broker's answers since the last poll, as stored at the broker
  int64_t records = 0;
  int64_t record_bytes = 0;  // of keys and values
};

// Pure: depends on nothing but its samples. Thread-safety: one thread at a time.
class AdaptiveFetchPolicy {
 public:
  // Fetch sizes, in bytes as stored at the broker. A batch is stored in one piece and fetched whole, even if
  // it is larger than the limit: so a fetch of the minimum brings one batch of an ordinary topic.
  static constexpr int64_t kMinFetchBytes = 4'000;
  static constexpr int64_t kMaxFetchBytes = 2 * 1024 * 1024;
  // Memory of a queued record in the client besides the record itself, with librdkafka 2.16 on jemalloc.
  static constexpr int64_t kRecordOverhead = 320;
  // The fetch size is reconsidered after samples of as many fetches as predict what a larger one brings, or
  // of as many unpacked bytes as suffice in any case: so many times what a fetch should bring.
  static constexpr int64_t kFetchesPerSample = 8;
  static constexpr int64_t kTargetsPerSample = 4;
  // The fetch size grows by at most this factor at once: later records may differ.
  static constexpr int64_t kMaxGrowth = 32;
  // A change by less than this factor is not worth a new connection and the queued records.
  static constexpr int64_t kMinChange = 2;
  // Fetches that the client may hold in its queue. They are read again when the fetch size changes.
  static constexpr int64_t kQueuedFetches = 32;
  // Records of the first poll: they may be large.
  static constexpr size_t kFirstPollRecords = 64;

  struct Options {
    int64_t queue_bytes = 0;  // most unpacked bytes in the client's queue; a fetch brings at most twice that
    size_t max_poll_records = 1;    // of one poll
    bool fixed_fetch_size = false;  // the fetch size is set elsewhere, and only polls adapt
  };
  explicit AdaptiveFetchPolicy(const Options& options);

  // Size of a fetch, all partitions together.
  int64_t fetch_bytes() const { return fetch_bytes_; }
  // Limits of the client's queue: unpacked bytes, and records of one of `partitions`.
  int64_t queue_bytes() const;
  int64_t queue_records(size_t partitions) const;
  // Records of the next poll.
  size_t poll_records() const { return poll_records_; }

  // Returns true if the limits of fetches and the queue changed. librdkafka accepts them only when a client
  // is opened.
  [[nodiscard]] bool Observe(const FetchSample& sample);

 private:
  bool Reconsider();

  const Options options_;
  int64_t fetch_bytes_;
  size_t poll_records_;
  int64_t packed_ = 0;  // since the fetch size was last reconsidered
  int64_t unpacked_ = 0;
  bool cautious_ = false;  // a fetch was too large once: growth needs kTargetsPerSample
};

}  // namespace forebay::kafka
