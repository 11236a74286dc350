#include "produce/run.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <thread>

#include "base/time.h"
#include "produce/in_flight.h"
#include "produce/sender.h"

namespace forebay::produce {
namespace {

constexpr int kPollMs = 100;
constexpr double kReportSeconds = 0.25;
constexpr double kSilenceSeconds = 10;  // without an acknowledgement before a warning
constexpr double kPurgeSeconds = 5;     // limit of a purge

// The calling thread's part of a run: handles deliveries, keeps the receipt, and decides when the run ends.
class Accountant {
 public:
  Accountant(kafka::Producer& producer, InFlight& in_flight, Sender& sender, ReceiptKeeper& keeper,
             ReceiptFile& file, const RunOptions& options,
             const std::function<void(const RunProgress&)>& report)
      : producer_(producer),
        in_flight_(in_flight),
        sender_(sender),
        keeper_(keeper),
        file_(file),
        options_(options),
        report_(report),
        delivered_(keeper.receipt().tables.size(), 0) {}

  // Writes the first receipt. Before anything is sent: it tells a run to be resumed that records may be in
  // the topic.
  Status Begin();
  void Work();
  Status status() const { return status_; }
  RunSummary summary() { return std::move(summary_); }

 private:
  void Fail(const Error& error);
  void HandleDeliveries(const std::vector<kafka::Delivery>& deliveries);
  void HandleRefused();
  void Report(double now_s);
  void WriteReceipt();
  bool Finished(double now_s);
  uint64_t delivered() const;

