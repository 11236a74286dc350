#include "cli/produce_plan.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>

#include "base/time.h"
#include "cli/common.h"

namespace forebay::cli {
namespace {

constexpr uint64_t kMaxSequence = uint64_t{1} << 48;
constexpr double kUnpacedEventRate =
    500'000;  // clicks a second of event time, for an endless run at full speed
constexpr uint64_t kOrdersSample = 1'000'000;  // clicks over which the share of orders is taken

std::string MakeRunId() {
  uint32_t random = 0;
  FOREBAY_ASSERT(getrandom(&random, sizeof random, 0) == sizeof random);
  std::string time = FormatTimestamp(WallClockMillis() / 1000 * kMicrosPerSecond);  // 2025-10-30T12:00:00Z
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}-{:08x}", time, random);
}

Result<std::vector<const Table*>> ChooseTables(const ProduceFlags& flags, const Contract& contract) {
  std::vector<const Table*> tables;
  if (!flags.table.empty()) {
    const Table* table = contract.FindTable(flags.table);
    if (table == nullptr) {
      return UsageError(
          fmt::format("{} has no table '{}'; see `forebay contract check`", flags.contract, flags.table));
    }
    tables.push_back(table);
  } else if (!flags.from.empty()) {
    if (contract.tables.size() != 1)
      return UsageError("--from needs --table: say which table the records belong to");
    tables.push_back(&contract.tables.front());
  } else {
    // Clicks first: the orders of a step follow the clicks that led to them.
    for (const std::string_view name : {ShopScenario::kClicks, ShopScenario::kOrders}) {
      if (const Table* table = contract.FindTable(name)) tables.push_back(table);
    }
    if (tables.empty()) {
      return UsageError(
          fmt::format("{} has none of the scenario's tables (clicks, orders); to send your own records "
                      "use --table TABLE --from FILE",
                      flags.contract));
    }
  }
  return tables;
}

// An endless run, or one for some time, makes events of now, as dense as they are sent.
void LetEventsFollowTheClock(const ProduceFlags& flags, size_t tables, ScenarioFlags* scenario) {
  if (flags.records > 0 || !scenario->event_start.empty() || !scenario->event_rate.empty()) return;
  double clicks_per_second = flags.rate > 0 ? flags.rate : kUnpacedEventRate;
  const double orders = static_cast<double>(ShopScenario::OrdersForClicks(kOrdersSample)) / kOrdersSample;
  if (tables > 1) clicks_per_second /= 1 + orders;
  if (tables == 1 && flags.table == ShopScenario::kOrders) clicks_per_second /= orders;
  scenario->event_start = "now";
  scenario->event_rate = fmt::format("{:.3f}", std::max(clicks_per_second, 0.001));
}

Status PlanScenario(const ProduceFlags& flags, ProducePlan* plan) {
  std::vector<std::string> names;
  for (const Table* table : plan->tables) {
    FOREBAY_TRY(ShopScenario::CheckTable(*table));
    names.push_back(table->name);
  }
  if (flags.first > kMaxSequence || flags.records > kMaxSequence) {
    return UsageError("--first and --records reach beyond 2^48; make fewer records");
  }
  produce::ScenarioRange range;
  range.from = flags.first;
  range.to = flags.records > 0 ? flags.first + flags.records : kMaxSequence;
  // Small blocks where records are sent one by one, so that the tables take turns often.
  if (flags.rate > 0)
    range.block_records =
        std::clamp<uint64_t>(static_cast<uint64_t>(flags.rate / 10), 1, range.block_records);
  uint64_t end_clicks = flags.records > 0 ? range.to : 0;
  if (names.size() == 1 && names[0] == ShopScenario::kOrders)
    end_clicks = ShopScenario::ClicksForOrders(end_clicks);
  if (flags.records > 0) {
    plan->total = flags.records;
    if (names.size() > 1) {
      FOREBAY_ASSIGN(const uint64_t before, ShopScenario::CountFor(ShopScenario::kOrders, range.from));
      FOREBAY_ASSIGN(const uint64_t after, ShopScenario::CountFor(ShopScenario::kOrders, range.to));
      plan->total += after - before;
    }
  }
  ScenarioFlags scenario_flags = flags.scenario;
  LetEventsFollowTheClock(flags, names.size(), &scenario_flags);
  FOREBAY_ASSIGN(const ScenarioOptions options, ToScenarioOptions(scenario_flags, end_clicks));
  FOREBAY_ASSIGN(ShopScenario scenario, ShopScenario::Create(options));
  plan->source = produce::MakeScenarioSource(std::move(scenario), names, range);
  plan->receipt.seed = flags.scenario.seed;
  plan->receipt.source = "scenario";
  return Ok();
}

}  // namespace

Result<ProducePlan> MakeProducePlan(const ProduceFlags& flags, const Contract& contract) {
  ProducePlan plan;
  FOREBAY_ASSIGN(plan.tables, ChooseTables(flags, contract));
  if (flags.from.empty()) {
    FOREBAY_TRY(PlanScenario(flags, &plan));
  } else {
    if (flags.records > 0 || flags.first > 0)
      return UsageError("--records and --first are the scenario's; --from sends all lines");
    FOREBAY_ASSIGN(plan.source, produce::OpenLinesSource(flags.from, *plan.tables.front(), &StopRequested()));
    plan.receipt.source = flags.from == "-" ? "standard input" : flags.from;
  }
  plan.receipt.run = MakeRunId();
  plan.receipt.producer = "forebay produce " FOREBAY_VERSION;
  plan.receipt.started_ms = WallClockMillis();
  for (const Table* table : plan.tables) {
    ReceiptTable of;
    of.table = table->name;
    of.topic = table->topic.name;
    plan.receipt.tables.push_back(std::move(of));
  }
  plan.options.records_per_second = flags.rate;
  plan.options.stop = &StopRequested();
  if (!flags.duration.empty()) {
    FOREBAY_ASSIGN(plan.options.duration_ms, ParseDurationMs(flags.duration));
    if (plan.options.duration_ms == 0) return UsageError("--duration must be longer than nothing");
  }
  FOREBAY_ASSIGN(plan.options.stop_patience_ms, ParseDurationMs(flags.stop_patience));
  FOREBAY_ASSIGN(plan.delivery_timeout_ms, ParseDurationMs(flags.delivery_timeout));
  return plan;
}

}  // namespace forebay::cli
