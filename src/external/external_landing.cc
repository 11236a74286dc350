#include "external/external_landing.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/descriptors.h"
#include "base/join.h"
#include "commit/landed_logs.h"
#include "commit/reject_rate.h"
#include "external/file_schema.h"
#include "ledger/added_columns.h"
#include "read/field_report.h"
#include "read/quarantine_reader.h"
#include "report/json_writer.h"

namespace forebay {
namespace {

constexpr int64_t kBrokerTimeoutMs = 30'000;

// Reads the staged rejected records of a batch.
Result<RejectGroups> ReadRejects(TableStore& store, const LandPlan& plan, const BatchProposal& proposal) {
  std::vector<LedgerTopic> topics;
  for (const LandTopic& topic : plan.topics)
    topics.push_back({topic.id, topic.name, plan.TableOf(topic).name, true, 0});
  RejectGroups groups;
  const auto add = [&groups](const QuarantinedRecord& record) {
    AddViolations(record, &groups);
    return true;
  };
  for (const ProposedFile& file : proposal.files) {
    if (file.table != kQuarantineTable) continue;
    FOREBAY_TRY(VisitStagedQuarantineFile(store, file.staged_name, topics, add));
  }
  return groups;
}

Status CheckRate(const std::optional<double>& max_reject_rate, TableStore& store, const LandPlan& plan,
                 const BatchProposal& proposal) {
  std::vector<TableOutcome> outcomes;
  for (const LandTopic& topic : plan.topics)
    outcomes.push_back({plan.TableOf(topic).name, 0, 0, std::string(plan.RowTopicOf(topic))});
  for (const BatchRange& range : proposal.ranges) {
    TableOutcome& outcome = outcomes[plan.IndexOf(range.partition.topic_id)];
    outcome.rows += range.rows;
    outcome.rejected += range.quarantined;
  }
  return CheckRejectRate(max_reject_rate, outcomes, [&] { return ReadRejects(store, plan, proposal); });
}

EngineCommit TotalsOf(const BatchProposal& proposal) {
  EngineCommit totals;
  for (const BatchRange& range : proposal.ranges) {
    totals.rows += range.rows;
    totals.quarantined += range.quarantined;
    totals.tombstones += range.tombstones;
  }
  for (const ProposedFile& file : proposal.files) totals.bytes += file.bytes;
  totals.files = static_cast<int64_t>(proposal.files.size());
  for (const UntimedCount& count : proposal.untimed) totals.untimed += count.records;
  return totals;
}

}  // namespace

ExternalLanding::ExternalLanding(const ExternalOptions& options, kafka::ClientConfig brokers)
    : options_(options), brokers_(std::move(brokers)) {
  options_.start.contract = options_.contract.get();
  options_.start.follow = false;  // Plan() always asks for the ends of the partitions
  options_.start.brokers = &brokers_;
  options_.start.stop = options_.stop;
}

ExternalLanding::~ExternalLanding() = default;

Result<std::unique_ptr<ExternalLanding>> ExternalLanding::Open(const ExternalOptions& options) {
  if (options.engine.empty() || options.engine == "native")
    return InvalidArgumentError("a landing needs the name of its engine, which is not 'native'");
  if (options.max_reject_rate && !(*options.max_reject_rate >= 0 && *options.max_reject_rate <= 1))  // nan
    return InvalidArgumentError("max_reject_rate is a share of a table's records, from 0 to 1");
  FOREBAY_ASSIGN(kafka::ClientConfig brokers,
                 kafka::ClientConfig::Make(options.brokers, options.kafka_config));
  RaiseDescriptorLimit();  // all files of a batch are open while it is decided
  std::unique_ptr<ExternalLanding> landing(new ExternalLanding(options, std::move(brokers)));
  const OpenLakeOptions open{WaitForLock(options.wait_for_lock, options.stop), {}, options.existing};
  FOREBAY_ASSIGN(landing->lake_, OpenLake(PosixFs(), options.lake, open));
  if (landing->lake_.begun) spdlog::info("began a new lake in {}", landing->lake_.lake->root());
  FOREBAY_TRY(landing->Recover());
  FOREBAY_ASSIGN(landing->admin_,
                 kafka::Admin::Open(landing->brokers_, {.limit_ms = options.follow ? -1 : kBrokerTimeoutMs,
                                                        .stop = options.stop}));
  return landing;
}

Status ExternalLanding::Recover() {
  committer_ = std::make_unique<Committer>(lake_.lake->store(), *lake_.ledger);
  FOREBAY_ASSIGN(const RecoveryReport report, committer_->Recover());
  const std::vector<std::string> did = report.Summary();
  if (did.empty()) return Ok();
  recovered_ = "recovered: " + Join(did, "; ");
  spdlog::info("{}", recovered_);
  return Ok();
}

Result<std::vector<EnginePosition>> ExternalLanding::Plan() {
  while (true) {
    Result<LandPlan> plan = PrepareLanding(options_.start, *admin_, lake_.lake->store(), *lake_.ledger);
    if (plan.ok()) {
      plan_ = std::move(plan).value();
      WarnOnce(*plan_, &said_);
      break;
    }
    // kConflict: another lander began the partitions, so plan again.
    if (plan.error().code() != ErrorCode::kConflict) return plan.error();
  }
  known_partitions_ = KnownPartitions(*plan_);
  committed_.clear();
  consumer_.reset();  // its topics are those of the plan before
  std::vector<EnginePosition> positions;
  for (size_t i = 0; i < plan_->starts.size(); ++i) {
    const kafka::Position& start = plan_->starts[i];
    const LandTopic& topic = plan_->topics[start.topic];
    positions.push_back({plan_->TableOf(topic).name, topic.name, topic.id, start.partition, start.offset,
                         plan_->ends[i].offset});
  }
  return positions;
}

Result<std::vector<EnginePosition>> ExternalLanding::Describe(
    const std::vector<kafka::Position>& starts) const {
  std::vector<kafka::NamedPartition> partitions;
  for (const kafka::Position& start : starts)
    partitions.push_back({plan_->topics[start.topic].name, start.partition});
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin_->QueryWatermarks(partitions));
  std::vector<EnginePosition> positions;
  for (size_t i = 0; i < starts.size(); ++i) {
    const LandTopic& topic = plan_->topics[starts[i].topic];
    positions.push_back({plan_->TableOf(topic).name, topic.name, topic.id, starts[i].partition,
                         starts[i].offset, marks[i].stable});
  }
  return positions;
}

