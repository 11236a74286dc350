#include "produce/producer_session.h"

#include <fmt/format.h>

#include <numeric>

#include "base/time.h"
#include "produce/resume.h"
#include "produce/summary.h"
#include "produce/topics.h"

namespace forebay::produce {
namespace {

// More than Run uses: here acknowledgements are handled between two records, not concurrently.
constexpr size_t kBlocks = 24;

std::string Describe(rd_kafka_resp_err_t error) {
  return fmt::format("{} ({})", rd_kafka_err2str(error), rd_kafka_err2name(error));
}

}  // namespace

Result<std::unique_ptr<ProducerSession>> ProducerSession::Open(const ExternalRunOptions& options) {
  FOREBAY_ASSIGN(Plan plan, MakePlan(options.plan, *options.contract, options.stop));
  FOREBAY_ASSIGN(kafka::ClientConfig brokers,
                 kafka::ClientConfig::Make(options.brokers, options.kafka_config));
  FOREBAY_ASSIGN(ReceiptFile file, OpenReceipt(options.plan, plan));
  FOREBAY_ASSIGN(auto admin, kafka::Admin::Open(brokers, {-1, options.stop}));
  FOREBAY_TRY(PrepareTopics(options.plan, options.brokers, brokers, *admin, &plan));
  FOREBAY_ASSIGN(const int64_t batch_bytes, BatchBytes(*admin, plan.receipt));
  std::unique_ptr<ProducerSession> run(new ProducerSession(options, std::move(plan), std::move(brokers),
                                                           std::move(file), std::move(admin), batch_bytes));
  FOREBAY_TRY(run->WriteReceipt());
  return run;
}

ProducerSession::ProducerSession(const ExternalRunOptions& options, Plan plan, kafka::ClientConfig brokers,
                                 ReceiptFile file, std::unique_ptr<kafka::Admin> admin, int64_t batch_bytes)
    : contract_(options.contract),
      stop_(options.stop),
      plan_(std::move(plan)),
      brokers_(std::move(brokers)),
      file_(std::move(file)),
      admin_(std::move(admin)),
      batch_bytes_(batch_bytes),
      keeper_(MakeKeeper(plan_)),
      in_flight_(kBlocks),
      sent_(plan_.tables.size()),
      delivered_(plan_.tables.size()),
      maker_([this] { MakeBlocks(*plan_.source, in_flight_); }) {}

ProducerSession::~ProducerSession() {
  in_flight_.Stop();
  maker_.join();
}

std::vector<std::pair<std::string, std::string>> ProducerSession::ClientSettings() const {
  kafka::ProducerOptions options;
  options.topics = TopicNames(plan_.receipt);
  options.delivery_timeout_ms = plan_.delivery_timeout_ms;
  options.batch_bytes = batch_bytes_;
  return kafka::ProducerSettings(brokers_, options);
}

const Block* ProducerSession::NextBlock(int64_t wait_ms) {
  return in_flight_.NextReadyWithin(wait_ms);
}

Result<bool> ProducerSession::Over() const {
  FOREBAY_TRY(in_flight_.status());
  return in_flight_.over();
}

void ProducerSession::Skip(const Block& block, uint32_t records) {
  if (records == 0) return;
  skipped_ = true;
  in_flight_.Settle(&in_flight_.block(block.index), records);
}

void ProducerSession::NoteRefused(const Block& block, const std::string& reason) {
  keeper_.Refuse(block.table);
  ++summary_.failures[Redact(reason)];
  in_flight_.Settle(&in_flight_.block(block.index), 1);
}

void ProducerSession::Deliver(const std::vector<kafka::Delivery>& deliveries) {
  for (const kafka::Delivery& delivery : deliveries) {
    const Ticket ticket = Ticket::Of(delivery.ticket);
    Block& block = in_flight_.block(ticket.block);
    keeper_.Deliver(block.table, block.records.at(ticket.record), delivery);
    ++delivered_[block.table];
    if (delivery.outcome != kafka::DeliveryOutcome::kAcknowledged)
      ++summary_.failures[Describe(delivery.error)];
    in_flight_.Settle(&block, 1);
  }
}

uint64_t ProducerSession::outstanding() const {
  return std::accumulate(sent_.begin(), sent_.end(), uint64_t{0}) -
         std::accumulate(delivered_.begin(), delivered_.end(), uint64_t{0});
}

Status ProducerSession::WriteReceipt() {
  keeper_.receipt().updated_ms = WallClockMillis();
  return file_.Write(keeper_.receipt());
}

Status ProducerSession::Finish(double seconds, bool failed) {
  const bool all_taken = in_flight_.all_taken() && !skipped_;
  in_flight_.Stop();
  for (uint32_t table = 0; table < sent_.size(); ++table) {
    keeper_.Lose(table, sent_[table] - delivered_[table]);
    sent_[table] = delivered_[table];
  }
  keeper_.receipt().state =
      EndState(plan_.options, {.sent_all = all_taken,
                               .delivered_all = keeper_.failed() + keeper_.uncertain() == 0,
                               .failed = failed || !in_flight_.status().ok()});
  summary_.complete = keeper_.receipt().state == ReceiptState::kComplete;
  summary_.seconds = seconds;
  return WriteReceipt();
}

Status ProducerSession::CheckTopics() {
  if (stop_ != nullptr && stop_->load()) return Ok();
  return CheckTopicsStayed(*admin_, keeper_.receipt());
}

std::string ProducerSession::Summary(bool json) const {
  return json ? SummaryJson(keeper_, summary_, file_.path()) : SummaryText(keeper_, summary_, file_.path());
}

std::string ProducerSession::PartialMessage() const {
  return produce::PartialMessage(keeper_.receipt(), file_.path());
}

}  // namespace forebay::produce
