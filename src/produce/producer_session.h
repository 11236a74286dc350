// A producing run whose records another client sends. It makes the records, accounts for their outcomes, and
// writes the receipt. The records are those that `forebay produce` would send.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "kafka/producer.h"
#include "produce/in_flight.h"
#include "produce/plan.h"
#include "produce/receipt_keeper.h"

namespace forebay::produce {

struct ExternalRunOptions {
  std::shared_ptr<const Contract> contract;
  PlanText plan;  // with the receipt's path
  std::string brokers;
  std::string kafka_config;                 // path of a settings file; may be empty
  const std::atomic<bool>* stop = nullptr;  // ends waiting with kCancelled; outlives the run
};

// One thread at a time. Destroyed without Finish, its receipt shows that the run was interrupted.
class ProducerSession {
 public:
  // Plans the run, checks the receipt's path, waits for the broker and finds the topics. Then writes the
  // first receipt.
  static Result<std::unique_ptr<ProducerSession>> Open(const ExternalRunOptions& options);
  ~ProducerSession();

  const Plan& plan() const { return plan_; }
  const std::string& receipt_path() const { return file_.path(); }
  // The settings that the client must be created with.
  std::vector<std::pair<std::string, std::string>> ClientSettings() const;
  // Returns a text of the client without the secrets of its settings.
  std::string Redact(std::string text) const { return brokers_.Redact(std::move(text)); }

  // Returns the next records, all of one table; null if none are ready within this time. The caller then
  // either sends each record of the block (and reports its delivery later) or returns it with Skip.
  const Block* NextBlock(int64_t wait_ms);
  // Whether there are no more blocks. kInvalidArgument or kIoError if making them failed.
  Result<bool> Over() const;
  // Returns unsent records of a block, counted from its end.
  void Skip(const Block& block, uint32_t records);
  // Notes records that the client accepted (NoteSent) or one that it refused (NoteRefused).
  void NoteSent(const Block& block, uint32_t records) { sent_[block.table] += records; }
  void NoteRefused(const Block& block, const std::string& reason);

  // Accounts for deliveries. `why` (by error code, in the client's words) is for the summary.
  void Deliver(const std::vector<kafka::Delivery>& deliveries);
  // Records sent whose outcome is unknown.
  uint64_t outstanding() const;
  const ReceiptKeeper& keeper() const { return keeper_; }

  // Makes no more records: for an early end.
  void StopMaking() { in_flight_.Stop(); }
  Status WriteReceipt();
  // Counts the outstanding records as uncertain, and writes the receipt for the last time. `failed`: the
  // client gave up.
  Status Finish(double seconds, bool failed);
  // kIoError if a topic was deleted or recreated since Open. Not checked after a stop.
  Status CheckTopics();

  // REQUIRES: Finish.
  std::string Summary(bool json) const;
  std::string PartialMessage() const;
  const RunSummary& summary() const { return summary_; }

 private:
  ProducerSession(const ExternalRunOptions& options, Plan plan, kafka::ClientConfig brokers, ReceiptFile file,
                  std::unique_ptr<kafka::Admin> admin, int64_t batch_bytes);

  const std::shared_ptr<const Contract> contract_;
  const std::atomic<bool>* const stop_;
  Plan plan_;
  const kafka::ClientConfig brokers_;
  ReceiptFile file_;
  const std::unique_ptr<kafka::Admin> admin_;
  const int64_t batch_bytes_;
  ReceiptKeeper keeper_;
  InFlight in_flight_;
  std::vector<uint64_t> sent_;       // by table
  std::vector<uint64_t> delivered_;  // by table
  bool skipped_ = false;             // records were returned with Skip
  RunSummary summary_;
  std::thread maker_;
};

}  // namespace forebay::produce
