#include "external/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "contract/contract_hash.h"
#include "decode/field_presence.h"
#include "ledger/added_columns.h"

namespace forebay {
namespace {

// The content of all documents together.
struct Staged {
  std::vector<ProposedFile> files;
  std::vector<AddedColumn> added_columns;            // each once
  std::map<std::string, TopicStats> staged;          // by table
  std::map<std::string, TopicStats> decoded;         // by table
  std::map<std::string, FieldStatsManifest> fields;  // by table: of all of its tasks
};

Error NotOurs(const std::string& what, const std::string& found, const std::string& wanted) {
  return InvalidArgumentError(
      fmt::format("a worker's document is of {} {}, this landing is of {}; nothing was landed", what,
                  found.empty() ? "none" : found, wanted));
}

Status CheckOrigin(const ProposalContext& context, const ManifestOrigin& origin, bool staged) {
  const std::string contract = ContractHash(context.contract->yaml);
  if (origin.contract_hash != contract) return NotOurs("contract", origin.contract_hash, contract);
  if (origin.engine_version != FOREBAY_VERSION)
    return NotOurs("Forebay version", origin.engine_version, FOREBAY_VERSION);
  if (!staged) return Ok();
  if (origin.lake_id != context.lake_id) return NotOurs("lake", origin.lake_id, context.lake_id);
  if (origin.engine != context.engine) return NotOurs("engine", origin.engine, context.engine);
  return Ok();
}

Status MergeColumns(const std::vector<AddedColumn>& columns, std::vector<AddedColumn>* all) {
  FOREBAY_TRY(CheckAddedColumns(*all, columns));
  for (const AddedColumn& column : columns) {
    if (std::find(all->begin(), all->end(), column) == all->end()) all->push_back(column);
  }
  return Ok();
}

// A field is empty in a batch if it is in the rows of all of its tasks.
void AddFieldStats(FieldStatsManifest stats, Staged* all) {
  if (stats.rows == 0) return;
  const auto [known, is_new] = all->fields.try_emplace(stats.table, stats);
  if (is_new) return;
  FieldStatsManifest& sum = known->second;
  sum.rows += stats.rows;
  std::erase_if(sum.empty, [&stats](size_t field) { return !stats.empty.contains(field); });
  for (const auto& [member, rows] : stats.unknown) sum.unknown[member] += rows;
}

Status AddManifest(const ProposalContext& context, const std::string& text, Staged* all) {
  FOREBAY_ASSIGN(Manifest manifest, ReadManifest(text));
  if (auto* file = std::get_if<FileManifest>(&manifest)) {
    FOREBAY_TRY(CheckOrigin(context, file->origin, true));
    if (file->file.table != kQuarantineTable && context.plan->FindTable(file->file.table) == nullptr)
      return InvalidArgumentError("a staged file is of table '" + file->file.table +
                                  "', which is not being landed");
    all->files.push_back(std::move(file->file));
    return MergeColumns(file->added_columns, &all->added_columns);
  }
  if (auto* fields = std::get_if<FieldStatsManifest>(&manifest)) {
    FOREBAY_TRY(CheckOrigin(context, fields->origin, true));
    AddFieldStats(std::move(*fields), all);
    return Ok();
  }
  auto& stats = std::get<PartitionStatsManifest>(manifest);
  FOREBAY_TRY(CheckOrigin(context, stats.origin, true));
  for (const auto& [key, counted] : stats.stats) all->staged[stats.table][key].Add(counted);
  return Ok();
}

Status AddDecoded(const ProposalContext& context, const std::string& text, Staged* all) {
  FOREBAY_ASSIGN(const Manifest manifest, ReadManifest(text));
  const auto* stats = std::get_if<PartitionStatsManifest>(&manifest);
  if (stats == nullptr)
    return InvalidArgumentError("a staged file's manifest has no partition statistics of decoded records");
  FOREBAY_TRY(CheckOrigin(context, stats->origin, false));
  for (const auto& [key, counted] : stats->stats) all->decoded[stats->table][key].Add(counted);
  return Ok();
}

// Checks that the files hold the counted records, by table and for quarantine as a whole.
Status CheckFiles(const Staged& all) {
  std::map<std::string, CountedRecords> counted;
  std::map<std::string, CountedRecords> held;
  for (const auto& [table, stats] : all.staged) {
    for (const auto& [key, of] : stats) {
      counted[table].Add(of.rows);
      counted[std::string(kQuarantineTable)].Add(of.quarantined);
    }
  }
  for (const auto& [table, records] : counted) {
    if (table == kQuarantineTable) continue;
    const auto fields = all.fields.find(table);
    if (records.records == (fields == all.fields.end() ? 0 : fields->second.rows)) continue;
    return InvalidArgumentError(fmt::format(
        "{} rows of '{}' were counted by Kafka partition, and others by field: some task's manifests are "
        "missing, or came twice; nothing was landed",
        records.records, table));
  }
  for (const ProposedFile& file : all.files) held[file.table].Add({file.rows, file.position_sum});
  for (const auto& [table, unused] : held) counted.try_emplace(table);
  for (const auto& [table, records] : counted) {
    if (held[table] == records) continue;
    return InvalidArgumentError(fmt::format(
        "the staged files of '{}' hold {} rows where the tasks counted {}, or other ones: some task's "
        "manifests are missing, or came twice; nothing was landed",
        table, held[table].records, records.records));
  }
  return Ok();
}

Status CheckDecoded(const Staged& all) {
  std::set<std::string> tables;
  for (const auto& [table, unused] : all.staged) tables.insert(table);
  for (const auto& [table, unused] : all.decoded) tables.insert(table);
  for (const std::string& table : tables) {
    const auto decoded = all.decoded.find(table);
    const auto staged = all.staged.find(table);
    FOREBAY_TRY(CheckSameRecords(table, decoded == all.decoded.end() ? TopicStats() : decoded->second,
                                 staged == all.staged.end() ? TopicStats() : staged->second));
  }
  return Ok();
}

std::optional<LandedRecord> LastRecordOf(const PartitionStats& stats) {
  if (!stats.last_fingerprint) return std::nullopt;
  return LandedRecord{Offset(*stats.last_offset), *stats.last_fingerprint, std::nullopt};
}

// Those of a Kafka partition; null: there are none.
const PartitionStats* Find(const std::map<std::string, TopicStats>& stats, const std::string& table,
                           const StatsKey& key) {
  const auto of_table = stats.find(table);
  if (of_table == stats.end()) return nullptr;
  const auto found = of_table->second.find(key);
  return found == of_table->second.end() ? nullptr : &found->second;
}

Status AddRanges(const ProposalContext& context, const std::vector<EngineRange>& ranges, const Staged& all,
                 BatchProposal* proposal) {
  const LandPlan& plan = *context.plan;
  for (const EngineRange& range : ranges) {
    const LandTopic* const topic = plan.FindTopic(range.topic);
    if (topic == nullptr) return InvalidArgumentError("topic '" + range.topic + "' is not being landed");
    const std::string where = fmt::format("topic '{}' partition {}", range.topic, range.partition.value());
    if (range.offsets.from > range.offsets.to)
      return InvalidArgumentError(fmt::format("the range [{}, {}) of {} ends before it begins",
                                              range.offsets.from.value(), range.offsets.to.value(), where));
    if (range.offsets.from == range.offsets.to) continue;
    BatchRange batch;
    batch.partition = plan.LogOf(topic->id, range.partition);
    batch.offsets = range.offsets;
    const std::string& table = plan.TableOf(*topic).name;
    const StatsKey key{std::string(plan.RowTopicOf(*topic)), range.partition};
    if (const PartitionStats* const stats = Find(all.staged, table, key)) {
      if (stats->first_offset && (*stats->first_offset < range.offsets.from.value() ||
                                  *stats->last_offset >= range.offsets.to.value())) {
        return InvalidArgumentError(
            fmt::format("records {} to {} of {} were staged for the range [{}, {}); nothing was landed",
                        *stats->first_offset, *stats->last_offset, where, range.offsets.from.value(),
                        range.offsets.to.value()));
      }
      batch.rows = stats->rows.records;
      batch.quarantined = stats->quarantined.records;
      batch.tombstones = stats->tombstones.records;
      batch.max_event_time_us = stats->max_event_time_us;
      batch.last_kafka_timestamp_ms = stats->last_kafka_timestamp_ms;
      batch.last_record = LastRecordOf(*stats);
      // The statistics of the decode step, if it was one of its own.
      if (const PartitionStats* const decoded = Find(all.decoded, table, key))
        batch.last_record = LastRecordOf(*decoded);
    }
    proposal->ranges.push_back(batch);
  }
  return Ok();
}

// Checks that a range covers each partition with counted records.
Status CheckCovered(const ProposalContext& context, const Staged& all, const BatchProposal& proposal) {
  const LandPlan& plan = *context.plan;
  std::map<std::string, std::set<std::pair<std::string_view, PartitionId>>> covered;  // by table
  for (const BatchRange& range : proposal.ranges) {
    const LandTopic& topic = plan.topics[plan.IndexOf(range.partition.topic_id)];
    covered[plan.TableOf(topic).name].emplace(plan.RowTopicOf(topic), range.partition.partition);
  }
  for (const auto& [table, stats] : all.staged) {
    const Table* const landed = plan.FindTable(table);
    if (landed == nullptr)
      return InvalidArgumentError("rows were staged for table '" + table + "', which is not being landed");
    for (const auto& [key, of] : stats) {
      if (of.records() == 0 || covered[table].contains({key.topic, key.partition})) continue;
      return InvalidArgumentError(fmt::format(
          "{} records of topic '{}' partition {} were staged, and the batch has no range of it; "
          "nothing was landed",
          of.records(), key.topic.empty() ? landed->topic.name : key.topic, key.partition.value()));
    }
  }
  return Ok();
}

void AddFiles(std::vector<ProposedFile> files, BatchProposal* proposal) {
  std::sort(files.begin(), files.end(), [](const ProposedFile& a, const ProposedFile& b) {
    return std::tie(a.table, a.partition_dir, a.staged_name) <
           std::tie(b.table, b.partition_dir, b.staged_name);
  });
  proposal->files = std::move(files);
}

void AddReasons(const Staged& all, BatchProposal* proposal) {
  for (const auto& [table, stats] : all.staged) {
    std::map<std::string, int64_t> reasons;
    for (const auto& [key, of] : stats) {
      for (const auto& [reason, records] : of.reasons) reasons[reason] += records;
    }
    for (const auto& [reason, records] : reasons) proposal->quarantine.push_back({table, reason, records});
  }
}

void AddUntimed(const Staged& all, BatchProposal* proposal) {
  for (const auto& [table, stats] : all.staged) {
    int64_t untimed = 0;
    for (const auto& [key, of] : stats) untimed += of.untimed;
    if (untimed > 0) proposal->untimed.push_back({table, untimed});
  }
}

void AddFields(const ProposalContext& context, const Staged& all, BatchProposal* proposal) {
  for (const auto& [name, stats] : all.fields) {
    const Table* const table = context.plan->FindTable(name);
    if (table == nullptr) continue;  // CheckCovered refuses its rows
    const SchemaTree schema = CompileSchema(*table);
    FieldValues values(schema.node_count, 1);
    for (const size_t field : stats.empty) {
      if (field < values.size()) values[field] = 0;
    }
    proposal->fields.push_back({name, FieldCountKind::kRows, "", stats.rows});
    for (const auto& [member, rows] : stats.unknown)
      proposal->fields.push_back({name, FieldCountKind::kUnknown, member, rows});
    for (const std::string& field : FieldsWithoutValues(schema, values))
      proposal->fields.push_back({name, FieldCountKind::kMissing, field, stats.rows});
  }
}

}  // namespace

Result<BatchProposal> BuildProposal(const ProposalContext& context, const std::vector<EngineRange>& ranges,
                                    const std::vector<std::string>& manifests,
                                    const std::vector<std::string>& decoded) {
  Staged all;
  for (const std::string& manifest : manifests) FOREBAY_TRY(AddManifest(context, manifest, &all));
  for (const std::string& stats : decoded) FOREBAY_TRY(AddDecoded(context, stats, &all));
  FOREBAY_TRY(CheckFiles(all));
  if (!decoded.empty()) FOREBAY_TRY(CheckDecoded(all));
  BatchProposal proposal;
  proposal.contract_yaml = context.contract->yaml;
  proposal.engine = context.engine;
  proposal.engine_version = FOREBAY_VERSION;
  proposal.may_be_transformed = !decoded.empty();
  FOREBAY_TRY(AddRanges(context, ranges, all, &proposal));
  FOREBAY_TRY(CheckCovered(context, all, proposal));
  AddFiles(std::move(all.files), &proposal);
  proposal.added_columns = std::move(all.added_columns);
  AddReasons(all, &proposal);
  AddUntimed(all, &proposal);
  AddFields(context, all, &proposal);
  return proposal;
}

}  // namespace forebay
