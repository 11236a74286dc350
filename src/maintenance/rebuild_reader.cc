#include "maintenance/rebuild_reader.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>

#include "commit/landed_contracts.h"
#include "compare/log_check.h"
#include "compare/record_view.h"
#include "contract/topics.h"
#include "decode/schema.h"
#include "kafka/range_reader.h"
#include "partition/directory.h"
#include "read/row_reader.h"
#include "store/paths.h"

namespace forebay {
namespace {

constexpr double kTimeoutSeconds = 30;
constexpr int64_t kQueueBytes = 16'000'000;

std::vector<const LedgerFile*> FilesOf(const DamagedGroup& group) {
  std::vector<const LedgerFile*> files;
  for (const DamagedFile& damaged : group.damaged) files.push_back(damaged.file);
  return files;
}

bool IsCurrent(const LedgerSnapshot& snapshot, const TopicPartition& log) {
  return std::any_of(
      snapshot.partitions.begin(), snapshot.partitions.end(),
      [&log](const LedgerPartition& known) { return known.partition == log && known.current; });
}

bool IsFull(const ColumnBlock& block) {
  return block.rows() >= kMaxRowGroupRows || static_cast<int64_t>(block.filled_bytes()) >= kMaxRowGroupBytes;
}

}  // namespace

RebuildReader::RebuildReader(TableStore& store, const LedgerSnapshot& snapshot, LandedForms landed,
                             const DamagedGroup& group, const kafka::ClientConfig& brokers,
                             const std::atomic<bool>* stop)
    : store_(store),
      snapshot_(snapshot),
      landed_(std::move(landed)),
      group_(group),
      brokers_(brokers),
      stop_(stop) {}
RebuildReader::~RebuildReader() = default;

bool RebuildReader::is_quarantine() const {
  return group_.table() == kQuarantineTable;
}

bool RebuildReader::HasTopics() const {
  return is_quarantine() || sources_.front().table->HasTopicColumn();
}

Result<ReplacementFiles::Filled> RebuildReader::Run(kafka::Admin& admin) {
  FOREBAY_TRY(Prepare());
  FOREBAY_TRY(LimitParts(admin));
  const Status read = Read();
  if (!read.ok()) {
    replacement_files_->Drop();
    return read.error();
  }
  auto filled = replacement_files_->Finish();
  if (!filled.ok() && NeedsChange(filled.error().code())) replacement_files_->Drop();
  return filled;
}

Status RebuildReader::Prepare() {
  const auto yaml = snapshot_.contracts.find(group_.batch->contract_hash);
  if (yaml == snapshot_.contracts.end()) return FailedPreconditionError("its contract is not in the ledger");
  FOREBAY_ASSIGN(contract_, ParseContract(yaml->second, "the contract of its batch"));
  if (is_quarantine()) refused_ = std::make_unique<QuarantineBlock>(QuarantineSchema());
  for (const BatchRange& range : group_.batch->ranges) {
    if ((is_quarantine() ? range.quarantined : range.rows) == 0) continue;
    for (const LedgerTopic& topic : snapshot_.topics) {
      if (topic.id != range.partition.topic_id) continue;
      if (!is_quarantine() && topic.table != group_.table()) continue;
      uint32_t source = 0;
      FOREBAY_TRY(AddSource(topic, &source));
      parts_.push_back({source, range.partition.partition, range.offsets, &range});
    }
  }
  if (parts_.empty()) return FailedPreconditionError("its batch has no ranges with rows of it");
  replacement_files_.emplace(store_, *contract_, is_quarantine() ? nullptr : sources_.front().table,
                             FilesOf(group_));
  for (const LedgerFile* file : group_.whole) FOREBAY_TRY(LoadHeld(*file));
  by_elimination_ = ByElimination();
  if (by_elimination_) {
    for (const LedgerFile* file : group_.elsewhere) FOREBAY_TRY(LoadHeld(*file));
  }
  return Ok();
}

// The rules of a time zone may have changed since the batch was landed, and its rows stay where they are.
// Those of one directory are the batch's rows that are in no other, whatever the rules say now.
bool RebuildReader::ByElimination() const {
  return group_.alone && !is_quarantine() &&
         std::any_of(sources_.begin(), sources_.end(), [](const Source& source) {
           const auto& dimensions = source.table->dimensions;
           return std::any_of(dimensions.begin(), dimensions.end(), [](const PartitionDimension& dimension) {
             return !dimension.time_zone.empty();
           });
         });
}

Status RebuildReader::AddSource(const LedgerTopic& topic, uint32_t* index) {
  for (*index = 0; *index < sources_.size(); ++*index) {
    if (sources_[*index].topic == &topic) return Ok();
  }
  Source source;
  source.topic = &topic;
  source.table = contract_->FindTable(topic.table, topic.topic);
  if (source.table == nullptr)
    return FailedPreconditionError("its contract has no table '" + topic.table + "'");
  std::unique_ptr<RecordDecoder>& decoder = decoders_[source.table];
  if (decoder == nullptr) {
    FOREBAY_ASSIGN(decoder, RecordDecoder::Create(*source.table));
  }
  source.decoder = decoder.get();
  if (!is_quarantine() && rows_ == nullptr) {
    FOREBAY_ASSIGN(const auto table, MakeTable(*contract_, topic.table, topic.topic));
    rows_ = std::make_unique<RowBlock>(decoder->schema(), FileSchema(*table, landed_));
  }
  sources_.push_back(source);
  return Ok();
}

// Records the rows that a whole file of the group holds.
Status RebuildReader::LoadHeld(const LedgerFile& file) {
  const std::string place = store_.Describe(file.place);
  FOREBAY_ASSIGN(std::unique_ptr<ReadableFile> content, store_.OpenForRead(file.place));
  if (content == nullptr) {  // decided, but not yet published
    FOREBAY_ASSIGN(content, store_.ReadStaged(file.file.staged_name));
  }
  if (content == nullptr) return UnavailableError(place + " was removed while its batch was rebuilt");
  FOREBAY_ASSIGN(const std::unique_ptr<RowReader> reader, RowReader::Open(std::move(content)));
  std::vector<std::string> columns = {std::string(kPartitionColumn), std::string(kOffsetColumn)};
  if (HasTopics()) columns.emplace_back(kTopicColumn);
  FOREBAY_TRY(reader->Select(columns));
  while (true) {
    FOREBAY_ASSIGN(const std::shared_ptr<arrow::RecordBatch> rows, reader->Next());
    if (rows == nullptr) return Ok();
    const auto* const partitions = dynamic_cast<const arrow::Int32Array*>(rows->column(0).get());
    const auto* const offsets = dynamic_cast<const arrow::Int64Array*>(rows->column(1).get());
    const auto* const topics =
        HasTopics() ? dynamic_cast<const arrow::StringArray*>(rows->column(2).get()) : nullptr;
    if (partitions == nullptr || offsets == nullptr || (HasTopics() && topics == nullptr))
      return FailedPreconditionError(place + " has columns of other types than Forebay writes");
    for (int64_t i = 0; i < rows->num_rows(); ++i) {
      held_.insert({topics == nullptr ? "" : topics->GetString(i), partitions->Value(i), offsets->Value(i)});
    }
  }
}

kafka::NamedPartition RebuildReader::NameOf(const Part& part) const {
  return {sources_[part.source].topic->topic, part.partition};
}

Status RebuildReader::CheckTopics(kafka::Admin& admin) const {
  std::vector<std::string> names;
  for (const Source& source : sources_) names.push_back(source.topic->topic);
  FOREBAY_ASSIGN(const std::vector<kafka::TopicInfo> infos, admin.DescribeTopics(names));
  for (size_t i = 0; i < infos.size(); ++i) {
    if (!infos[i].exists) return FailedPreconditionError("topic '" + names[i] + "' does not exist any more");
    if (infos[i].id != sources_[i].topic->id)
      return FailedPreconditionError("topic '" + names[i] + "' was recreated: its records are gone");
  }
  return Ok();
}

// The records of a log that was cut back and grew again are others than those that were landed, from the cut
// on. One file has rows of several logs: each part is checked.
Status RebuildReader::CheckPartLogs(kafka::Admin& admin) {
  std::vector<LandedLog> logs;
  for (Part& part : parts_) {
    const std::optional<OffsetRange> offsets = InCurrentLog(snapshot_.partitions, *part.range);
    if (!offsets) {
      return FailedPreconditionError(
          fmt::format("Kafka has another log of topic '{}' partition {} by now (land --adopt-log)",
                      NameOf(part).topic, part.partition.value()));
    }
    part.offsets = *offsets;
    if (!part.range->last_record) continue;
    LandedRecord last = *part.range->last_record;
    // Adopting a log proves by their values that records are the same, which may have been written again.
    if (!IsCurrent(snapshot_, part.range->partition)) last.leader_epoch.reset();
    logs.push_back({NameOf(part), {last}, part.offsets.to});
  }
  FOREBAY_ASSIGN(const std::vector<LogVerdict> verdicts, CheckLogs({&brokers_, stop_}, admin, logs));
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i].kind != LogVerdict::Kind::kDifferent) continue;
    return FailedPreconditionError(
        fmt::format("the log of topic '{}' partition {} is not the one that was landed: it {}",
                    logs[i].partition.topic, logs[i].partition.partition.value(), verdicts[i].difference));
  }
  return Ok();
}