Result<std::vector<std::unique_ptr<StagedFile>>> ExternalLanding::OpenStaged(
    const BatchProposal& proposal) const {
  TableStore& store = lake_.lake->store();
  std::vector<std::unique_ptr<StagedFile>> staged;
  for (const ProposedFile& file : proposal.files) {
    if (!IsStagedName(file.staged_name))
      return InvalidArgumentError("'" + file.staged_name + "' is not the name of a staged file");
    const std::string name = store.DescribeStaged(file.staged_name);
    FOREBAY_ASSIGN(staged.emplace_back(),
                   store.OpenStaged(file.staged_name, {file.table, file.partition_dir, file.file_name}));
    if (staged.back() == nullptr)
      return Error(ErrorCode::kConflict, "staged file " + name + " was removed by another process");
    FOREBAY_ASSIGN(const uint64_t bytes, staged.back()->Size());
    if (bytes != static_cast<uint64_t>(file.bytes)) {
      return IoError(
          fmt::format("staged file {} has {} bytes, but its task wrote {}: tasks and driver do not share one "
                      "filesystem, or "
                      "the disk lost data",
                      name, bytes, file.bytes));
    }
  }
  return staged;
}

Result<std::shared_ptr<arrow::Schema>> ExternalLanding::FileSchemaOf(const std::string& table) const {
  if (!plan_) return InvalidArgumentError("plan() was not called; call it before anything else");
  for (const LandTable& of : plan_->tables) {
    if (of.table->name == table) return of.schema;
  }
  return InvalidArgumentError("table '" + table + "' is not being landed");
}

Status ExternalLanding::CheckColumns(const std::string& table, const arrow::Schema& columns) {
  FOREBAY_ASSIGN(const std::shared_ptr<arrow::Schema> known, FileSchemaOf(table));
  const Table& of = *plan_->FindTable(table);
  FOREBAY_ASSIGN(const FileColumns found, ColumnsOfFile(of, *known, columns));
  FOREBAY_ASSIGN(const std::vector<AddedColumn> added, lake_.ledger->AddedColumns());
  return CheckAddedColumns(added, AddedColumns(of, *known, *found.file));
}

