// Reads records from explicitly assigned partitions, fast, with exact positions. It joins no consumer group:
// a group is used only to commit offsets for lag tools, and needs no right.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "kafka/adaptive_fetch_policy.h"
#include "kafka/client_config.h"
#include "kafka/message_batch.h"

namespace forebay::kafka {

class Handle;

// kReadCommitted hides the records of open and aborted transactions. kReadUncommitted is for verification,
// which explains missing offsets.
enum class Isolation { kReadCommitted, kReadUncommitted };

struct ConsumerOptions {
  std::vector<std::string> topics;  // indexed by Message::topic and Position::topic
  std::string group_id;             // for CommitOffsetsForLagTools only; empty: it commits nothing
  Isolation isolation = Isolation::kReadCommitted;
  // Limit of the prefetched bytes, all partitions together. One more fetch may come on top. It is sized to
  // bring at most twice this value, unpacked, unless the settings file overrides the fetch size.
  int64_t queue_bytes = 64 * 1024 * 1024;
  size_t max_poll_records = 8192;  // limit of one Poll
};

// A position in a partition: where reading starts, or how far it got. `offset` is the next one to read.
struct Position {
  uint32_t topic = 0;
  PartitionId partition;
  Offset offset;
  bool at_end = false;  // the last event was the end of the partition; ignored in a start position
  // Of the record before `offset`. In a start position, the brokers confirm that their log still has it.
  std::optional<LeaderEpoch> leader_epoch = std::nullopt;
};

// Thread-safety: one thread at a time, the polling thread, calls all methods.
class Consumer {
 public:
  static Result<std::unique_ptr<Consumer>> Open(const ClientConfig& config, const ConsumerOptions& options);
  ~Consumer();

  // Starts reading exactly these partitions at these absolute offsets. Replaces an earlier assignment and
  // drops the records buffered for it.
  Status Assign(const std::vector<Position>& starts);
  // Adds partitions to the assignment; reading of the other partitions continues undisturbed.
  Status Add(const std::vector<Position>& starts);
  // Clears `out` and fills it with up to max_poll_records records, fewer if they are large. Returns when the
  // batch is full or `timeout_ms` has passed (keep it short: 10 to 100). The batch is empty if no record
  // arrived. Unresponsive brokers are not an error: see DrainWarnings. Errors are final. Poll returns one
  // after all records that arrived before it, and again from each later call:
  // - records that expired before they were read: the error names topic, partition, offset and the earliest
  //   available offset;
  // - a log that was cut back below a position: the error names the offset that it was cut back to;
  // - a deleted topic, a damaged record, missing rights, a fatal client error.
  Status Poll(MessageBatch* out, int timeout_ms);

  // Whether the final error concerns only unreadable records of a partition. The connection is good, and the
  // records returned before match the brokers'.
  bool failed_on_record() const { return failed_on_record_; }
  // Whether the final error is that a partition's log ends before its position, or was cut back below it.
  bool failed_on_log() const { return failed_on_log_; }
  // Index into positions() of the partition that the final error is of; nullopt: of none or of all.
  std::optional<size_t> failed_position() const { return failed_position_; }

  // For each assigned partition, in the order of Assign and Add, the next offset after all records that Poll
  // has returned. Once the end has been reported, it is also past the transaction markers and aborted records
  // there.
  const std::vector<Position>& positions() const { return positions_; }

  // Current limit of a fetch, in bytes as stored at the broker. It adapts to the records read, unless the
  // settings file sets its own.
  int64_t fetch_bytes() const { return fetch_policy_.fetch_bytes(); }

  // Returns and clears the warnings for the operator ("broker 127.0.0.1:9092 does not answer, waiting"). At
  // most one line of a kind every few seconds.
  std::vector<std::string> DrainWarnings();

  // Commits positions to the broker for lag tools, without waiting. Losing them is harmless, so there is no
  // result. Once the broker has refused the group, which DrainWarnings reports, nothing is committed any
  // more.
  void CommitOffsetsForLagTools(const std::vector<Position>& positions);
  // Waits up to `wait_ms` for the answers. REQUIRES: no Poll follows: records that arrive meanwhile are
  // dropped.
  void AwaitCommittedOffsets(int wait_ms);

 private:
  Consumer(const ClientConfig& config, ConsumerOptions options);

  Status Connect();
  Status Reconnect();
  Status AdaptFetches(const MessageBatch& polled);
  int32_t PositionIndex(const rd_kafka_message_t& message);
  bool AcceptMessage(rd_kafka_message_t* message, MessageBatch* out);
  void AcceptError(const rd_kafka_message_t& message, int32_t index);
  void RefuseGroup();
  void AcceptCommits();
  void FailOnBatch(const Position& position, std::string_view problem, std::string_view remedy);
  void StopOutOfRange(const Position& position);
  void StopCutBack(const Position& position, const std::string& why);
  Status ApplyAssignment(const std::vector<Position>& starts, bool incremental);
  Status AssignToClient(const std::vector<Position>& starts, bool incremental);

  ClientConfig config_;
  ConsumerOptions options_;
  AdaptiveFetchPolicy fetch_policy_;
  std::shared_ptr<Handle> client_;  // replaced when the fetch size changes
  std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> queue_{nullptr,
                                                                              rd_kafka_queue_destroy};
  std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> commits_{
      nullptr, rd_kafka_queue_destroy};  // answers to commits
  int unanswered_commits_ = 0;
  bool group_refused_ = false;
  bool lost_connection_ = false;       // of an earlier client, since the last message
  int64_t fetched_bytes_ = 0;          // of client_, at the last Poll
  std::vector<std::string> warnings_;  // of earlier clients
  std::vector<Position> positions_;
  std::vector<std::vector<int32_t>> index_of_;     // [topic][partition] -> index into positions_, or -1
  std::vector<const rd_kafka_topic_t*> topic_of_;  // [topic] -> the client's object, once seen
  const rd_kafka_topic_t* last_topic_ = nullptr;
  uint32_t last_topic_index_ = 0;
  std::vector<Error> failure_;  // at most one: the final error
  bool failed_on_record_ = false;
  bool failed_on_log_ = false;
  std::optional<size_t> failed_position_;
};

}  // namespace forebay::kafka