// Limits the parts to the offsets that Kafka still has.
Status RebuildReader::LimitParts(kafka::Admin& admin) {
  FOREBAY_TRY(CheckTopics(admin));
  FOREBAY_TRY(CheckPartLogs(admin));
  std::vector<kafka::NamedPartition> partitions;
  for (const Part& part : parts_) partitions.push_back(NameOf(part));
  FOREBAY_ASSIGN(const std::vector<kafka::Watermarks> marks, admin.QueryWatermarks(partitions));
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (marks[i].stable < parts_[i].offsets.to) {
      return FailedPreconditionError(
          fmt::format("topic '{}' partition {} ends at offset {}, before what was landed",
                      partitions[i].topic, parts_[i].partition.value(), marks[i].stable.value()));
    }
    parts_[i].offsets.from = std::max(parts_[i].offsets.from, marks[i].earliest);
  }
  std::erase_if(parts_, [](const Part& part) { return part.offsets.from >= part.offsets.to; });
  return Ok();
}

Status RebuildReader::Read() {
  if (parts_.empty()) return Ok();
  kafka::ConsumerOptions options;
  for (const Source& source : sources_) options.topics.push_back(source.topic->topic);
  options.queue_bytes = kQueueBytes;
  FOREBAY_ASSIGN(const std::unique_ptr<kafka::Consumer> consumer, kafka::Consumer::Open(brokers_, options));
  std::vector<kafka::RangeToRead> ranges;
  for (const Part& part : parts_) {
    ranges.push_back({part.source, part.partition, part.offsets});
    wanted_[{part.source, part.partition}] = part.offsets;
  }
  FOREBAY_TRY(kafka::ReadRanges(*consumer, ranges, {.stop = stop_, .silence_s = kTimeoutSeconds},
                                [this](const std::vector<kafka::Message>& messages) -> Status {
                                  for (const kafka::Message& message : messages) FOREBAY_TRY(Accept(message));
                                  return Ok();
                                }));
  if (rows_ != nullptr && rows_->rows() > 0) FOREBAY_TRY(replacement_files_->Write(*rows_));
  if (refused_ != nullptr && refused_->rows() > 0) FOREBAY_TRY(replacement_files_->Write(*refused_));
  return Ok();
}

