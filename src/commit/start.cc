#include "commit/start.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "base/time.h"
#include "commit/adopt_log.h"
#include "commit/landed_contracts.h"
#include "commit/landed_logs.h"
#include "decode/schema.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

using kafka::NamedPartition;
using kafka::Position;
using kafka::TopicInfo;
using kafka::Watermarks;

using Tables = std::vector<const Table*>;

// The requested tables, in the contract's order.
Result<Tables> TablesToLand(const StartOptions& options) {
  const auto& asked = options.tables;
  Tables tables;
  for (const Table& table : options.contract->tables) {
    if (asked.empty() || std::find(asked.begin(), asked.end(), table.name) != asked.end()) {
      tables.push_back(&table);
    }
  }
  for (const std::string& name : asked) {
    if (options.contract->FindTable(name) == nullptr) {
      return InvalidArgumentError("the contract has no table '" + name + "'");
    }
  }
  return tables;
}

std::vector<std::string> TopicNames(const Tables& tables) {
  std::vector<std::string> names;
  for (const Table* table : tables) names.push_back(table->topic.name);
  return names;
}

std::string Place(const std::string& topic, PartitionId partition) {
  return "topic '" + topic + "' partition " + std::to_string(partition.value());
}

Error RecreatedError(const std::string& topic) {
  return UnavailableError(
      "topic '" + topic +
      "' was deleted and recreated since it was last landed: its offsets start again. Nothing was landed "
      "of the new one; to land it, run `forebay land --adopt-topic " +
      topic + "`");
}

// Refuses a contract that does not fit the lake's rows.
Result<LandedForms> CheckContract(const StartOptions& options, Ledger& ledger) {
  FOREBAY_ASSIGN(const std::optional<LandedContracts> landed, LoadLandedContracts(ledger));
  if (!landed) return LandedForms();
  const Contract& after = *options.contract;
  if (landed->newest.yaml == after.yaml) return landed->tables;
  FOREBAY_ASSIGN(const std::vector<ContractChange> changes, CompareWithLake(*landed, after, ledger));
  FOREBAY_TRY(CheckChanges(changes, landed->newest, after));
  spdlog::info(
      "the contract has changed since the last batch; `forebay contract diff --lake` lists the changes");
  return landed->tables;
}

// A topic to adopt must be in the contract. Otherwise a misspelled topic would be ignored silently.
Status CheckAdopted(const StartOptions& options) {
  for (const std::string& topic : options.adopt_topics) {
    const auto is_it = [&](const Table& table) { return table.topic.name == topic; };
    const std::vector<Table>& tables = options.contract->tables;
    if (std::none_of(tables.begin(), tables.end(), is_it)) {
      return InvalidArgumentError(
          "no table of the contract has the topic '" + topic +
          "', which is to be adopted; give --adopt-topic a topic as the contract names it");
    }
  }
  return Ok();
}

// Compares the topic's current id with the id that was current in the ledger before the broker was queried.
Status CheckTopic(const StartOptions& options, const Table& table, const TopicInfo& info,
                  const std::optional<LedgerTopic>& known, Ledger& ledger) {
  if (!info.exists) {
    return UnavailableError("topic '" + info.name +
                            "' does not exist; run `forebay topics apply` with the same contract");
  }
  if (info.id.empty()) {
    return UnavailableError("the broker gives no id for topic '" + info.name +
                            "'; Forebay needs Kafka 3.1 or newer, with topic ids");
  }
  if (known && known->table != table.name) FOREBAY_TRY(ledger.RenameTable(info.name, table.name));
  if (!known || known->id == info.id || !FOREBAY_SAFEGUARD("start:topic_id")) return Ok();
  const auto& adopt = options.adopt_topics;
  if (std::find(adopt.begin(), adopt.end(), info.name) == adopt.end()) return RecreatedError(info.name);
  return ledger.AdoptTopic(info.name, known->id, info.id);
}

