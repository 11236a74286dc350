#include "cli/status_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "read/field_report.h"
#include "report/text_table.h"
#include "serve/status_json.h"

namespace forebay::cli {
namespace {

using serve::PeriodStateName;

constexpr size_t kPeriodsShown = 31;
constexpr size_t kPartitionsShown = 32;
constexpr size_t kCommitsShown = 5;
constexpr size_t kBarCells = 12;

std::string TimeMs(const std::optional<int64_t>& milliseconds) {
  return milliseconds ? FormatTimestamp(*milliseconds * 1000) : "-";
}

std::string TimeUs(const std::optional<int64_t>& microseconds) {
  return microseconds ? FormatTimestamp(*microseconds) : "-";
}

std::string OffsetText(const std::optional<Offset>& offset) {
  return offset ? std::to_string(offset->value()) : "-";
}

std::string LagText(const std::optional<int64_t>& lag, const Paint& paint) {
  if (!lag) return "-";
  return *lag == 0 ? paint.Good("0") : paint.Notable(Grouped(*lag));
}

std::string StateText(PeriodState state, const Paint& paint) {
  const char* const name = PeriodStateName(state);
  if (state == PeriodState::kComplete) return paint.Good(name);
  return state == PeriodState::kOpen ? paint.Notable(name) : paint.Dim(name);
}

// A bar drawn in eighths of character cells; for terminals only.
std::string Bar(uint64_t value, uint64_t greatest, const Paint& paint) {
  static constexpr const char* kEighths[] = {"",       "\u258f", "\u258e", "\u258d",
                                             "\u258c", "\u258b", "\u258a", "\u2589"};
  if (!paint.colour || greatest == 0) return "";
  const auto eighths = static_cast<size_t>(static_cast<double>(value) / static_cast<double>(greatest) *
                                           static_cast<double>(8 * kBarCells));
  std::string bar;
  for (size_t cell = 0; cell < eighths / 8; ++cell) bar += "\u2588";
  return bar + kEighths[eighths % 8];
}

// The id, of a topic that the ledger does not know.
std::string TopicName(const LakeStatus& status, const TopicId& id) {
  const auto name = status.topic_names.find(id);
  return name == status.topic_names.end() ? id.base64() : name->second;
}

// "partition 3", with the topic if the table has several.
std::string PartitionName(const TableStatus& table, const PartitionStatus& partition) {
  return fmt::format("{}{}partition {}", table.has_several_topics() ? partition.topic : "",
                     table.has_several_topics() ? " " : "", partition.partition.value());
}

void AppendPartitions(const TableStatus& table, const Paint& paint, std::string* text) {
  std::vector<std::string> columns = {">partition", "?>beginning",   ">next",           ">end",
                                      ">lag",       "?newest event", "?newest in Kafka"};
  if (table.has_several_topics()) columns.insert(columns.begin(), "topic");
  TextTable partitions(columns);
  for (size_t i = 0; i < table.partitions.size() && i < kPartitionsShown; ++i) {
    const PartitionStatus& partition = table.partitions[i];
    std::vector<std::string> cells = {std::to_string(partition.partition.value()),
                                      std::to_string(partition.beginning.value()),
                                      std::to_string(partition.next.value()),
                                      OffsetText(partition.stable),
                                      LagText(partition.lag(), paint),
                                      TimeUs(partition.newest_event_us),
                                      TimeMs(partition.newest_kafka_ms)};
    if (table.has_several_topics()) cells.insert(cells.begin(), partition.topic);
    partitions.Add(cells);
  }
  *text += partitions.Text(2, paint.columns);
  if (table.partitions.size() > kPartitionsShown) {
    *text += fmt::format("  and {} more partitions; --json lists all\n",
                         table.partitions.size() - kPartitionsShown);
  }
}

// The partitions whose records expired before they were landed, with the way out.
void AppendExpired(const TableStatus& table, const Paint& paint, std::string* text) {
  size_t shown = 0;
  for (const PartitionStatus& partition : table.partitions) {
    const int64_t expired = partition.expired().value_or(0);
    if (expired == 0 || partition.has_ended || ++shown > kPartitionsShown) continue;
    *text += fmt::format("  {}: {} in Kafka before landing: next is {}, the earliest {}\n",
                         PartitionName(table, partition),
                         paint.Bad(Counted(static_cast<uint64_t>(expired), "offset") + " expired"),
                         partition.next.value(), partition.earliest->value());
  }
  if (shown > 0) *text += "    `forebay land --accept-loss` continues without them, and records the loss\n";
}

// The partitions whose logs end before what was landed, with the way out.
void AppendCutBack(const TableStatus& table, const Paint& paint, std::string* text) {
  size_t shown = 0;
  for (const PartitionStatus& partition : table.partitions) {
    if (partition.cut_back.value_or(0) == 0 || partition.has_ended || ++shown > kPartitionsShown) continue;
    *text += fmt::format(
        "  {0}: {1}, and was landed up to offset {2}: it was cut back, or these are other brokers\n"
        "    `forebay land` stops at it; `forebay land --adopt-log {3}:{4}` lands it from where it differs\n",
        PartitionName(table, partition),
        paint.Bad(fmt::format("the log ends at offset {}", partition.stable->value())),
        partition.next.value(), partition.topic, partition.partition.value());
  }
}

// The partitions whose records wait behind an open transaction, with the command for it.
void AppendHeldBack(const LakeStatus& status, const TableStatus& table, const Paint& paint,
                    std::string* text) {
  size_t shown = 0;
  for (const PartitionStatus& partition : table.partitions) {
    const int64_t held_back = partition.held_back().value_or(0);
    if (held_back == 0 || ++shown > kPartitionsShown) continue;
    const kafka::HeldPartition held{partition.topic, partition.partition, *partition.stable, *partition.end};
    const kafka::OpenTransaction& transaction = partition.transaction;
    const std::string about = kafka::DescribeTransaction(transaction);
    *text += fmt::format(
        "  {}: {} behind an open transaction{}{}\n    {}\n", PartitionName(table, partition),
        paint.Notable(Counted(static_cast<uint64_t>(held_back), "record")), about.empty() ? "" : " " + about,
        transaction.since_ms ? fmt::format(" ({})", AgeText(status.now_ms - *transaction.since_ms)) : "",
        paint.Dim(kafka::TransactionCommand(status.brokers, held, transaction)));
  }
}

void AppendPeriods(const TableStatus& table, const Paint& paint, std::string* text) {
  if (table.periods.empty()) return;
  const size_t first = table.periods.size() > kPeriodsShown ? table.periods.size() - kPeriodsShown : 0;
  *text += "\n";
  // A table without dates lists its directories instead: "country=DE".
  const bool dates = table.periods.front().period.find('=') == std::string::npos;
  if (first > 0) {
    *text += fmt::format("  {} {} omitted; --json lists all\n", first,
                         dates ? "earlier dates" : "earlier directories");
  }
  const bool utc = table.time_zone.empty() || table.time_zone == "UTC";
  const std::string date = utc ? "date" : fmt::format("date ({})", table.time_zone);
  TextTable periods({dates ? date : "directory", "state", ">rows", "?", "?>files", "?>size", "?checksum",
                     "?>last batch", "?"});
  uint64_t greatest = 0;
  for (size_t i = first; i < table.periods.size(); ++i) greatest = std::max(greatest, table.periods[i].rows);
  std::string waits_for;
  for (size_t i = first; i < table.periods.size(); ++i) {
    const PeriodStatus& period = table.periods[i];
    std::string note;
    if (period.reopened) {
      note =
          fmt::format("reopened: records landed after batch {} completed it", period.completed_by->value());
    } else if (period.waits_for != waits_for) {
      note = period.waits_for;  // the same note is not repeated
    }
    waits_for = period.waits_for;
    periods.Add({period.period, StateText(period.state, paint), Grouped(period.rows),
                 Bar(period.rows, greatest, paint), Grouped(period.files), BytesText(period.bytes),
                 fmt::format("{:016x}", period.checksum), std::to_string(period.last_batch.value()), note});
  }
  *text += periods.Text(2, paint.columns);
}

void AppendServiceLevels(const TableStatus& table, const Paint& paint, std::string* text) {
  if (table.service_levels.empty()) return;
  TextTable levels({"service level", ">limit", "?>now", "state", "?"});
  for (const ServiceLevelStatus& level : table.service_levels) {
    const std::string state = !level.breached   ? paint.Dim("unknown")
                              : *level.breached ? paint.Bad("breached")
                                                : paint.Good("met");
    levels.Add({level.property, AgeText(level.limit_ms), level.value_ms ? AgeText(*level.value_ms) : "-",
                state, level.breached.value_or(false) ? level.detail : ""});
  }
  *text += levels.Text(2, paint.columns) + "\n";
}

// "clicks from shop.clicks", "orders from 12 topics".
std::string TopicsText(const TableStatus& table) {
  return table.has_several_topics() ? Counted(table.topics.size(), "topic") : table.topics.front().topic;
}

// Topics of which nothing can be landed, or nothing is landed any more.
void AppendTopics(const TableStatus& table, const Paint& paint, std::string* text) {
  for (const TopicStatus& topic : table.topics) {
    const std::string name = table.has_several_topics() ? "topic " + topic.topic : "topic";
    if (!topic.error.empty()) *text += fmt::format("  {}: {}\n", name, paint.Bad(topic.error));
    if (!topic.ended.empty())
      *text += fmt::format("  {}: {}; its rows stay, and no date waits for it\n", name, topic.ended);
  }
}

void AppendTable(const LakeStatus& status, const TableStatus& table, const Paint& paint, std::string* text) {
  *text += fmt::format("\n{} from {}: {}, {}, {}", paint.Bold(table.table), TopicsText(table),
                       Counted(table.rows, "row"), Counted(table.files, "file"), BytesText(table.bytes));
  if (const auto lag = table.lag()) *text += fmt::format("; lag {}", LagText(lag, paint));
  if (const int64_t expired = table.expired().value_or(0); expired > 0)
    *text += "; " + paint.Bad(Counted(static_cast<uint64_t>(expired), "offset") + " expired before landing");
  if (const int64_t cut_back = table.cut_back().value_or(0); cut_back > 0)
    *text += "; " + paint.Bad(Counted(static_cast<uint64_t>(cut_back), "landed offset") +
                              " beyond the end of the log");
  if (const int64_t held_back = table.held_back().value_or(0); held_back > 0)
    *text += fmt::format("; {} behind open transactions",
                         paint.Notable(Counted(static_cast<uint64_t>(held_back), "record")));
  if (table.newest_event_us) {
    *text += fmt::format("; newest event {} old", AgeText(status.now_ms - *table.newest_event_us / 1000));
  }
  if (table.newest_kafka_ms) {
    *text += fmt::format(", newest record in Kafka {} old", AgeText(status.now_ms - *table.newest_kafka_ms));
  }
  *text += "\n";
  if (!table.in_contract) *text += "  the contract has this table no longer: its topic is not landed\n";
  AppendTopics(table, paint, text);
  if (table.untimed > 0) {
    *text += fmt::format("  {} landed without a usable Kafka timestamp: absent, before 2000, or after 2099\n",
                         paint.Notable(Counted(table.untimed, "record")));
  }
  AppendServiceLevels(table, paint, text);
  AppendPartitions(table, paint, text);
  AppendExpired(table, paint, text);
  AppendCutBack(table, paint, text);
  AppendHeldBack(status, table, paint, text);
  AppendPeriods(table, paint, text);
  if (!table.quarantined.empty()) {
    TextTable reasons({"reject reason", ">records"});
    for (const auto& [reason, records] : table.quarantined) reasons.Add({reason, Grouped(records)});
    *text += "\n" + reasons.Text(2, paint.columns);
  }
  if (const std::string fields = FieldSumsText(table.fields, 2); !fields.empty()) *text += "\n" + fields;
}

void AppendCommits(const LakeStatus& status, const Paint& paint, std::string* text) {
  if (status.commits.empty()) return;
  TextTable commits(
      {">last batches", ">ago", ">rows", ">quarantined", ">files", ">size", "?state", "?engine"});
  for (size_t i = 0; i < std::min(status.commits.size(), kCommitsShown); ++i) {
    const CommitStatus& commit = status.commits[i];
    commits.Add({std::to_string(commit.batch.value()), AgeText(status.now_ms - commit.decided_at_ms),
                 Grouped(commit.rows), Grouped(commit.quarantined), Grouped(commit.files),
                 BytesText(commit.bytes), commit.published ? "published" : paint.Notable("decided"),
                 commit.engine});
  }
  *text += "\n" + commits.Text(0, paint.columns);
}

}  // namespace

std::string StatusText(const LakeStatus& status, const serve::EngineStatus& engine, const Paint& paint) {
  std::string text = fmt::format("lake {} ({}): ", paint.Bold(status.lake), status.lake_id);
  if (status.last_batch.value() == 0) {
    text += "nothing landed yet\n";
  } else {
    text += fmt::format("{}, the last {} ago by the {} engine\n",
                        Counted(static_cast<uint64_t>(status.last_batch.value()), "batch"),
                        AgeText(status.now_ms - status.last_landed_at_ms.value_or(0)), status.engine);
  }
  for (const BatchId batch : status.half_published) {
    text += fmt::format("{} decided but not published: a lander is running, or `forebay land` publishes it\n",
                        paint.Notable(fmt::format("batch {}", batch.value())));
  }
  if (status.staged_files > 0) text += fmt::format("{} in staging\n", Counted(status.staged_files, "file"));
  text += fmt::format("{} free on its disk\n", BytesText(status.free_bytes));
  text += engine.text;
  for (const LostRange& lost : status.lost) {
    text +=
        fmt::format("accepted loss: topic {} partition {}, {} offsets from {}\n",
                    TopicName(status, lost.partition.topic_id), lost.partition.partition.value(),
                    Grouped(lost.offsets.to.value() - lost.offsets.from.value()), lost.offsets.from.value());
  }
  for (const Adoption& adoption : status.adoptions) {
    text += fmt::format("adopted topic: {}, recreated, adopted on {}\n", adoption.topic,
                        FormatTimestamp(adoption.adopted_at_ms * 1000));
  }
  for (const AdoptedLog& adopted : status.adopted_logs) {
    text += fmt::format("adopted log: {} partition {} from offset {} on, adopted on {}\n", adopted.topic,
                        adopted.log.partition.value(), adopted.beginning.value(),
                        FormatTimestamp(adopted.adopted_at_ms * 1000));
  }
  for (const TableStatus& table : status.tables) AppendTable(status, table, paint, &text);
  AppendCommits(status, paint, &text);
  if (!status.broker_error.empty()) {
    text += fmt::format("\n{}: no end offsets and no lag; dates complete by landed records only.\n",
                        paint.Bad("The brokers did not answer"));
  }
  if (!status.brokers_queried)
    text += "\nWithout --brokers: no end offsets and no lag; dates complete by landed records only.\n";
  return text;
}

}  // namespace forebay::cli
