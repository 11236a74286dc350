#include "produce/plan.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/time.h"
#include "base/units.h"
#include "contract/contract_hash.h"
#include "produce/resume.h"
#include "produce/topics.h"

namespace forebay::produce {
namespace {

constexpr uint64_t kMaxSequence = uint64_t{1} << 48;
constexpr double kUnpacedEventRate =
    500'000;  // clicks a second of event time, for an endless run at full speed
constexpr uint64_t kOrdersSample = 1'000'000;  // clicks over which the share of orders is computed

std::string MakeRunId() {
  uint32_t random = 0;
  FOREBAY_ASSERT(getrandom(&random, sizeof random, 0) == sizeof random);
  std::string time = FormatTimestamp(WallClockMillis() / 1000 * kMicrosPerSecond);  // 2025-10-30T12:00:00Z
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}-{:08x}", time, random);
}

// The topic to produce to, of a table of the contract.
Result<SelectedTopic> ChooseTopic(const PlanText& text, const Table& declared) {
  const std::vector<std::string> names = NamedTopics(declared);
  const bool is_only = names.size() == 1 && PatternsOf(declared).empty();
  if (text.topic.empty() && !is_only) {
    return InvalidArgumentError(
        fmt::format("table '{}' has several topics ({}); --topic names the one to produce to", declared.name,
                    DescribeTopics(declared)));
  }
  const std::string& name = text.topic.empty() ? names.front() : text.topic;
  if (const std::optional<SelectedTopic> topic = FindTopic(declared, name)) return *topic;
  return InvalidArgumentError(fmt::format("table '{}' does not have the topic '{}'; its topics are {}",
                                          declared.name, name, DescribeTopics(declared)));
}

// The table that the options name.
Result<const Table*> ChooseTable(const PlanText& text, const Contract& contract) {
  if (!text.table.empty()) {
    if (const Table* const table = contract.FindTable(text.table, text.topic)) return table;
    return InvalidArgumentError(
        fmt::format("{} has no table '{}'; see `forebay contract check`", text.contract, text.table));
  }
  if (!text.topic.empty()) {
    FOREBAY_TRY(SelectTopics(contract.tables, {text.topic}));  // not of two tables
    for (const Table& table : contract.tables) {
      if (FindTopic(table, text.topic)) return &table;
    }
    return InvalidArgumentError(fmt::format("no table of {} has the topic '{}'; see `forebay contract check`",
                                            text.contract, text.topic));
  }
  if (contract.tables.size() == 1) return &contract.tables.front();
  return InvalidArgumentError("--from requires --table, the table of the records");
}

Result<std::vector<SelectedTopic>> ChooseTopics(const PlanText& text, const Contract& contract) {
  std::vector<SelectedTopic> topics;
  if (!text.table.empty() || !text.topic.empty() || !text.from.empty()) {
    FOREBAY_ASSIGN(const Table* const table, ChooseTable(text, contract));
    FOREBAY_ASSIGN(topics.emplace_back(), ChooseTopic(text, *table));
    return topics;
  }
  // Clicks first: the orders of a step follow their clicks.
  for (const std::string_view name : {ShopScenario::kClicks, ShopScenario::kOrders}) {
    const Table* const table = contract.FindTable(name);
    if (table == nullptr) continue;
    FOREBAY_ASSIGN(topics.emplace_back(), ChooseTopic(text, *table));
  }
  if (!topics.empty()) return topics;
  return InvalidArgumentError(
      fmt::format("{} has none of the scenario's tables (clicks, orders); to send your own records "
                  "use --table TABLE --from FILE",
                  text.contract));
}

// An endless or time-limited run generates events from now on, as dense as they are sent.
void LetEventsFollowTheClock(const PlanText& text, size_t tables, ScenarioText* scenario) {
  if (text.records > 0 || !scenario->event_start.empty() || !scenario->event_rate.empty()) return;
  double clicks_per_second = text.rate > 0 ? text.rate : kUnpacedEventRate;
  const double orders = static_cast<double>(ShopScenario::OrdersForClicks(kOrdersSample)) / kOrdersSample;
  if (tables > 1) clicks_per_second /= 1 + orders;
  if (tables == 1 && text.table == ShopScenario::kOrders) clicks_per_second /= orders;
  scenario->event_start = "now";
  scenario->event_rate = fmt::format("{:.3f}", std::max(clicks_per_second, 0.001));
}

Status PlanScenario(const PlanText& text, Plan* plan) {
  std::vector<std::string> names;
  for (const auto& table : plan->tables) {
    FOREBAY_TRY(ShopScenario::CheckTable(*table));
    names.push_back(table->name);
  }
  if (text.first > kMaxSequence || text.records > kMaxSequence) {
    return InvalidArgumentError("--first and --records together exceed 2^48; reduce one of them");
  }
  ScenarioRange range;
  range.from = text.first;
  range.to = text.records > 0 ? text.first + text.records : kMaxSequence;
  // Small blocks for paced records, so that the tables alternate often.
  if (text.rate > 0)
    range.block_records = std::clamp<uint64_t>(static_cast<uint64_t>(text.rate / 10), 1, range.block_records);
  uint64_t end_clicks = text.records > 0 ? range.to : 0;
  if (names.size() == 1 && names[0] == ShopScenario::kOrders)
    end_clicks = ShopScenario::ClicksForOrders(end_clicks);
  if (text.records > 0) {
    plan->total = text.records;
    if (names.size() > 1) {
      FOREBAY_ASSIGN(const uint64_t before, ShopScenario::CountFor(ShopScenario::kOrders, range.from));
      FOREBAY_ASSIGN(const uint64_t after, ShopScenario::CountFor(ShopScenario::kOrders, range.to));
      plan->total += after - before;
    }
  }
  ScenarioText scenario_text = text.scenario;
  LetEventsFollowTheClock(text, names.size(), &scenario_text);
  FOREBAY_ASSIGN(const ScenarioOptions options, ReadScenarioText(scenario_text, end_clicks));
  FOREBAY_ASSIGN(ShopScenario scenario, ShopScenario::Create(options));
  plan->source = MakeScenarioSource(std::move(scenario), names, range);
  plan->receipt.seed = text.scenario.seed;
  plan->receipt.source = "scenario";
  return Ok();
}

// The records of the run, from the first one on.
Status OpenSource(const PlanText& text, Plan* plan) {
  if (text.from.empty()) return PlanScenario(text, plan);
  if (text.records > 0 || text.first > 0)
    return InvalidArgumentError("--records and --first apply only to the scenario; --from sends all records");
  FOREBAY_ASSIGN(plan->source, OpenJsonSource(text.from, *plan->tables.front(), plan->options.stop));
  plan->receipt.source = text.from == "-" ? kStandardInput : text.from;
  return Ok();
}

// Reads all of the input first, where that is possible.
Status PlanInput(const PlanText& text, Plan* plan) {
  FOREBAY_ASSIGN(plan->input, CheckInput(text.from, *plan->tables.front(), plan->options.stop));
  if (plan->input) plan->total = plan->input->records;
  if (!text.refuse_rejects) return Ok();
  if (!plan->input)
    return InvalidArgumentError("--refuse-rejects needs an input that can be read twice; pass --from a file");
  if (plan->input->rejected == 0) return Ok();
  return InvalidArgumentError("nothing was sent (--refuse-rejects): " + RejectsText(*plan->input));
}

Status CheckResumable(const PlanText& text, const Receipt& receipt, const Plan& plan,
                      const Contract& contract) {
  const auto refuse = [&](const std::string& why) {
    return InvalidArgumentError(
        fmt::format("run {} of {} cannot be resumed: {}", receipt.run, text.receipt, why));
  };
  if (receipt.state == ReceiptState::kComplete) return refuse("it is complete");
  if (!receipt.resumable()) return refuse("an older version of Forebay wrote its receipt");
  if (plan.options.endless) return refuse("it has no end; start another run instead");
  if (text.from == "-") return refuse("standard input cannot be read again; pass --from a file");
  if (receipt.contract_hash != ContractHash(contract.yaml))
    return refuse("its contract was another one; resume with the contract that it began with");
  bool same = receipt.tables.size() == plan.receipt.tables.size();
  for (size_t i = 0; same && i < receipt.tables.size(); ++i) {
    same = receipt.tables[i].table == plan.receipt.tables[i].table &&
           receipt.tables[i].topic == plan.receipt.tables[i].topic;
  }
  return same ? Ok() : Status(refuse("it produced other tables; repeat its options"));
}

// Replaces the plan's blank receipt by that of the interrupted run.
Status TakeUp(const PlanText& text, const Contract& contract, Plan* plan) {
  FOREBAY_ASSIGN(ReceiptFile file, ReceiptFile::Resume(text.receipt));
  FOREBAY_ASSIGN(Receipt receipt, ReadReceipt(text.receipt));
  FOREBAY_TRY(CheckResumable(text, receipt, *plan, contract));
  FOREBAY_TRY(CheckSentRecords(*plan->source, receipt, plan->options.stop));
  FOREBAY_TRY(OpenSource(text, plan));  // the check has read the other one
  plan->may_be_more = receipt.state == ReceiptState::kRunning;
  for (ReceiptTable& table : receipt.tables) {
    plan->may_be_more = plan->may_be_more || table.uncertain > 0;
    table.failed = table.uncertain = 0;  // those that are not in the topic are sent again
  }
  receipt.state = ReceiptState::kRunning;
  plan->receipt = std::move(receipt);
  plan->resumed = true;
  plan->file = std::move(file);
  return Ok();
}

}  // namespace