// Commits the beginnings of partitions that the ledger does not have. Partitions of a new topic begin as
// --start specifies; partitions added to a known topic begin at 0.
Status BeginPartitions(const StartOptions& options, const Tables& tables, kafka::Admin& admin, Ledger& ledger,
                       const std::vector<TopicInfo>& infos) {
  std::vector<Beginning> beginnings;
  std::vector<NamedPartition> unseen;
  std::vector<size_t> unseen_at;
  for (size_t t = 0; t < infos.size(); ++t) {
    FOREBAY_ASSIGN(const auto next, ledger.NextPositions(infos[t].id));
    for (int32_t p = 0; p < infos[t].partitions; ++p) {
      if (next.contains(PartitionId(p))) continue;
      beginnings.push_back({infos[t].name, tables[t]->name, {infos[t].id, PartitionId(p)}, Offset(0)});
      if (!next.empty()) continue;
      unseen.push_back({infos[t].name, PartitionId(p)});
      unseen_at.push_back(beginnings.size() - 1);
    }
  }
  if (beginnings.empty()) return Ok();
  std::vector<Offset> starts;
  if (options.start.kind == StartAt::Kind::kTimestamp) {
    FOREBAY_ASSIGN(starts, admin.OffsetsForTimestamp(unseen, options.start.timestamp_ms));
  } else {
    FOREBAY_ASSIGN(const std::vector<Watermarks> marks, admin.QueryWatermarks(unseen));
    const bool earliest = options.start.kind == StartAt::Kind::kEarliest;
    for (const Watermarks& mark : marks) starts.push_back(earliest ? mark.earliest : mark.stable);
  }
  for (size_t i = 0; i < unseen.size(); ++i) beginnings[unseen_at[i]].offset = starts[i];
  return ledger.CommitBeginnings(beginnings);
}

// Why records of this topic may expire as they arrive; empty if they do not, or if the settings are unknown.
std::string ExpiryHint(kafka::Admin& admin, const std::string& topic) {
  const auto found = admin.TopicSettings(topic);
  if (!found.ok() || !found->has_value()) return "";
  std::map<std::string, std::string> settings = **found;
  const std::string& retention = settings["retention.ms"];
  if (settings["message.timestamp.type"] != "CreateTime" || retention.empty() || retention == "-1" ||
      settings["cleanup.policy"].find("delete") == std::string::npos)
    return "";
  return "; the topic takes any timestamp that a producer sets (message.timestamp.type=CreateTime), and "
         "keeps records by it (retention.ms=" +
         retention +
         "): records with older timestamps, such as event times of the past, or seconds instead of "
         "milliseconds, expire as they arrive";
}

// Records between the ledger's position and the earliest offset at the broker have expired.
Status CheckExpired(const StartOptions& options, kafka::Admin& admin, Ledger& ledger,
                    const std::string& topic, const TopicPartition& log, const Watermarks& marks,
                    Offset* next) {
  const std::string place = Place(topic, log.partition);
  if (*next < marks.earliest && FOREBAY_SAFEGUARD("start:expired_records")) {
    const std::string lost =
        "[" + std::to_string(next->value()) + ", " + std::to_string(marks.earliest.value()) + ")";
    if (!options.accept_loss) {
      return UnavailableError("offsets " + lost + " of " + place +
                              " expired before they were landed; to continue without them, and record the "
                              "loss, run `forebay land --accept-loss`" +
                              ExpiryHint(admin, topic));
    }
    spdlog::warn("accepting the loss of offsets {} of {}", lost, place);
    FOREBAY_TRY(ledger.AcceptLoss({{log, {*next, marks.earliest}, 0}}));
    *next = marks.earliest;
  }
  if (*next > marks.stable && FOREBAY_SAFEGUARD("start:ledger_is_not_ahead")) {
    return UnavailableError(place + " ends at offset " + std::to_string(marks.stable.value()) +
                            ", but the ledger has landed it up to " + std::to_string(next->value()) +
                            ": these brokers are not the ones that the lake was landed from, or they lost "
                            "records; to land this log "
                            "from where it differs, run `forebay land --adopt-log " +
                            topic + ":" + std::to_string(log.partition.value()) + "`");
  }
  return Ok();
}

// Says which records no consumer can read yet. Returns their number.
int64_t ReportHeldBack(const std::vector<kafka::HeldPartition>& held, kafka::Admin& admin) {
  constexpr size_t kNamed = 10;
  constexpr int64_t kLongMs = 60'000;  // longer than a transaction of a producer with default settings
  int64_t offsets = 0;
  const std::vector<kafka::OpenTransaction> transactions = admin.DescribeTransactions(held);
  for (size_t i = 0; i < held.size(); ++i) {
    const int64_t here = held[i].end.value() - held[i].stable.value();
    offsets += here;
    if (i >= kNamed) continue;
    const std::string about = kafka::DescribeTransaction(transactions[i]);
    const bool is_long = !transactions[i].since_ms || WallClockMillis() - *transactions[i].since_ms > kLongMs;
    spdlog::log(is_long ? spdlog::level::warn : spdlog::level::info,
                "{} records of {} wait behind an open transaction{}{}, and are landed once it has ended{}",
                here, Place(held[i].topic, held[i].partition), about.empty() ? "" : " ", about,
                is_long ? "; " + kafka::TransactionCommand(admin.brokers(), held[i], transactions[i]) : "");
  }
  if (held.size() > kNamed)
    spdlog::info("records of {} more partitions wait behind open transactions", held.size() - kNamed);
  return offsets;
}

}  // namespace

