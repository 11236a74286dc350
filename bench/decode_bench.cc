// CPU time of a landed record by stage, without Kafka: decoding alone, decoding into columns, and everything
// up to a Parquet file. Reported as CPU time for a record (items per second).
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "decode/record_decoder.h"
#include "decode/row_block.h"
#include "decode/schema.h"
#include "scenario/scenario.h"
#include "store/fs.h"
#include "store/parquet_file.h"

namespace forebay {
namespace {

constexpr uint64_t kRecords = 100'000;

template <typename T>
T Must(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().message().c_str());
  std::exit(1);
}

struct Input {
  Contract contract = Must(ReadContract("contracts/shop.odcs.yaml"));
  RecordBlock clicks = Make("clicks");
  RecordBlock orders = Make("orders");

  static RecordBlock Make(std::string_view table) {
    RecordBlock block;
    const ShopScenario scenario = Must(ShopScenario::Create({}));
    if (!scenario.Generate(table, 0, kRecords, &block).ok()) std::exit(1);
    return block;
  }
  const RecordBlock& records(std::string_view table) const { return table == "clicks" ? clicks : orders; }
};

const Input& TheInput() {
  static const Input input;
  return input;
}

RecordView ViewOf(const GeneratedRecord& record, uint64_t offset) {
  constexpr int64_t kKafkaMs = 1'800'000'000'000;  // later than all events
  return {PartitionId(static_cast<int32_t>(offset % 6)), Offset(static_cast<int64_t>(offset)), kKafkaMs,
          record.key, record.value};
}

void Count(benchmark::State& state, const RecordBlock& records) {
  int64_t bytes = 0;
  for (size_t i = 0; i < records.size(); ++i) bytes += static_cast<int64_t>(records.at(i).value.size());
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(records.size()));
  state.SetBytesProcessed(state.iterations() * bytes);
}

void BM_Decode(benchmark::State& state, std::string_view table) {
  const RecordBlock& records = TheInput().records(table);
  const auto decoder = Must(RecordDecoder::Create(*TheInput().contract.FindTable(table)));
  for (auto _ : state) {
    for (size_t i = 0; i < records.size(); ++i) {
      benchmark::DoNotOptimize(decoder->Decode(ViewOf(records.at(i), i), 0));
    }
  }
  Count(state, records);
}

void FillBlock(const RecordBlock& records, RecordDecoder& decoder, RowBlock* block) {
  RowRun run(decoder.schema());
  for (size_t i = 0; i < records.size(); ++i) {
    const RecordView record = ViewOf(records.at(i), i);
    if (Must(decoder.Decode(record, 0, &run)) != Outcome::kRow) std::exit(1);
    if (!run.full()) continue;
    block->Append(run);
    run.Clear();
  }
  block->Append(run);
}

void BM_DecodeIntoColumns(benchmark::State& state, std::string_view table) {
  const RecordBlock& records = TheInput().records(table);
  const Table& contract_table = *TheInput().contract.FindTable(table);
  const auto decoder = Must(RecordDecoder::Create(contract_table));
  RowBlock block(decoder->schema(), TableSchema(contract_table));
  for (auto _ : state) {
    block.Clear();
    FillBlock(records, *decoder, &block);
  }
  Count(state, records);
}

void BM_WriteParquet(benchmark::State& state, std::string_view table) {
  const RecordBlock& records = TheInput().records(table);
  const Table& contract_table = *TheInput().contract.FindTable(table);
  const auto decoder = Must(RecordDecoder::Create(contract_table));
  RowBlock block(decoder->schema(), TableSchema(contract_table));
  FillBlock(records, *decoder, &block);
  const std::string path =
      std::filesystem::temp_directory_path() / ("forebay-decode-bench-" + std::to_string(getpid()));
  uint64_t bytes = 0;
  for (auto _ : state) {
    auto staged = std::make_unique<StagedFileWriter>("bench", FilePlace(), Must(PosixFs().CreateFile(path)));
    const ColumnArrays columns = block.Arrays();
    const auto file = Must(ParquetFile::Create(std::move(staged), block.schema(), columns, {}));
    if (!file->Write(columns, block.totals()).ok()) std::exit(1);
    bytes = Must(file->Finish()).content.bytes;
    std::filesystem::remove(path);
  }
  Count(state, records);
  state.counters["file_bytes_per_record"] = static_cast<double>(bytes) / static_cast<double>(records.size());
}

BENCHMARK_CAPTURE(BM_Decode, clicks, std::string_view("clicks"))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_DecodeIntoColumns, clicks, std::string_view("clicks"))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_WriteParquet, clicks, std::string_view("clicks"))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Decode, orders, std::string_view("orders"))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_DecodeIntoColumns, orders, std::string_view("orders"))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_WriteParquet, orders, std::string_view("orders"))->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace forebay

BENCHMARK_MAIN();