  kafka::Producer& producer_;
  InFlight& in_flight_;
  Sender& sender_;
  ReceiptKeeper& keeper_;
  ReceiptFile& file_;
  const RunOptions& options_;
  const std::function<void(const RunProgress&)>& report_;
  Status status_;
  RunSummary summary_;
  std::vector<uint64_t> delivered_;  // by table: records that were sent and whose outcome is known
  double reported_s_ = 0;
  double receipt_s_ = 0;
  double active_s_ = 0;     // last acknowledgement, last time without outstanding records, or last warning
  double purge_due_s_ = 0;  // 0: the wait is unlimited
  double purged_s_ = 0;     // 0: not purged
};

uint64_t Accountant::delivered() const {
  uint64_t sum = 0;
  for (const uint64_t count : delivered_) sum += count;
  return sum;
}

void Accountant::Fail(const Error& error) {
  if (status_.ok()) status_ = error;
  sender_.Halt();
  in_flight_.Stop();
}

void Accountant::HandleDeliveries(const std::vector<kafka::Delivery>& deliveries) {
  Block* block = nullptr;
  uint32_t settled = 0;
  for (const kafka::Delivery& delivery : deliveries) {
    const Ticket ticket = Ticket::Of(delivery.ticket);
    if (block == nullptr || block->index != ticket.block) {
      if (block != nullptr) in_flight_.Settle(block, settled);
      block = &in_flight_.block(ticket.block);
      settled = 0;
    }
    ++settled;
    ++delivered_[block->table];
    keeper_.Deliver(block->table, block->records.at(ticket.record), delivery);
    if (delivery.outcome != kafka::DeliveryOutcome::kAcknowledged) {
      ++summary_.failures[producer_.Describe(delivery.error)];
    }
  }
  if (block != nullptr) in_flight_.Settle(block, settled);
}

void Accountant::HandleRefused() {
  for (const Sender::Refused& refused : sender_.DrainRefused()) {
    keeper_.Refuse(refused.table);
    ++summary_.failures[refused.reason];
  }
}

void Accountant::Report(double now_s) {
  for (const std::string& line : producer_.DrainWarnings()) {
    spdlog::warn("{}", line);
    active_s_ = now_s;
  }
  const uint64_t outstanding = sender_.sent() - delivered();
  if (outstanding == 0) active_s_ = now_s;
  if (now_s - active_s_ >= kSilenceSeconds) {
    spdlog::warn("no acknowledgement from the broker for {:.0f} s; waiting ({} records in flight)",
                 kSilenceSeconds, outstanding);
    active_s_ = now_s;
  }
  if (now_s - reported_s_ >= kReportSeconds) {
    report_({keeper_.acknowledged(), keeper_.failed(), keeper_.uncertain(), outstanding});
    reported_s_ = now_s;
  }
}

void Accountant::WriteReceipt() {
  keeper_.receipt().updated_ms = WallClockMillis();
  const Status written = file_.Write(keeper_.receipt());
  if (!written.ok()) Fail(written.error());
  receipt_s_ = MonotonicSeconds();
}

// Whether nothing is outstanding, or waiting has no more use.
bool Accountant::Finished(double now_s) {
  if (sender_.Over()) in_flight_.Stop();  // it may be waiting for a block that will not come
  const bool ending = sender_.done();
  // The final check: the sent count is final once the sender is done, and refusals were recorded before.
  if (ending && sender_.sent() == delivered()) return true;
  const bool stopped = !status_.ok() || (options_.stop != nullptr && options_.stop->load());
  if (!stopped) return false;
  if (purge_due_s_ == 0)
    purge_due_s_ = now_s + (status_.ok() ? static_cast<double>(options_.stop_timeout_ms) / 1000 : 0);
  if (!ending || now_s < purge_due_s_) return false;
  if (purged_s_ == 0) {
    spdlog::error("{} records not acknowledged by the broker in time; they count as uncertain",
                  sender_.sent() - delivered());
    producer_.Purge();
    purged_s_ = now_s;
  }
  return now_s - purged_s_ >= kPurgeSeconds;
}

Status Accountant::Begin() {
  WriteReceipt();
  return status_;
}

void Accountant::Work() {
  const double started_s = MonotonicSeconds();
  active_s_ = started_s;
  std::vector<kafka::Delivery> deliveries;
  for (;;) {
    const Status polled = producer_.PollDeliveries(&deliveries, kPollMs);
    HandleDeliveries(deliveries);
    HandleRefused();
    if (!polled.ok()) Fail(polled.error());
    const double now_s = MonotonicSeconds();
    if (!deliveries.empty()) active_s_ = now_s;
    Report(now_s);
    if (deliveries.empty() && Finished(now_s)) break;
    if ((now_s - receipt_s_) * 1000 >= static_cast<double>(options_.receipt_interval_ms)) WriteReceipt();
  }
  HandleRefused();
  for (uint32_t table = 0; table < delivered_.size(); ++table) {
    keeper_.Lose(table, sender_.sent(table) - delivered_[table]);
  }
  keeper_.receipt().state = EndState(options_, {.sent_all = sender_.sent_all(),
                                                .delivered_all = keeper_.failed() + keeper_.uncertain() == 0,
                                                .failed = !status_.ok() || !in_flight_.status().ok()});
  WriteReceipt();
  report_({keeper_.acknowledged(), keeper_.failed(), keeper_.uncertain(), 0});
  summary_.seconds = MonotonicSeconds() - started_s;
  summary_.complete = keeper_.receipt().state == ReceiptState::kComplete;
}

}  // namespace

ReceiptState EndState(const RunOptions& options, const RunEnd& end) {
  const bool stopped = options.stop != nullptr && options.stop->load();
  const bool cut_short = end.failed || (!options.endless && (stopped || !end.sent_all));
  const bool all = end.sent_all && end.delivered_all;
  return cut_short && !all ? ReceiptState::kPartial : ReceiptState::kComplete;
}

void MakeBlocks(Source& source, InFlight& in_flight) {
  for (;;) {
    Block* block = in_flight.AcquireFree();
    if (block == nullptr) return in_flight.Finish(Ok(), false);
    const Result<bool> more = source.Next(block);
    if (more.ok()) in_flight.Put(block);
    if (!more.ok()) return in_flight.Finish(more.error());
    if (!*more) return in_flight.Finish(Ok());
  }
}

Result<RunSummary> Run(std::unique_ptr<kafka::Producer> producer, Source& source, ReceiptKeeper& keeper,
                       ReceiptFile& file, const RunOptions& options,
                       const std::function<void(const RunProgress&)>& report) {
  InFlight in_flight(options.blocks * producer->clients());
  Sender sender(*producer, in_flight, keeper.receipt().run, keeper.receipt().tables.size(), options);
  Accountant accountant(*producer, in_flight, sender, keeper, file, options, report);
  FOREBAY_TRY(accountant.Begin());
  std::thread maker([&] { MakeBlocks(source, in_flight); });
  std::thread sending([&] { sender.Work(); });
  accountant.Work();
  sending.join();
  maker.join();
  producer.reset();  // before the blocks: after a purge its threads may still read values
  FOREBAY_TRY(accountant.status());
  FOREBAY_TRY(in_flight.status());
  return accountant.summary();
}

}  // namespace forebay::produce