Result<EngineCommit> ExternalLanding::Commit(const std::vector<EngineRange>& ranges,
                                             const std::vector<std::string>& manifests,
                                             const std::vector<std::string>& decoded) {
  if (!plan_) return InvalidArgumentError("plan() was not called; call it before anything else");
  const ProposalContext context{options_.contract.get(), &*plan_, lake_.lake->id(), options_.engine};
  StagedBatch batch;
  FOREBAY_ASSIGN(batch.proposal, BuildProposal(context, ranges, manifests, decoded));
  if (batch.proposal.ranges.empty()) return EngineCommit();
  FOREBAY_TRY(CheckRate(options_.max_reject_rate, lake_.lake->store(), *plan_, batch.proposal));
  // After the engine has read the records: if a log was cut back since the last batch, nothing is landed.
  Status topics = CheckTopics(batch.proposal.ranges);
  // Not ended by a stop: what was read is landed.
  if (topics.ok())
    topics = ConfirmRanges({options_.start.brokers, nullptr}, *plan_, *admin_, &batch.proposal.ranges);
  FOREBAY_ASSIGN(batch.staged, OpenStaged(batch.proposal));
  EngineCommit totals = TotalsOf(batch.proposal);
  const std::vector<BatchRange> landed = batch.proposal.ranges;
  const std::vector<FieldCount> fields = batch.proposal.fields;
  FOREBAY_ASSIGN(PreparedBatch prepared, committer_->Prepare(std::move(batch)));
  if (topics.ok()) topics = CheckTopics(landed);
  FOREBAY_ASSIGN(totals.batch, committer_->Commit(std::move(prepared), topics));
  NoteCommitted(landed);
  AddFieldCounts(fields, &fields_);
  return totals;
}

Status ExternalLanding::CheckTopics(const std::vector<BatchRange>& ranges) {
  FOREBAY_ASSIGN(const TopicChanges changes, RefreshTopics(*plan_, *admin_, known_partitions_));
  return CheckGone(*plan_, changes, ranges);
}

void ExternalLanding::NoteCommitted(const std::vector<BatchRange>& ranges) {
  for (const BatchRange& range : ranges) {
    plan_->NoteLastRecord(range.partition, range.last_record);
    committed_.push_back(
        {plan_->IndexOf(range.partition.topic_id), range.partition.partition, range.offsets.to});
  }
}

Result<std::vector<std::string>> ExternalLanding::NewTopics() {
  if (!plan_) return InvalidArgumentError("plan() was not called; call it before anything else");
  return FindNewTopics(options_.start, *plan_, *admin_);
}

Result<std::vector<EnginePosition>> ExternalLanding::NewPartitions() {
  if (!plan_) return InvalidArgumentError("plan() was not called; call it before anything else");
  FOREBAY_ASSIGN(const TopicChanges changes, RefreshTopics(*plan_, *admin_, known_partitions_));
  if (!changes.gone.empty()) {
    const std::string& name = plan_->topics[plan_->IndexOf(changes.gone.front())].name;
    return Error(ErrorCode::kConflict, "topic '" + name + "' was deleted: plan again");
  }
  FOREBAY_TRY(BeginAdded(*plan_, changes.added, *lake_.ledger, &known_partitions_));
  for (const kafka::Position& added : changes.added) plan_->Add(added);
  return Describe(changes.added);
}

std::string ExternalLanding::FieldReport() const {
  JsonWriter json;
  json.OpenObject(JsonLayout::kOneLine);
  WriteFieldSums(fields_, json);
  return json.Close().text();
}

void ExternalLanding::CommitOffsets() {
  if (committed_.empty() || !plan_ || options_.consumer_group.empty()) return;
  if (consumer_ == nullptr) {
    kafka::ConsumerOptions options;
    for (const LandTopic& topic : plan_->topics) options.topics.push_back(topic.name);
    options.group_id = options_.consumer_group;
    Result<std::unique_ptr<kafka::Consumer>> consumer = kafka::Consumer::Open(brokers_, options);
    if (!consumer.ok()) return;
    consumer_ = std::move(consumer).value();
  }
  constexpr int kWaitMs = 2000;
  consumer_->CommitOffsetsForLagTools(committed_);
  consumer_->AwaitCommittedOffsets(kWaitMs);
  for (const std::string& warning : consumer_->DrainWarnings()) spdlog::warn("{}", warning);
  committed_.clear();
}

}  // namespace forebay
