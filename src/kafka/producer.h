// Sends records so that each one lies in its partition once and in order, and reports what became of each.
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
  std::vector<std::string> topics;  // what Outgoing::topic and Delivery::topic index
  int64_t delivery_timeout_ms = 0;  // 0: records wait for the broker for ever
  int64_t batch_bytes = 1'000'000;  // a larger record travels alone, so that its refusal fails no other one
  // Longer than a few milliseconds, and a run stands still until the records that it may have in flight go
  // out.
  int64_t linger_ms = 5;
  // Instances of librdkafka, each with its own connections. One sends all that goes to a broker on one
  // thread; more of them use more cores. A key always goes through the same one, so its records keep their
  // order.
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
  uint64_t ticket = 0;  // comes back in the delivery
};

// What Send did with a record.
enum class SendOutcome {
  kTaken,    // a delivery will come for it
  kFull,     // not taken, the client's queue is full: try again after some deliveries
  kRefused,  // not taken, and never will be; `reason` says why
};

enum class DeliveryOutcome {
  kAcknowledged,  // in its partition, once
  kFailed,        // known not to be there
  kUncertain,     // may or may not be there
};

struct Delivery {
  uint64_t ticket;
  DeliveryOutcome outcome;
  PartitionId partition;
  Offset offset;  // acknowledged records only
  rd_kafka_resp_err_t error;
};

// The settings of librdkafka that Producer makes its client with, for programs that bring a client of their
// own: those of the settings file included, and those that may not be otherwise last.
std::vector<std::pair<std::string, std::string>> ProducerSettings(const ClientConfig& config,
                                                                  const ProducerOptions& options);
// What became of a record whose delivery failed, where the client does not say how far it came: uncertain,
// unless the error itself says that the record is not there.
DeliveryOutcome OutcomeOfError(rd_kafka_resp_err_t error);

// Idempotent, acks=all, zstd; partitions are chosen by the key as Kafka's own clients choose them (murmur2).
// Thread-safety: one thread sends; one thread, which may be another, takes deliveries.
class Producer {
 public:
  static Result<std::unique_ptr<Producer>> Open(const ClientConfig& config, const ProducerOptions& options);
  ~Producer();

  size_t clients() const { return clients_.size(); }

  // The key and the headers are copied; the bytes of the value must stay where they are until the record's
  // delivery was taken.
  SendOutcome Send(const Outgoing& record, std::string* reason);

  // Clears `out` and fills it with what became known, waiting up to `timeout_ms` for the first. An error is
  // final: the client can go on with nothing (a fatal error of an idempotent producer); deliveries still
  // come.
  Status TakeDeliveries(std::vector<Delivery>* out, int timeout_ms);

  // Gives up on all that is outstanding; deliveries say kFailed or kUncertain.
  void Purge();

  // What a person should hear, and forgets it; see Consumer::TakeWarnings.
  std::vector<std::string> TakeWarnings();

  // The client's words for an error.
  std::string Describe(rd_kafka_resp_err_t error) const;

 private:
  class EventSignal;
  struct Client;
  struct PolledEvent;

  Producer();
  Client& ClientFor(const Outgoing& record);
  Handle& PrimaryHandle();
  PolledEvent NextEvent(int timeout_ms);
  void TakeReports(rd_kafka_event_t* event, std::vector<Delivery>* out);

  std::unique_ptr<EventSignal> bell_;
  std::vector<std::unique_ptr<Client>> clients_;
  size_t turn_ = 0;  // the client whose event was the last
};

}  // namespace forebay::kafka