Result<Plan> MakePlan(const PlanText& text, const Contract& contract, const std::atomic<bool>* stop) {
  Plan plan;
  plan.options.records_per_second = text.rate;
  plan.options.stop = stop;
  plan.options.endless = text.from.empty() && text.records == 0;
  FOREBAY_ASSIGN(plan.topics, ChooseTopics(text, contract));
  for (const SelectedTopic& topic : plan.topics)
    plan.tables.push_back(std::make_shared<const Table>(TableOf(topic)));
  FOREBAY_TRY(OpenSource(text, &plan));
  if (text.refuse_rejects && text.from.empty())
    return InvalidArgumentError("--refuse-rejects applies only to --from");
  if (!text.from.empty()) FOREBAY_TRY(PlanInput(text, &plan));
  plan.receipt.run = MakeRunId();
  plan.receipt.contract_hash = ContractHash(contract.yaml);
  plan.receipt.producer = text.producer;
  plan.receipt.started_ms = WallClockMillis();
  for (const SelectedTopic& topic : plan.topics) {
    ReceiptTable of;
    of.table = topic.table;
    of.topic = topic.topic;
    plan.receipt.tables.push_back(std::move(of));
  }
  if (!text.duration.empty()) {
    FOREBAY_ASSIGN(plan.options.duration_ms, ReadDurationMs(text.duration));
    if (plan.options.duration_ms == 0) return InvalidArgumentError("--duration must be above 0");
  }
  FOREBAY_ASSIGN(plan.options.stop_timeout_ms, ReadDurationMs(text.stop_timeout));
  FOREBAY_ASSIGN(plan.delivery_timeout_ms, ReadDurationMs(text.delivery_timeout));
  if (text.resume) FOREBAY_TRY(TakeUp(text, contract, &plan));
  return plan;
}

Result<ReceiptFile> OpenReceipt(const PlanText& text, Plan& plan) {
  if (plan.file) return *std::exchange(plan.file, std::nullopt);
  return ReceiptFile::Create(ReceiptPath(text.receipt, plan.receipt.run), plan.receipt.run);
}

ReceiptKeeper MakeKeeper(const Plan& plan) {
  std::vector<bool> has_primary_key;
  std::vector<std::string> row_topics;
  for (size_t i = 0; i < plan.tables.size(); ++i) {
    has_primary_key.push_back(!plan.tables[i]->primary_key.empty());
    row_topics.push_back(plan.tables[i]->HasTopicColumn() ? plan.topics[i].topic : "");
  }
  return ReceiptKeeper(plan.receipt, std::move(has_primary_key), std::move(row_topics));
}

}  // namespace forebay::produce
