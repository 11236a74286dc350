// The driver's side of an external engine.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <mutex>
#include <tuple>

#include "arrow_bridge.h"
#include "commit/adopt_log.h"
#include "contract_holder.h"
#include "errors.h"
#include "external/external_landing.h"
#include "report/small_files.h"
#include "waiting.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forebay::python {
namespace {

// Table, topic, topic id, partition, next, end.
using PositionTuple = std::tuple<std::string, std::string, std::string, int32_t, int64_t, int64_t>;
// Topic, partition, from, to.
using RangeTuple = std::tuple<std::string, int32_t, int64_t, int64_t>;
// Batch, rows, quarantined, tombstones, files, bytes, untimed.
using CommitTuple = std::tuple<int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t>;

std::vector<PositionTuple> Tuples(const std::vector<EnginePosition>& positions) {
  std::vector<PositionTuple> tuples;
  for (const EnginePosition& p : positions) {
    tuples.emplace_back(p.table, p.topic, p.topic_id.base64(), p.partition.value(), p.next.value(),
                        p.end.value());
  }
  return tuples;
}

class LandingHolder {
  template <typename Function>
  auto Call(Function&& function) {
    const ExclusiveUse alone(mutex_);
    if (landing_ == nullptr) Raise(InvalidArgumentError("this landing is closed; open another one"));
    return Unwrap(Await(stop_, std::forward<Function>(function)));
  }

 public:
  LandingHolder(const ContractHolder& contract, const std::string& brokers, const std::string& lake,
                const std::string& engine, const std::vector<std::string>& tables,
                const std::string& kafka_config, bool wait, bool existing, bool follow,
                const std::string& start, bool accept_loss, const std::vector<std::string>& adopt_topics,
                const std::vector<std::string>& adopt_logs, std::optional<double> max_reject_rate,
                const std::string& consumer_group) {
    ExternalOptions options;
    options.contract = contract.contract;
    options.brokers = brokers;
    options.kafka_config = kafka_config;
    options.lake = lake;
    options.engine = engine;
    options.start.tables = tables;
    options.wait_for_lock = wait;
    options.existing = existing;
    options.follow = follow;
    options.start.start = Unwrap(ParseStartAt(start));
    options.start.accept_loss = accept_loss;
    options.start.adopt_topics = adopt_topics;
    for (const std::string& log : adopt_logs) options.start.adopt_logs.push_back(Unwrap(ParseLog(log)));
    options.max_reject_rate = max_reject_rate;
    options.consumer_group = consumer_group;
    options.stop = &stop_;
    landing_ = Unwrap(Await(stop_, [&] { return ExternalLanding::Open(options); }));
  }

  std::string brokers() const { return landing_ == nullptr ? "" : landing_->brokers(); }

  bool new_lake() const { return landing_ != nullptr && landing_->new_lake(); }

  std::string recovered() const { return landing_ == nullptr ? "" : landing_->recovered(); }

  int64_t held_back() const { return landing_ == nullptr ? 0 : landing_->held_back(); }

  std::vector<PositionTuple> Plan() {
    return Tuples(Call([&] { return landing_->Plan(); }));
  }

  ArrowSchemaHolder FileSchemaOf(const std::string& table) {
    return {Call([&] { return landing_->FileSchemaOf(table); })};
  }

  void CheckColumns(const std::string& table, const nb::object& columns) {
    const std::shared_ptr<arrow::Schema> schema = ImportSchema(columns);
    Call([&]() -> Result<bool> {
      FOREBAY_TRY(landing_->CheckColumns(table, *schema));
      return true;
    });
  }

  CommitTuple Commit(const std::vector<RangeTuple>& ranges, const std::vector<std::string>& manifests,
                     const std::vector<std::string>& decoded) {
    std::vector<EngineRange> engine_ranges;
    for (const auto& [topic, partition, from, to] : ranges)
      engine_ranges.push_back({topic, PartitionId(partition), {Offset(from), Offset(to)}});
    const EngineCommit totals = Call([&] { return landing_->Commit(engine_ranges, manifests, decoded); });
    return {totals.batch.value(), totals.rows,  totals.quarantined, totals.tombstones,
            totals.files,         totals.bytes, totals.untimed};
  }

  std::vector<PositionTuple> NewPartitions() {
    return Tuples(Call([&] { return landing_->NewPartitions(); }));
  }

  std::vector<std::string> NewTopics() {
    return Call([&] { return landing_->NewTopics(); });
  }

  std::string FieldReport() {
    return Call([&]() -> Result<std::string> { return landing_->FieldReport(); });
  }

  void CommitOffsets() {
    Call([&]() -> Result<bool> {
      landing_->CommitOffsets();
      return true;
    });
  }

  // Releases the lock.
  void Close() {
    const ExclusiveUse alone(mutex_);
    if (landing_ == nullptr) return;
    RunWaiting(stop_, [&] { landing_.reset(); });
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> stop_{false};
  std::unique_ptr<ExternalLanding> landing_;
};

}  // namespace

void RegisterLanding(nb::module_& m) {
  nb::class_<LandingHolder>(m, "Landing")
      .def(nb::init<const ContractHolder&, const std::string&, const std::string&, const std::string&,
                    const std::vector<std::string>&, const std::string&, bool, bool, bool, const std::string&,
                    bool, const std::vector<std::string>&, const std::vector<std::string>&,
                    std::optional<double>, const std::string&>(),
           "contract"_a, "brokers"_a, "lake"_a, "engine"_a, "tables"_a, "kafka_config"_a, "wait"_a,
           "existing"_a, "follow"_a, "start"_a, "accept_loss"_a, "adopt_topics"_a, "adopt_logs"_a,
           "max_reject_rate"_a.none(), "consumer_group"_a)
      .def_prop_ro("brokers", &LandingHolder::brokers)
      .def_prop_ro("new_lake", &LandingHolder::new_lake)
      .def_prop_ro("recovered", &LandingHolder::recovered)
      .def_prop_ro("held_back", &LandingHolder::held_back)
      .def("plan", &LandingHolder::Plan)
      .def("file_schema", &LandingHolder::FileSchemaOf, "table"_a)
      .def("check_columns", &LandingHolder::CheckColumns, "table"_a, "columns"_a,
           nb::sig("def check_columns(self, table: str, columns: object) -> None"))
      .def("commit", &LandingHolder::Commit, "ranges"_a, "manifests"_a, "decoded"_a)
      .def("new_partitions", &LandingHolder::NewPartitions)
      .def("new_topics", &LandingHolder::NewTopics)
      .def("field_report", &LandingHolder::FieldReport)
      .def("commit_offsets", &LandingHolder::CommitOffsets)
      .def("close", &LandingHolder::Close);

  m.def("small_files_text", &SmallFilesText, "batches"_a, "files"_a, "file_bytes"_a);
}

}  // namespace forebay::python