bool RebuildReader::IsHeld(const Source& source, const RecordView& record) const {
  if (held_.empty()) return false;
  return held_.contains(
      {HasTopics() ? source.topic->topic : std::string(), record.partition.value(), record.offset.value()});
}

Status RebuildReader::Accept(const kafka::Message& message) {
  const auto wanted = wanted_.find({message.topic, message.partition});
  if (wanted == wanted_.end() || message.offset < wanted->second.from || message.offset >= wanted->second.to)
    return Ok();
  const Source& source = sources_[message.topic];
  RecordView record = ViewOf(message);
  if (source.table->HasTopicColumn()) record.topic = source.topic->topic;
  if (is_quarantine() || source.decoder->needs_headers()) record.headers = headers_.Of(message);
  // decided_at_ms replaces a missing timestamp. It matches the substitute used at landing only to the second.
  FOREBAY_ASSIGN(const Outcome outcome, source.decoder->Decode(record, group_.batch->decided_at_ms));
  if (outcome == Outcome::kRow && !is_quarantine()) return AppendRow(source, record);
  if (outcome == Outcome::kReject && is_quarantine()) return AppendReject(source, record);
  return Ok();
}

Status RebuildReader::AppendRow(const Source& source, const RecordView& record) {
  PartitionIndex& directories = source.decoder->partitions();
  if (!by_elimination_ && directories.directory(source.decoder->partition()) != group_.partition_dir())
    return Ok();
  if (IsHeld(source, record)) return Ok();
  if (replacement_files_->room() - rows_->rows() <= 0)
    return FailedPreconditionError("Kafka's records give more rows than were landed");
  rows_->Append(source.decoder->row());
  return Count(*rows_);
}

Status RebuildReader::AppendReject(const Source& source, const RecordView& record) {
  if (DateDirectory(QuarantineDay(record.timestamp_ms)) != group_.partition_dir() || IsHeld(source, record))
    return Ok();
  if (replacement_files_->room() - refused_->rows() <= 0)
    return FailedPreconditionError("Kafka's records give more refused ones than were landed");
  refused_->Append(source.topic->topic, record, source.decoder->rejection(), contract_->version);
  return Count(*refused_);
}

Status RebuildReader::Count(ColumnBlock& block) {
  return IsFull(block) || block.rows() == replacement_files_->room() ? replacement_files_->Write(block)
                                                                     : Ok();
}

}  // namespace forebay
