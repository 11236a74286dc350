// Speed of the shop scenario on one core: build with `cmake --build build/release --target scenario_bench`
// and run it; items are records.
#include <benchmark/benchmark.h>

#include "scenario/scenario.h"

namespace forebay {
namespace {

ShopScenario MakeScenario(const FaultRates& faults) {
  ScenarioOptions options;
  options.faults = faults;
  return ShopScenario::Create(options).value();
}

// Each iteration makes the next records of the stream, including their blocks.
void Generate(benchmark::State& state, std::string_view table, const FaultRates& faults) {
  const ShopScenario scenario = MakeScenario(faults);
  const auto records = static_cast<uint64_t>(state.range(0));
  RecordBlock block;
  uint64_t from = 0;
  size_t bytes = 0;
  for (auto _ : state) {
    block.Clear();
    if (!scenario.Generate(table, from, from + records, &block).ok()) state.SkipWithError("Generate failed");
    bytes += block.bytes().size();
    from += records;
  }
  state.SetItemsProcessed(static_cast<int64_t>(from));
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

void BM_Clicks(benchmark::State& state) {
  Generate(state, ShopScenario::kClicks, FaultRates());
}
void BM_ClicksWithFaults(benchmark::State& state) {
  Generate(state, ShopScenario::kClicks, ParseFaultRates("default").value());
}
// Orders alone also pay for the clicks of their blocks, 40 each.
void BM_OrdersAlone(benchmark::State& state) {
  Generate(state, ShopScenario::kOrders, FaultRates());
}

// Both tables in step, as in a producer; items are clicks.
void BM_ClicksAndTheirOrders(benchmark::State& state) {
  const ShopScenario scenario = MakeScenario(FaultRates());
  const auto clicks = static_cast<uint64_t>(state.range(0));
  RecordBlock block;
  uint64_t from = 0;
  size_t bytes = 0;
  for (auto _ : state) {
    const uint64_t to = from + clicks;
    block.Clear();
    const bool ok = scenario.Generate(ShopScenario::kClicks, from, to, &block).ok() &&
                    scenario
                        .Generate(ShopScenario::kOrders, ShopScenario::OrdersForClicks(from),
                                  ShopScenario::OrdersForClicks(to), &block)
                        .ok();
    if (!ok) state.SkipWithError("Generate failed");
    bytes += block.bytes().size();
    from = to;
  }
  state.SetItemsProcessed(static_cast<int64_t>(from));
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

// Cost of a first access at a random position of the stream.
void BM_RandomAccess(benchmark::State& state) {
  const ShopScenario scenario = MakeScenario(FaultRates());
  RecordBlock block;
  uint64_t from = 0;
  for (auto _ : state) {
    block.Clear();
    if (!scenario.Generate(ShopScenario::kClicks, from, from + 1, &block).ok())
      state.SkipWithError("Generate failed");
    from = (from + 1'000'003) % 1'000'000'000;
  }
}

BENCHMARK(BM_Clicks)->Arg(8192)->Arg(65536);
BENCHMARK(BM_ClicksWithFaults)->Arg(8192);
BENCHMARK(BM_OrdersAlone)->Arg(2048);
BENCHMARK(BM_ClicksAndTheirOrders)->Arg(8192);
BENCHMARK(BM_RandomAccess)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace forebay

BENCHMARK_MAIN();
