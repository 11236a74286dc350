// Building blocks of a Python producer: runs of records, and delivery reports.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <mutex>
#include <string>

#include "base/time.h"
#include "contract_holder.h"
#include "errors.h"
#include "produce/producer_session.h"
#include "produce/sender.h"
#include "waiting.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forebay::python {
namespace {

using produce::ProducerSession;
using produce::Ticket;

// Set by a signal handler; ends every wait.
struct StopFlag {
  std::atomic<bool> value{false};
};

// Reports of the Kafka client that are not accounted for yet. Guarded by the GIL.
using Reports = std::vector<kafka::Delivery>;

// Delivery callback of one record. Called as (error, message), it runs no Python code.
class Report {
 public:
  Report(std::shared_ptr<Reports> reports, Ticket ticket)
      : reports_(std::move(reports)), ticket_(ticket.Packed()) {}

  void operator()(nb::handle error, nb::handle message) const {
    if (error.is_none()) {
      const nb::object offset = message.attr("offset")();  // None where the broker did not tell it
      reports_->push_back({ticket_, kafka::DeliveryOutcome::kAcknowledged,
                           PartitionId(nb::cast<int32_t>(message.attr("partition")())),
                           Offset(offset.is_none() ? RD_KAFKA_OFFSET_INVALID : nb::cast<int64_t>(offset)),
                           RD_KAFKA_RESP_ERR_NO_ERROR});
      return;
    }
    const auto code = static_cast<rd_kafka_resp_err_t>(nb::cast<int>(error.attr("code")()));
    reports_->push_back({ticket_, kafka::OutcomeOfError(code), PartitionId(), Offset(), code});
  }

 private:
  std::shared_ptr<Reports> reports_;
  uint64_t ticket_;
};

nb::bytes Bytes(std::string_view text) {
  return nb::bytes(text.data(), text.size());
}

class RunHolder {
 public:
  RunHolder(const ContractHolder& contract, std::shared_ptr<StopFlag> stop, produce::PlanText plan,
            const std::string& brokers, const std::string& kafka_config, const std::string& receipt)
      : stop_(std::move(stop)) {
    plan.receipt = receipt;
    const produce::ExternalRunOptions options{contract.contract, std::move(plan), brokers, kafka_config,
                                              &stop_->value};
    run_ = Unwrap(Await(stop_->value, [&] { return ProducerSession::Open(options); }));
  }

  std::string run() const { return run_->plan().receipt.run; }
  std::string receipt_path() const { return run_->receipt_path(); }
  std::vector<std::string> topics() const {
    std::vector<std::string> topics;
    for (const ReceiptTable& table : run_->plan().receipt.tables) topics.push_back(table.topic);
    return topics;
  }
  // Empty if the contract rejects none of its input's records, or the input could not be read beforehand.
  std::string expected_rejects() const {
    return run_->plan().input ? produce::RejectsText(*run_->plan().input) : std::string();
  }
  uint64_t total() const { return run_->plan().total; }
  double rate() const { return run_->plan().options.records_per_second; }
  double duration_s() const { return static_cast<double>(run_->plan().options.duration_ms) / 1000; }
  double stop_timeout_s() const { return static_cast<double>(run_->plan().options.stop_timeout_ms) / 1000; }
  double receipt_interval_s() const {
    return static_cast<double>(run_->plan().options.receipt_interval_ms) / 1000;
  }
  std::vector<std::pair<std::string, std::string>> client_settings() const { return run_->ClientSettings(); }
  std::string Redact(const std::string& text) const { return run_->Redact(text); }

  // Returns (table, timestamp or -1, [key], [value], [sequence], [report]); None if nothing is ready.
  nb::object NextBlock(int64_t wait_ms) {
    const produce::Block* const block = WithoutGil([&] { return run_->NextBlock(wait_ms); });
    block_ = block;
    if (block == nullptr) return nb::none();
    nb::list keys;
    nb::list values;
    nb::list sequences;
    nb::list reports;
    for (uint32_t i = 0; i < block->records.size(); ++i) {
      const GeneratedRecord record = block->records.at(i);
      keys.append(record.key.empty() ? nb::object(nb::none()) : nb::object(Bytes(record.key)));
      values.append(Bytes(record.value));
      sequences.append(Bytes(std::to_string(record.sequence)));
      reports.append(nb::cast(Report(reports_, Ticket{block->index, i})));
    }
    return nb::make_tuple(block->table, block->timestamp_ms, keys, values, sequences, reports);
  }

  bool Over() const { return Unwrap(run_->Over()); }
  void NoteSent(uint32_t records) { run_->NoteSent(Current(), records); }
  void NoteRefused(const std::string& reason) { run_->NoteRefused(Current(), reason); }
  void Skip(uint32_t records) { run_->Skip(Current(), records); }

  // Accounts for all reports so far; returns their number.
  size_t HandleReports() {
    if (reports_->empty()) return 0;
    const Reports reports = std::exchange(*reports_, Reports());
    WithoutGil([&] { run_->Deliver(reports); });
    return reports.size();
  }
  uint64_t outstanding() const { return run_->outstanding(); }
  uint64_t acknowledged() const { return run_->keeper().acknowledged(); }
  uint64_t failed() const { return run_->keeper().failed(); }
  uint64_t uncertain() const { return run_->keeper().uncertain(); }
  std::vector<std::pair<std::string, uint64_t>> failures() const {
    return {run_->summary().failures.begin(), run_->summary().failures.end()};
  }

