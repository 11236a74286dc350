#include "commit/start.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "base/time.h"
#include "commit/adopt_log.h"
#include "commit/find_topics.h"
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

std::string DeletedText(const std::string& topic) {
  return "topic '" + topic +
         "' was deleted while it was being landed; landed records stay, the others are gone with the topic";
}

std::string Place(const std::string& topic, PartitionId partition) {
  return "topic '" + topic + "' partition " + std::to_string(partition.value());
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

// The first offsets to land of new partitions.
Result<std::vector<Offset>> StartsOf(const StartAt& start, const std::vector<NamedPartition>& partitions,
                                     kafka::Admin& admin) {
  if (partitions.empty()) return std::vector<Offset>();
  if (start.kind == StartAt::Kind::kTimestamp)
    return admin.OffsetsForTimestamp(partitions, start.timestamp_ms);
  std::vector<Offset> starts;
  FOREBAY_ASSIGN(const std::vector<Watermarks> marks, admin.QueryWatermarks(partitions));
  const bool earliest = start.kind == StartAt::Kind::kEarliest;
  for (const Watermarks& mark : marks) starts.push_back(earliest ? mark.earliest : mark.stable);
  return starts;
}

// Partitions of new topics, and their places in a list of beginnings.
struct UnseenPartitions {
  StartAt start;
  std::vector<NamedPartition> partitions;
  std::vector<size_t> places;
};

// Commits the beginnings of partitions that the ledger does not have. Partitions of a new topic begin as
// --start specifies, or at the earliest offset if the topic appeared late; partitions added to a known topic
// begin at 0.
Status BeginPartitions(const StartOptions& options, const std::vector<FoundTopic>& topics,
                       kafka::Admin& admin, Ledger& ledger) {
  FOREBAY_ASSIGN(auto known, ledger.NextPositions());
  std::vector<Beginning> beginnings;
  UnseenPartitions unseen{options.start, {}, {}};
  UnseenPartitions late;
  for (const auto& [selected, info, is_late] : topics) {
    const std::map<PartitionId, LogPosition>& next = known[info.id];
    for (int32_t p = 0; p < info.partitions; ++p) {
      if (next.contains(PartitionId(p))) continue;
      beginnings.push_back({info.name, selected.table, {info.id, PartitionId(p)}, Offset(0)});
      if (!next.empty()) continue;
      UnseenPartitions& of = is_late ? late : unseen;
      of.partitions.push_back({info.name, PartitionId(p)});
      of.places.push_back(beginnings.size() - 1);
    }
  }
  for (const UnseenPartitions* const of : {&unseen, &late}) {
    FOREBAY_ASSIGN(const std::vector<Offset> starts, StartsOf(of->start, of->partitions, admin));
    for (size_t i = 0; i < starts.size(); ++i) beginnings[of->places[i]].offset = starts[i];
  }
  return ledger.CommitBeginnings(beginnings);
}

// The tables and topics of a plan, and their partitions as the ledger has them.
Result<LandPlan> PlanTopics(const std::vector<FoundTopic>& topics, const LandedForms& landed,
                            Ledger& ledger) {
  LandPlan plan;
  plan.quarantine_schema = QuarantineSchema();
  FOREBAY_ASSIGN(auto known, ledger.NextPositions());
  std::map<std::string, uint32_t> tables;
  for (const FoundTopic& found : topics) {
    const SelectedTopic& selected = found.selected;
    const auto [table, is_new] =
        tables.try_emplace(selected.table, static_cast<uint32_t>(plan.tables.size()));
    if (is_new) {
      const auto made = std::make_shared<const Table>(TableOf(selected));
      plan.tables.push_back({made, FileSchema(*made, landed)});
    }
    const auto index = static_cast<uint32_t>(plan.topics.size());
    plan.Add({selected.topic, found.info.id, table->second, selected.by_name});
    for (const auto& [partition, position] : known[found.info.id])
      plan.Add({index, partition, position.next}, position.incarnation);
  }
  return plan;
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

Result<LandPlan> PlanLanding(const StartOptions& options, const LandedForms& landed,
                             const std::vector<FoundTopic>& topics, kafka::Admin& admin, TableStore& store,
                             Ledger& ledger) {
  FOREBAY_TRY(BeginPartitions(options, topics, admin, ledger));
  // Afterwards: topics that exist now begin as --start says.
  FOREBAY_TRY(ledger.NotePatternTables(RequestedPatternTables(options)));
  if (!options.adopt_logs.empty())
    FOREBAY_TRY(AdoptLogs({options.brokers, options.stop}, admin, store, ledger, options.adopt_logs));

  FOREBAY_ASSIGN(LandPlan plan, PlanTopics(topics, landed, ledger));
  std::vector<NamedPartition> partitions;
  for (const Position& start : plan.starts)
    partitions.push_back({plan.topics[start.topic].name, start.partition});
  FOREBAY_TRY(CheckLandedLogs({options.brokers, options.stop}, partitions, admin, store, ledger, &plan));
  FOREBAY_ASSIGN(const std::vector<Watermarks> marks, admin.QueryWatermarks(partitions));
  std::vector<kafka::HeldPartition> held;
  for (size_t i = 0; i < plan.starts.size(); ++i) {
    Position& start = plan.starts[i];
    const std::string& name = plan.topics[start.topic].name;
    if (marks[i].end > marks[i].stable)
      held.push_back({name, start.partition, marks[i].stable, marks[i].end});
    FOREBAY_TRY(CheckExpired(options, admin, ledger, name, plan.logs[i], marks[i], &start.offset));
    if (!options.follow) plan.ends.push_back({start.topic, start.partition, marks[i].stable});
  }
  plan.held_back = ReportHeldBack(held, admin);
  return plan;
}

}  // namespace

Result<LandPlan> PrepareLanding(const StartOptions& options, kafka::Admin& admin, TableStore& store,
                                Ledger& ledger) {
  FOREBAY_ASSIGN(const LandedForms landed, CheckContract(options, ledger));
  std::vector<std::string> warnings;
  FOREBAY_ASSIGN(const std::vector<FoundTopic> topics, FindTopics(options, admin, ledger, &warnings));
  Result<LandPlan> plan = PlanLanding(options, landed, topics, admin, store, ledger);
  if (plan.ok()) {
    plan->warnings = std::move(warnings);
  } else if (plan.error().code() == ErrorCode::kUnavailable) {
    FOREBAY_TRY(CheckStillThere(topics, admin));
  }
  return plan;
}

void WarnOnce(const LandPlan& plan, std::vector<std::string>* said) {
  if (plan.warnings == *said) return;
  *said = plan.warnings;
  for (const std::string& sentence : plan.warnings) spdlog::warn("{}", sentence);
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
  for (const LandTopic& topic : plan.topics) names.push_back(topic.name);
  FOREBAY_ASSIGN(const std::vector<TopicInfo> infos, admin.DescribeTopics(names));
  TopicChanges changes;
  for (uint32_t t = 0; t < infos.size(); ++t) {
    if (!infos[t].exists && !plan.topics[t].by_name) {
      changes.gone.push_back(plan.topics[t].id);
      continue;
    }
    if (!infos[t].exists) {
      return UnavailableError(DeletedText(infos[t].name) +
                              "; create it with `forebay topics apply`, then land with --adopt-topic");
    }
    if (infos[t].id != plan.topics[t].id && FOREBAY_SAFEGUARD("commit:topic_id"))
      return RecreatedError(infos[t].name);
    for (int32_t p = known_partitions[t]; p < infos[t].partitions; ++p) {
      changes.added.push_back({t, PartitionId(p), Offset(0)});
    }
  }
  return changes;
}

Status CheckGone(const LandPlan& plan, const TopicChanges& changes, const std::vector<BatchRange>& ranges) {
  for (const BatchRange& range : ranges) {
    const TopicId& id = range.partition.topic_id;
    if (std::find(changes.gone.begin(), changes.gone.end(), id) == changes.gone.end()) continue;
    return Error(ErrorCode::kConflict, DeletedText(plan.topics[plan.IndexOf(id)].name));
  }
  return Ok();
}

void WarnOfGone(const LandPlan& plan, const TopicChanges& changes) {
  for (const TopicId& id : changes.gone) spdlog::warn("{}", DeletedText(plan.topics[plan.IndexOf(id)].name));
}

Status BeginAdded(const LandPlan& plan, const std::vector<Position>& added, Ledger& ledger,
                  std::vector<int32_t>* known_partitions) {
  if (added.empty()) return Ok();
  std::vector<Beginning> beginnings;
  for (const Position& position : added) {
    const LandTopic& topic = plan.topics[position.topic];
    beginnings.push_back({topic.name, plan.TableOf(topic).name, {topic.id, position.partition}, Offset(0)});
    int32_t& known = (*known_partitions)[position.topic];
    known = std::max(known, position.partition.value() + 1);
    spdlog::info("topic '{}' has a new partition, {}", topic.name, position.partition.value());
  }
  return ledger.CommitBeginnings(beginnings);
}

}  // namespace forebay
