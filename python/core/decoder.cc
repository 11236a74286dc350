// Decodes batches of records into batches of rows.
#include <arrow/record_batch.h>
#include <arrow/util/key_value_metadata.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <mutex>

#include "arrow_bridge.h"
#include "contract_box.h"
#include "errors.h"
#include "external/batch_decoder.h"
#include "waiting.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forebay::python {
namespace {

// Metadata key under which a batch of rows carries the statistics of its source records.
constexpr const char* kStatsKey = "forebay.stats";

struct DecoderBox {
  DecoderBox(const ContractHolder& contract, const std::string& table)
      : decoder(Take(BatchDecoder::Create(contract.contract, table))) {}

  nb::tuple Decode(nb::handle records, std::optional<int64_t> now_ms) {
    const ExclusiveUse alone(mutex);
    const std::shared_ptr<arrow::RecordBatch> batch = ImportBatch(records);
    std::optional<Result<DecodedBatch>> decoded;
    {
      const nb::gil_scoped_release unlocked;
      decoded.emplace(decoder->Decode(*batch, now_ms));
    }
    DecodedBatch outcome = Take(*std::move(decoded));
    const auto rows = outcome.rows->ReplaceSchemaMetadata(
        arrow::key_value_metadata({kStatsKey}, {WriteManifest(outcome.stats)}));
    return nb::make_tuple(ArrowBatch{rows}, ArrowBatch{outcome.rejects}, ArrowBatch{outcome.tombstones});
  }

  std::mutex mutex;
  std::unique_ptr<BatchDecoder> decoder;
};

}  // namespace

void RegisterDecoder(nb::module_& m) {
  m.attr("STATS_KEY") = kStatsKey;
  m.attr("DIRECTORY_COLUMN") = std::string(kDirectoryColumn);
  nb::class_<DecoderBox>(m, "Decoder")
      .def(nb::init<const ContractHolder&, const std::string&>(), "contract"_a, "table"_a)
      .def("decode", &DecoderBox::Decode, "records"_a, "now_ms"_a.none(),
           nb::sig("def decode(self, records: object, now_ms: int | None) -> tuple[Batch, Batch, Batch]"));
}

}  // namespace forebay::python
