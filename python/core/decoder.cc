// Decodes batches of records into batches of rows.
#include <arrow/record_batch.h>
#include <arrow/util/key_value_metadata.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <mutex>

#include "arrow_bridge.h"
#include "contract_holder.h"
#include "errors.h"
#include "external/batch_decoder.h"
#include "waiting.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forebay::python {
namespace {

// Metadata key of the statistics of a batch's source records.
constexpr const char* kStatsKey = "forebay.stats";

struct DecoderHolder {
  DecoderHolder(const ContractHolder& contract, const std::string& table, const std::string& topic)
      : decoder(Unwrap(BatchDecoder::Create(contract.contract, table, topic))) {}

  nb::tuple Decode(nb::handle records, std::optional<int64_t> now_ms) {
    const ExclusiveUse alone(mutex);
    const std::shared_ptr<arrow::RecordBatch> batch = ImportBatch(records);
    const DecodedBatch decoded = Unwrap(WithoutGil([&] { return decoder->Decode(*batch, now_ms); }));
    const auto rows = decoded.rows->ReplaceSchemaMetadata(
        arrow::key_value_metadata({kStatsKey}, {WriteManifest(decoded.stats)}));
    return nb::make_tuple(ArrowBatchHolder{rows}, ArrowBatchHolder{decoded.rejects},
                          ArrowBatchHolder{decoded.tombstones});
  }

  std::mutex mutex;
  std::unique_ptr<BatchDecoder> decoder;
};

}  // namespace

void RegisterDecoder(nb::module_& m) {
  m.attr("STATS_KEY") = kStatsKey;
  m.attr("DIRECTORY_COLUMN") = std::string(kDirectoryColumn);
  nb::class_<DecoderHolder>(m, "Decoder")
      .def(nb::init<const ContractHolder&, const std::string&, const std::string&>(), "contract"_a, "table"_a,
           "topic"_a)
      .def("decode", &DecoderHolder::Decode, "records"_a, "now_ms"_a.none(),
           nb::sig("def decode(self, records: object, now_ms: int | None) -> tuple[Batch, Batch, Batch]"));
}

}  // namespace forebay::python