Result<LandPlan> PrepareLanding(const StartOptions& options, kafka::Admin& admin, TableStore& store,
                                Ledger& ledger) {
  FOREBAY_ASSIGN(const LandedForms landed, CheckContract(options, ledger));
  FOREBAY_TRY(CheckAdopted(options));
  FOREBAY_ASSIGN(const Tables tables, TablesToLand(options));
  // Read the ledger before the broker. Otherwise a stale id could replace a newer one that another process
  // adopted in between.
  std::vector<std::optional<LedgerTopic>> known;
  for (const std::string& name : TopicNames(tables)) {
    FOREBAY_ASSIGN(known.emplace_back(), ledger.CurrentTopic(name));
  }
  FOREBAY_ASSIGN(const std::vector<TopicInfo> infos, admin.DescribeTopics(TopicNames(tables)));
  for (size_t i = 0; i < infos.size(); ++i)
    FOREBAY_TRY(CheckTopic(options, *tables[i], infos[i], known[i], ledger));
  FOREBAY_TRY(BeginPartitions(options, tables, admin, ledger, infos));
  if (!options.adopt_logs.empty())
    FOREBAY_TRY(AdoptLogs({options.brokers, options.stop}, admin, store, ledger, options.adopt_logs));

  LandPlan plan;
  plan.quarantine_schema = QuarantineSchema();
  std::vector<NamedPartition> partitions;
  for (uint32_t t = 0; t < infos.size(); ++t) {
    plan.topics.push_back({tables[t], infos[t].id, FileSchema(*tables[t], landed)});
    FOREBAY_ASSIGN(const auto next, ledger.NextPositions(infos[t].id));
    for (const auto& [partition, position] : next) {
      plan.starts.push_back({t, partition, position.next});
      plan.logs.push_back({infos[t].id, partition, position.incarnation});
      partitions.push_back({infos[t].name, partition});
    }
  }
  FOREBAY_TRY(CheckLandedLogs({options.brokers, options.stop}, partitions, admin, store, ledger, &plan));
  FOREBAY_ASSIGN(const std::vector<Watermarks> marks, admin.QueryWatermarks(partitions));
  std::vector<kafka::HeldPartition> held;
  for (size_t i = 0; i < plan.starts.size(); ++i) {
    Position& start = plan.starts[i];
    if (marks[i].end > marks[i].stable)
      held.push_back({infos[start.topic].name, start.partition, marks[i].stable, marks[i].end});
    FOREBAY_TRY(
        CheckExpired(options, admin, ledger, infos[start.topic].name, plan.logs[i], marks[i], &start.offset));
    if (!options.follow) plan.ends.push_back({start.topic, start.partition, marks[i].stable});
  }
  plan.held_back = ReportHeldBack(held, admin);
  return plan;
}

std::vector<int32_t> KnownPartitions(const LandPlan& plan) {
  std::vector<int32_t> known(plan.topics.size());
  for (const Position& start : plan.starts) {
    known[start.topic] = std::max(known[start.topic], start.partition.value() + 1);
  }
  return known;
}

Result<TopicChanges> RefreshTopics(const LandPlan& plan, kafka::Admin& admin,
                                   const std::vector<int32_t>& known_partitions) {
  std::vector<std::string> names;
  for (const LandTopic& topic : plan.topics) names.push_back(topic.table->topic.name);
  FOREBAY_ASSIGN(const std::vector<TopicInfo> infos, admin.DescribeTopics(names));
  TopicChanges changes;
  for (uint32_t t = 0; t < infos.size(); ++t) {
    if (!infos[t].exists) {
      return UnavailableError(
          "topic '" + infos[t].name +
          "' was deleted while it was being landed; landed records stay, the others are gone with "
          "the topic; create it with `forebay topics apply`, then land with --adopt-topic");
    }
    if (infos[t].id != plan.topics[t].id && FOREBAY_SAFEGUARD("commit:topic_id"))
      return RecreatedError(infos[t].name);
    for (int32_t p = known_partitions[t]; p < infos[t].partitions; ++p) {
      changes.added.push_back({t, PartitionId(p), Offset(0)});
    }
  }
  return changes;
}

Status BeginAdded(const LandPlan& plan, const std::vector<Position>& added, Ledger& ledger,
                  std::vector<int32_t>* known_partitions) {
  if (added.empty()) return Ok();
  std::vector<Beginning> beginnings;
  for (const Position& position : added) {
    const LandTopic& topic = plan.topics[position.topic];
    beginnings.push_back(
        {topic.table->topic.name, topic.table->name, {topic.id, position.partition}, Offset(0)});
    int32_t& known = (*known_partitions)[position.topic];
    known = std::max(known, position.partition.value() + 1);
    spdlog::info("topic '{}' has a new partition, {}", topic.table->topic.name, position.partition.value());
  }
  return ledger.CommitBeginnings(beginnings);
}

}  // namespace forebay
