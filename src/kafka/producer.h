// Sends records so that each is in its partition once and in order, and reports the outcome of each.
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

namespace forebay::kafka {

class Handle;

struct ProducerOptions {
  std::vector<std::string> topics;  // indexed by Outgoing::topic and Delivery::topic
  int64_t delivery_timeout_ms = 0;  // 0: records wait for the broker without limit
  int64_t batch_bytes = 1'000'000;  // larger records are sent alone, so that a refusal affects no other one
  // If it is longer than a few milliseconds, a run stalls with its limit of records in flight until they are
  // sent.
  int64_t linger_ms = 5;
  // Instances of librdkafka, each with its own connections. An instance sends all records for one broker on
  // one thread, so more instances use more cores. Records of one key always use the same instance, which
  // keeps their order.
  int clients = 1;
};

struct Header {
  const char* name;  // ends with a zero byte
  std::string_view value;
};

struct Outgoing {
  uint32_t topic = 0;
  std::string_view key;    // data() is null for a record without a key
  std::string_view value;  // data() is null for a tombstone; not copied: see Send
  int64_t timestamp_ms = 0;
  const Header* headers = nullptr;
  size_t header_count = 0;
  uint64_t ticket = 0;  // returned with the delivery
};

// Outcome of Send.
enum class SendOutcome {
  kTaken,    // accepted; a delivery will follow
  kFull,     // not accepted: the client's queue is full; retry after some deliveries
  kRefused,  // never accepted; `reason` explains
};

enum class DeliveryOutcome {
  kAcknowledged,  // in its partition, once
  kFailed,        // known not to be in the topic
  kUncertain,     // may or may not be in the topic
};

struct Delivery {
  uint64_t ticket;
  DeliveryOutcome outcome;
  PartitionId partition;
  Offset offset;  // acknowledged records only
  rd_kafka_resp_err_t error;
};

// The librdkafka settings that Producer uses for its client, for programs that bring their own client.
// Includes those of the settings file. Fixed settings come last, so that they win.
std::vector<std::pair<std::string, std::string>> ProducerSettings(const ClientConfig& config,
                                                                  const ProducerOptions& options);
// Outcome of a failed delivery for which the client does not report how far the record came: uncertain,
// unless the error itself rules out that the record was stored.
DeliveryOutcome OutcomeOfError(rd_kafka_resp_err_t error);

// Idempotent, acks=all, zstd; partitions are chosen from the key as Kafka's own clients do (murmur2).
// Thread-safety: one thread sends; one thread, possibly another, takes deliveries.
class Producer {
 public:
  static Result<std::unique_ptr<Producer>> Open(const ClientConfig& config, const ProducerOptions& options);
  ~Producer();

  size_t clients() const { return clients_.size(); }

  // Copies the key and the headers. The bytes of the value must stay valid until the record's delivery has
  // been taken.
  SendOutcome Send(const Outgoing& record, std::string* reason);

  // Clears `out` and fills it with new deliveries; waits up to `timeout_ms` for the first one. An error is
  // final: the client cannot continue (a fatal error of an idempotent producer). Deliveries still arrive.
  Status PollDeliveries(std::vector<Delivery>* out, int timeout_ms);

  // Abandons all outstanding records; their deliveries report kFailed or kUncertain.
  void Purge();

  // Returns and clears the warnings for the operator; see Consumer::DrainWarnings.
  std::vector<std::string> DrainWarnings();

  // The client's text for an error.
  std::string Describe(rd_kafka_resp_err_t error) const;

 private:
  class EventSignal;
  struct Client;
  struct PolledEvent;

  Producer();
  Client& ClientFor(const Outgoing& record);
  Handle& PrimaryHandle();
  PolledEvent NextEvent(int timeout_ms);
  void AcceptReports(rd_kafka_event_t* event, std::vector<Delivery>* out);

  std::unique_ptr<EventSignal> bell_;
  std::vector<std::unique_ptr<Client>> clients_;
  size_t turn_ = 0;  // the client of the last event
};

}  // namespace forebay::kafka
