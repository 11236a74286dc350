// Writes batches of rows to staged files and returns manifests.
#include <arrow/record_batch.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <mutex>

#include "arrow_bridge.h"
#include "contract_holder.h"
#include "errors.h"
#include "external/batch_stager.h"
#include "waiting.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forebay::python {
namespace {

class StagerHolder {
 public:
  StagerHolder(const ContractHolder& contract, const std::string& table, const std::string& topic,
               const std::string& lake, const std::string& engine, int64_t file_bytes, int64_t row_group_rows,
               int64_t memory_limit, nb::handle columns) {
    StagerOptions options{engine, file_bytes, row_group_rows, memory_limit};
    if (!columns.is_none()) options.columns = ImportSchema(columns);
    stager_ = Unwrap(WithoutGil(
        [&] { return BatchStager::Open(PosixFs(), contract.contract, table, topic, lake, options); }));
  }

  void AddRows(nb::handle rows) { Add(rows, &BatchStager::AddRows); }
  void AddRejects(nb::handle rejects) { Add(rejects, &BatchStager::AddRejects); }
  void AddTombstones(nb::handle tombstones) { Add(tombstones, &BatchStager::AddTombstones); }

  void AddStats(const std::string& document) {
    const ExclusiveUse alone(mutex_);
    CheckOpen();
    Check(stager_->AddStats(document));
  }

  std::vector<std::string> Finish() {
    const ExclusiveUse alone(mutex_);
    CheckOpen();
    return Unwrap(WithoutGil([&] { return stager_->Finish(); }));
  }

  // Removes the staged files unless Finish was called.
  void Close() {
    const ExclusiveUse alone(mutex_);
    WithoutGil([&] { stager_.reset(); });
  }

 private:
  void CheckOpen() const {
    if (stager_ == nullptr) Raise(InvalidArgumentError("this stager is closed; create another one"));
  }
  void Add(nb::handle object, Status (BatchStager::*add)(const arrow::RecordBatch&)) {
    const ExclusiveUse alone(mutex_);
    CheckOpen();
    std::shared_ptr<arrow::RecordBatch> batch = ImportBatch(object);
    Check(WithoutGil([&] {
      Status status = (stager_.get()->*add)(*batch);
      batch.reset();
      return status;
    }));
  }

  std::mutex mutex_;
  std::unique_ptr<BatchStager> stager_;
};

}  // namespace

void RegisterStager(nb::module_& m) {
  nb::class_<StagerHolder>(m, "Stager")
      .def(nb::init<const ContractHolder&, const std::string&, const std::string&, const std::string&,
                    const std::string&, int64_t, int64_t, int64_t, nb::handle>(),
           "contract"_a, "table"_a, "topic"_a, "lake"_a, "engine"_a, "file_bytes"_a, "row_group_rows"_a,
           "memory_limit"_a, "columns"_a.none())
      .def("add_rows", &StagerHolder::AddRows, "batch"_a,
           nb::sig("def add_rows(self, batch: object) -> None"))
      .def("add_rejects", &StagerHolder::AddRejects, "batch"_a,
           nb::sig("def add_rejects(self, batch: object) -> None"))
      .def("add_tombstones", &StagerHolder::AddTombstones, "batch"_a,
           nb::sig("def add_tombstones(self, batch: object) -> None"))
      .def("add_stats", &StagerHolder::AddStats, "document"_a)
      .def("finish", &StagerHolder::Finish)
      .def("close", &StagerHolder::Close);
}

}  // namespace forebay::python