  void StopMaking() { run_->StopMaking(); }
  void WriteReceipt() {
    Check(Await(never_, [&] { return run_->WriteReceipt(); }));
  }
  void Finish(double seconds, bool failed) {
    Check(Await(never_, [&] { return run_->Finish(seconds, failed); }));
  }
  bool complete() const { return run_->summary().complete; }
  void CheckTopics() {
    Check(Await(stop_->value, [&] { return run_->CheckTopics(); }));
  }
  std::string Summary(bool json) const { return run_->Summary(json); }
  std::string PartialMessage() const { return run_->PartialMessage(); }

 private:
  const produce::Block& Current() const {
    if (block_ == nullptr) Raise(InvalidArgumentError("no current block: call next_block() first"));
    return *block_;
  }

  std::shared_ptr<StopFlag> stop_;
  std::atomic<bool> never_{false};  // never set: writing a receipt is not cancelled
  std::shared_ptr<Reports> reports_ = std::make_shared<Reports>();
  std::unique_ptr<ProducerSession> run_;
  const produce::Block* block_ = nullptr;
};

// Paces records like `forebay produce`.
struct PacerHolder {
  explicit PacerHolder(double rate) : pacer(rate, MonotonicSeconds()) {}
  // Seconds until the next record is due. 0 means that it is due, and counts it as sent.
  double Acquire() { return pacer.Acquire(MonotonicSeconds()); }
  produce::Pacer pacer;
};

produce::PlanText MakePlanText(const std::string& contract, const std::string& producer,
                               const std::string& table, const std::string& topic, const std::string& from,
                               uint64_t records, uint64_t first, const std::string& duration, double rate,
                               const std::string& delivery_timeout, const std::string& stop_timeout,
                               bool refuse_rejects, bool resume, const ScenarioText& scenario) {
  return {.contract = contract,
          .producer = producer,
          .table = table,
          .topic = topic,
          .from = from,
          .records = records,
          .first = first,
          .duration = duration,
          .rate = rate,
          .delivery_timeout = delivery_timeout,
          .stop_timeout = stop_timeout,
          .refuse_rejects = refuse_rejects,
          .resume = resume,
          .receipt = "",
          .scenario = scenario};
}

}  // namespace

void RegisterProducer(nb::module_& m) {
  nb::class_<StopFlag>(m, "StopFlag")
      .def("__init__", [](StopFlag* self) { new (self) StopFlag(); })
      .def("set", [](StopFlag& self) { self.value.store(true); })
      .def("is_set", [](const StopFlag& self) { return self.value.load(); });
  nb::class_<Report>(m, "Report")
      .def("__call__", &Report::operator(), "error"_a.none(), "message"_a,
           nb::sig("def __call__(self, error: object, message: object) -> None"));
  nb::class_<PacerHolder>(m, "Pacer")
      .def(nb::init<double>(), "records_per_second"_a)
      .def("acquire", &PacerHolder::Acquire);
  nb::class_<produce::PlanText>(m, "ProducerPlan")
      .def(nb::new_(&MakePlanText), "contract"_a, "producer"_a, "table"_a, "topic"_a, "replay"_a, "records"_a,
           "first"_a, "duration"_a, "rate"_a, "delivery_timeout"_a, "stop_timeout"_a, "refuse_rejects"_a,
           "resume"_a, "scenario"_a);
  nb::class_<RunHolder>(m, "ProducerRun")
      .def(nb::init<const ContractHolder&, std::shared_ptr<StopFlag>, produce::PlanText, const std::string&,
                    const std::string&, const std::string&>(),
           "contract"_a, "stop"_a, "plan"_a, "brokers"_a, "kafka_config"_a, "receipt"_a)
      .def_prop_ro("run", &RunHolder::run)
      .def_prop_ro("receipt_path", &RunHolder::receipt_path)
      .def_prop_ro("topics", &RunHolder::topics)
      .def_prop_ro("expected_rejects", &RunHolder::expected_rejects)
      .def_prop_ro("total", &RunHolder::total)
      .def_prop_ro("rate", &RunHolder::rate)
      .def_prop_ro("duration_s", &RunHolder::duration_s)
      .def_prop_ro("stop_timeout_s", &RunHolder::stop_timeout_s)
      .def_prop_ro("receipt_interval_s", &RunHolder::receipt_interval_s)
      .def_prop_ro("client_settings", &RunHolder::client_settings)
      .def("redact", &RunHolder::Redact, "text"_a)
      .def("next_block", &RunHolder::NextBlock, "wait_ms"_a,
           nb::sig("def next_block(self, wait_ms: int) -> tuple[int, int, list[bytes | None], list[bytes], "
                   "list[bytes], list[Report]] | None"))
      .def_prop_ro("over", &RunHolder::Over)
      .def("note_sent", &RunHolder::NoteSent, "records"_a)
      .def("note_refused", &RunHolder::NoteRefused, "reason"_a)
      .def("skip", &RunHolder::Skip, "records"_a)
      .def("handle_reports", &RunHolder::HandleReports)
      .def_prop_ro("outstanding", &RunHolder::outstanding)
      .def_prop_ro("acknowledged", &RunHolder::acknowledged)
      .def_prop_ro("failed", &RunHolder::failed)
      .def_prop_ro("uncertain", &RunHolder::uncertain)
      .def_prop_ro("failures", &RunHolder::failures)
      .def("stop_making", &RunHolder::StopMaking)
      .def("write_receipt", &RunHolder::WriteReceipt)
      .def("finish", &RunHolder::Finish, "seconds"_a, "failed"_a)
      .def_prop_ro("complete", &RunHolder::complete)
      .def("check_topics", &RunHolder::CheckTopics)
      .def("summary", &RunHolder::Summary, "as_json"_a)
      .def("partial_message", &RunHolder::PartialMessage);
}

}  // namespace forebay::python
