// Reads records from explicitly assigned partitions, fast, with exact positions. No consumer group takes
// part: the group id serves only to leave offsets for lag tools.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "kafka/client_config.h"
#include "kafka/fetch_size.h"

namespace forebay::kafka {

class Handle;

// A record as it lies in the client's buffer: a view, valid while its MessageBatch holds it.
struct Message {
  uint32_t topic;  // index into ConsumerOptions::topics
  PartitionId partition;
  Offset offset;
  int64_t timestamp_ms;    // -1: the record has none
  std::string_view key;    // data() is null where the record has no key
  std::string_view value;  // data() is null for a tombstone; an empty value has a data()
  bool tombstone() const { return value.data() == nullptr; }
};

// Records that were polled together, in the order in which they came (offsets of one partition ascend). Owns
// the client's buffers: movable to other threads, and destroyed or cleared on any thread.
class MessageBatch {
 public:
  MessageBatch() = default;
  MessageBatch(MessageBatch&& other) noexcept { Swap(other); }
  MessageBatch& operator=(MessageBatch&& other) noexcept {
    Clear();
    Swap(other);
    return *this;
  }
  ~MessageBatch() { Clear(); }

  const std::vector<Message>& messages() const { return messages_; }
  bool empty() const { return messages_.empty(); }
  size_t size() const { return messages_.size(); }
  // Key and value bytes together. The buffers behind them are somewhat larger.
  size_t bytes() const { return bytes_; }
  // Gives the buffers back; keeps this object's own memory for the next Poll.
  void Clear();

 private:
  friend class Consumer;
  void Swap(MessageBatch& other) noexcept;

  std::shared_ptr<Handle> client_;  // of the messages; outlives them
  std::vector<Message> messages_;
  std::vector<rd_kafka_message_t*> owned_;
  size_t bytes_ = 0;
};

// kReadCommitted sees no records of open or aborted transactions; kReadUncommitted is for the audit, which
// wants to know why an offset has no row.
enum class Isolation { kReadCommitted, kReadUncommitted };

struct ConsumerOptions {
  std::vector<std::string> topics;   // what Message::topic and Position::topic index
  std::string group_id = "forebay";  // for CommitOffsetsForLagTools only
  Isolation isolation = Isolation::kReadCommitted;
  // Prefetched records, all partitions together. One fetch more may come on top, which is made to bring at
  // most twice as much, unpacked; the settings file may say otherwise.
  int64_t queue_bytes = 64 * 1024 * 1024;
  size_t max_poll_records = 8192;  // the most that one Poll returns
};

// Where a partition is read from, or how far it was read: `offset` is the next one to come.
struct Position {
  uint32_t topic = 0;
  PartitionId partition;
  Offset offset;
  bool at_end = false;  // the last thing seen was the end of the partition; says nothing when starting
};

// Thread-safety: one thread at a time, the polling thread, calls everything here.
class Consumer {
 public:
  static Result<std::unique_ptr<Consumer>> Open(const ClientConfig& config, const ConsumerOptions& options);
  ~Consumer();

  // Starts reading exactly these partitions at these absolute offsets. Replaces an earlier assignment and
  // drops what was buffered for it.
  Status Assign(const std::vector<Position>& starts);
  // Adds partitions to the assignment; what is being read goes on undisturbed.
  Status Add(const std::vector<Position>& starts);
  // Clears `out` and fills it with up to max_poll_records records, fewer of large ones. Returns when it is
  // full or `timeout_ms` is over (so keep that short: 10 to 100), with an empty batch when nothing came.
  // Brokers that do not answer are no error: see TakeWarnings. Errors are final and returned by each later
  // call too, after all records that came before:
  // - records expired before they were read: says topic, partition, offset and the earliest one there is;
  // - a topic that is gone, a damaged record, missing rights, a fatal client error.
  Status Poll(MessageBatch* out, int timeout_ms);

  // Whether the final error is about records of a partition that cannot be read, and no more: the connection
  // is good, and what Poll returned before is as the brokers have it.
  bool failed_on_record() const { return failed_on_record_; }

  // For each assigned partition, in the order of Assign and Add, the next offset after all that Poll has
  // returned, beyond transaction markers and aborted records at its end as soon as the end was reported.
  const std::vector<Position>& positions() const { return positions_; }

  // The most that a fetch brings now, as it lies at the broker. Changes with what was read, but for a
  // settings file that has its own.
  int64_t fetch_bytes() const { return fetch_size_overridden_ ? FetchSize::kWidest : fetch_size_.bytes(); }

  // What a person should hear ("broker 127.0.0.1:9092 does not answer, waiting"), and forgets it. At most one
  // line of a kind every few seconds.
  std::vector<std::string> TakeWarnings();

  // Leaves positions at the broker for lag tools. Losing this is harmless, so there is no result. Waits for
  // the broker up to `wait_ms`; 0 does not wait.
  void CommitOffsetsForLagTools(const std::vector<Position>& positions, int wait_ms);

 private:
  Consumer(const ClientConfig& config, ConsumerOptions options);

  Status Connect();
  Status Reconnect();
  Status Adapt(const MessageBatch& taken);
  int32_t PositionIndex(const rd_kafka_message_t& message);
  bool AcceptMessage(rd_kafka_message_t* message, MessageBatch* out);
  void TakeError(const rd_kafka_message_t& message, int32_t index);
  void FailOnBatch(const Position& position, std::string_view problem, std::string_view remedy);
  void StopOutOfRange(const Position& position);
  Status ApplyAssignment(const std::vector<Position>& starts, bool incremental);
  Status GiveToClient(const std::vector<Position>& starts, bool incremental);

  ClientConfig config_;
  ConsumerOptions options_;
  bool fetch_size_overridden_;  // to fetch: the settings file does
  FetchSize fetch_size_;
  std::shared_ptr<Handle> client_;  // another one after a change of the fetch size
  std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> queue_{nullptr,
                                                                              rd_kafka_queue_destroy};
  int64_t fetched_bytes_ = 0;          // of client_, at the last Poll
  size_t next_count_;                  // the most that the next Poll returns
  std::vector<std::string> warnings_;  // of clients before client_
  std::vector<Position> positions_;
  std::vector<std::vector<int32_t>> index_of_;     // [topic][partition] -> index into positions_, or -1
  std::vector<const rd_kafka_topic_t*> topic_of_;  // [topic] -> the client's object, once seen
  const rd_kafka_topic_t* last_topic_ = nullptr;
  uint32_t last_topic_index_ = 0;
  std::vector<Error> failure_;  // at most one: the final error
  bool failed_on_record_ = false;
};

}  // namespace forebay::kafka
