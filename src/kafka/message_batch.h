// Records of one poll, as views into the client's buffers.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace forebay::kafka {

class Handle;

// A record in the client's buffer: a view, valid while its MessageBatch holds it.
struct Message {
  uint32_t topic;  // index into ConsumerOptions::topics
  PartitionId partition;
  Offset offset;
  int64_t timestamp_ms;                 // -1: the record has none
  std::string_view key;                 // data() is null where the record has no key
  std::string_view value;               // data() is null for a tombstone; an empty value has a data()
  LeaderEpoch leader_epoch;             // of the leader that wrote it; below 0: unknown
  rd_kafka_message_t* owned = nullptr;  // by the MessageBatch; for its headers
  bool tombstone() const { return value.data() == nullptr; }
};

struct MessageHeader {
  std::string_view name;
  std::string_view value;  // data() is null for a null
};

// Appends the headers of a message, in their order: views that are valid as long as the message. The client
// parses them at the first call, which must not run on two threads at once.
void AppendHeaders(const Message& message, std::vector<MessageHeader>* headers);

// Records of one poll in the order of arrival; offsets of one partition ascend. Owns the client's buffers.
// May be moved to other threads, and destroyed or cleared on any thread.
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
  // Whether a connection to a broker was lost after the messages of the last Poll, and before the last of
  // these.
  bool after_lost_connection() const { return after_lost_connection_; }
  // The last header of this name of a message, by its index; data() is null if it has none.
  std::string_view Header(size_t index, const char* name) const;
  // Key and value bytes together. The underlying buffers are somewhat larger.
  size_t bytes() const { return bytes_; }
  // Releases the buffers; keeps this object's own memory for the next Poll.
  void Clear();

 private:
  friend class Consumer;
  void Swap(MessageBatch& other) noexcept;

  std::shared_ptr<Handle> client_;  // the client of the messages; outlives them
  std::vector<Message> messages_;
  std::vector<rd_kafka_message_t*> owned_;
  size_t bytes_ = 0;
  bool after_lost_connection_ = false;
};

}  // namespace forebay::kafka
