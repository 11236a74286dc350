#include "native/shard.h"

#include <algorithm>
#include <chrono>

#include "base/time.h"
#include "commit/reject_rate.h"
#include "compare/fingerprint.h"
#include "compare/record_view.h"
#include "partition/directory.h"

namespace forebay {

Shard::Shard(SessionContext& session, const Config& config, ShardShared& shared)
    : session_(session), config_(config), shared_(shared) {}

Result<std::unique_ptr<Shard>> Shard::Create(SessionContext& session, const Config& config,
                                             ShardShared& shared) {
  const LandPlan& plan = session.plan;
  std::unique_ptr<Shard> shard(new Shard(session, config, shared));
  for (const LandTopic& topic : plan.topics) {
    TopicState state;
    state.index = static_cast<uint32_t>(shard->topics_.size());
    state.topic = &topic;
    FOREBAY_ASSIGN(state.decoder, RecordDecoder::Create(*topic.table));
    state.run = std::make_unique<RowRun>(state.decoder->schema());
    state.file_bytes = OpenFileBytes(*topic.schema);
    shard->topics_.push_back(std::move(state));
    shared.pools.rows.push_back(std::make_unique<BlockPool<RowBlock>>(shared.memory));
  }
  shard->quarantine_file_bytes_ = OpenFileBytes(*plan.quarantine_schema);
  shard->batch_.topics.resize(plan.topics.size());
  for (size_t i = 0; i < plan.starts.size(); ++i) {
    const kafka::Position& start = plan.starts[i];
    PartitionInBatch& progress = shard->ProgressOf(start.topic, start.partition);
    progress.range.partition = plan.logs[i];
    progress.range.offsets = {start.offset, start.offset};
    progress.last_record = plan.last_records[i];
    if (progress.last_record)
      progress.leader_epoch = progress.last_record->leader_epoch.value_or(LeaderEpoch(-1));
    if (!plan.ends.empty()) progress.end = plan.ends[i].offset;
  }
  return shard;
}

Status Shard::Run(BoundedQueue<SharedChunk>& chunks) {
  while (!session_.error.is_set()) {
    const std::optional<SharedChunk> chunk = chunks.Pop(std::chrono::milliseconds(100));
    if (chunk) {
      FOREBAY_TRY(Accept(**chunk));
    } else if (chunks.Exhausted()) {
      return Cut();
    }
    FOREBAY_TRY(CutIfDue());
  }
  return Ok();
}

PartitionInBatch& Shard::ProgressOf(uint32_t topic, PartitionId partition) {
  auto& partitions = batch_.topics[topic].partitions;
  const auto index = static_cast<size_t>(partition.value());
  while (partitions.size() <= index) {
    PartitionInBatch progress;
    progress.owned = (topic + partitions.size()) % config_.count == config_.index;
    progress.end = Offset(INT64_MAX);
    progress.range.partition = {topics_[topic].topic->id,
                                PartitionId(static_cast<int32_t>(partitions.size()))};
    partitions.push_back(std::move(progress));
  }
  return partitions[index];
}

Status Shard::Accept(const Chunk& chunk) {
  now_ms_ = WallClockMillis();
  confirms_each_ = chunk.messages.after_lost_connection();  // they may be from before and from after it
  if (confirms_each_) [[unlikely]]
    batch_.NoteLostConnection();
  for (const kafka::Message& message : chunk.messages.messages()) FOREBAY_TRY(AcceptMessage(message));
  for (TopicState& topic : topics_) FillBlocks(topic);  // before the chunk's memory is freed
  batch_.KeepLastRecords();
  ReportDecoded();
  AcceptPositions(chunk.positions);
  return Ok();
}

Status Shard::AcceptMessage(const kafka::Message& message) {
  PartitionInBatch& progress = ProgressOf(message.topic, message.partition);
  if (!progress.owned || message.offset >= progress.end) return Ok();
  TopicState& topic = topics_[message.topic];
  const RecordView record = ViewOf(message);
  FOREBAY_ASSIGN(const Outcome outcome, topic.decoder->Decode(record, now_ms_, topic.run.get()));
  switch (outcome) {
    case Outcome::kRow:
      AcceptRow(topic, progress);
      break;
    case Outcome::kReject:
      AcceptReject(topic, record, progress);
      break;
    case Outcome::kTombstone:
      ++progress.range.tombstones;
      break;
  }
  if (topic.run->full()) FillBlocks(topic);
  if (message.leader_epoch != progress.leader_epoch || progress.lost_connection) [[unlikely]]
    batch_.ConfirmLastRecord(progress);
  progress.leader_epoch = message.leader_epoch;
  if (confirms_each_) [[unlikely]]
    batch_.to_confirm.emplace_back(progress.range.partition, LandedRecordOf(message));
  progress.last_message = &message;
  progress.range.offsets.to = Offset(message.offset.value() + 1);
  if (record.timestamp_ms >= 0) {
    progress.range.last_kafka_timestamp_ms = record.timestamp_ms;
  } else {
    ++batch_.topics[message.topic].untimed;
  }
  ++batch_.records;
  batch_.bytes += static_cast<int64_t>(message.value.size());
  if (!batch_.began) batch_.began = MonotonicSeconds();
  if (shared_.memory.exceeded()) [[unlikely]]
    FOREBAY_TRY(MakeRoom());
  const bool full = batch_.records >= session_.options.batch_rows ||
                    batch_.bytes >= session_.options.batch_bytes || batch_.too_many_directories;
  return full ? Cut() : Ok();
}

void Shard::AcceptRow(const TopicState& topic, PartitionInBatch& progress) {
  BlockFor(topic, topic.decoder->partition());  // counted as open from its first row
  ++progress.range.rows;
  if (const std::optional<int64_t> event_time = topic.decoder->event_time_micros()) {
    auto& latest = progress.range.max_event_time_us;
    latest = std::max(latest.value_or(INT64_MIN), *event_time);
  }
}

void Shard::AcceptReject(const TopicState& topic, const RecordView& record, PartitionInBatch& progress) {
  const int32_t day = QuarantineDay(record.timestamp_ms);
  BudgetedQuarantine& quarantine = QuarantineFor(day);
  quarantine.block->Append(topic.topic->table->topic.name, record, topic.decoder->rejection(),
                           session_.options.contract->version);
  quarantine.UpdateMemory();
  ++progress.range.quarantined;
  const Rejection& rejection = topic.decoder->rejection();
  ++batch_.rejects[{topic.index, rejection.reason}];
  batch_.reject_groups.Add({topic.topic->table->name, ReasonName(rejection.reason), rejection.field,
                            rejection.detail, record.partition, record.offset, *record.value});
  if (IsFull(*quarantine.block)) SendQuarantine(day, false);
}

// A position may lie beyond the last record: transaction markers and aborted records advance it without one.
void Shard::AcceptPositions(const std::vector<kafka::Position>& positions) {
  for (const kafka::Position& position : positions) {
    PartitionInBatch& progress = ProgressOf(position.topic, position.partition);
    const Offset reached = std::min(position.offset, progress.end);
    if (!progress.owned || reached <= progress.range.offsets.to) continue;
    progress.range.offsets.to = reached;
    if (!batch_.began) batch_.began = MonotonicSeconds();
  }
}

void Shard::ReportDecoded() {
  session_.stats.Decoded(batch_.records - batch_.reported_records, batch_.bytes - batch_.reported_bytes);
  batch_.reported_records = batch_.records;
  batch_.reported_bytes = batch_.bytes;
}

// Moves the rows of the topic's run into the blocks of their directories.
void Shard::FillBlocks(TopicState& topic) {
  const std::vector<RowRun::Row>& rows = topic.run->rows();
  waiting_.assign(topic.run->all().begin(), topic.run->all().end());
  while (!waiting_.empty()) {
    const uint32_t directory = rows[waiting_.front()].directory;
    const auto others = std::stable_partition(waiting_.begin(), waiting_.end(),
                                              [&](uint32_t row) { return rows[row].directory == directory; });
    FillBlock(topic, directory, RowRun::Selection(waiting_.begin(), others));
    waiting_.erase(waiting_.begin(), others);
  }
  topic.run->Clear();
}

void Shard::FillBlock(const TopicState& topic, uint32_t directory, RowRun::Selection rows) {
  BudgetedRows& rows_of_directory = BlockFor(topic, directory);
  rows_of_directory.block->Append(*topic.run, rows);
  rows_of_directory.UpdateMemory();
  if (IsFull(*rows_of_directory.block)) SendRows(topic.index, directory, false);
}

BudgetedRows& Shard::BlockFor(const TopicState& topic, uint32_t directory) {
  auto& blocks = batch_.topics[topic.index].blocks;
  if (directory >= blocks.size()) blocks.resize(directory + 1);
  BudgetedRows& rows = blocks[directory];
  if (rows.block == nullptr) [[unlikely]] {
    rows = shared_.pools.rows[topic.index]->Borrow(topic.decoder->schema(), topic.topic->schema);
    CountDirectories();
  }
  return rows;
}

BudgetedQuarantine& Shard::QuarantineFor(int32_t day) {
  BudgetedQuarantine& quarantine = batch_.quarantine[day];
  if (quarantine.block == nullptr) {
    quarantine = shared_.pools.quarantine.Borrow(session_.plan.quarantine_schema);
    CountDirectories();
  }
  return quarantine;
}

bool Shard::IsFull(const ColumnBlock& block) const {
  return block.rows() >= kMaxRowGroupRows ||
         static_cast<int64_t>(block.filled_bytes()) >= MaxBlockBytes(shared_.memory.limit());
}

void Shard::CountDirectories() {
  size_t count = batch_.quarantine.size();
  for (const TopicState& topic : topics_) count += topic.decoder->partitions().size();
  const int64_t limit = std::max<int64_t>(session_.options.max_open_partitions / config_.count, 1);
  batch_.too_many_directories = static_cast<int64_t>(count) >= limit;
}

void Shard::SendRows(uint32_t topic_index, uint32_t directory, bool last) {
  const TopicState& topic = topics_[topic_index];
  WriteBlock item;
  item.topic = topic_index;
  item.directory = topic.decoder->partitions().directory(directory);
  BatchInProgress::TopicPart& part = batch_.topics[topic_index];
  part.values.resize(topic.decoder->schema().node_count);
  part.blocks[directory].block->AddValues(&part.values);
  item.block = std::move(part.blocks[directory]);
  item.last = last;
  Send({topic_index, directory}, topic.file_bytes, std::move(item));
}

void Shard::SendQuarantine(int32_t day, bool last) {
  WriteBlock item;
  item.directory = DateDirectory(day);
  item.block = std::move(batch_.quarantine[day]);
  item.last = last;
  Send({kQuarantineFile, day}, quarantine_file_bytes_, std::move(item));
}

void Shard::Send(FileKey file, int64_t file_bytes, WriteBlock item) {
  if (!item.last && batch_.files.insert(file).second) batch_.file_bytes += file_bytes;
  AwaitRoom();
  std::visit([](auto& sent) { sent.memory.MoveTo(MemoryUse::kQueued); }, item.block);
  session_.stats.BlockQueued();
  shared_.to_writer.Push(std::move(item));
}

void Shard::AwaitRoom() {
  shared_.memory.WaitBelowLimit(
      [&] { return shared_.memory.used(MemoryUse::kQueued) == 0 || session_.error.is_set(); });
}

Status Shard::MakeRoom() {
  while (!session_.error.is_set()) {
    const std::vector<FileKey> files = FilesBeingFilled();
    const SpillPlan spill = PlanSpillOf(files);
    switch (NextMemoryStep(MemoryWith(spill))) {
      case MemoryStep::kDone:
        return Ok();
      case MemoryStep::kTrimPools:
        shared_.pools.Trim();
        break;
      case MemoryStep::kAwaitEarlierBatches:
        shared_.memory.WaitBelowLimit(
            [&] { return shared_.unwritten_batches.load() == 0 || session_.error.is_set(); });
        break;
      case MemoryStep::kSpill:
        Spill(files, spill);
        return Ok();
      case MemoryStep::kCut:
        return Cut();
      case MemoryStep::kAwaitWriter:
        AwaitRoom();
        return Ok();
    }
  }
  return Ok();
}

std::vector<FileKey> Shard::FilesBeingFilled() const {
  std::vector<FileKey> files;
  for (const auto& [day, quarantine] : batch_.quarantine) {
    if (quarantine.block != nullptr) files.emplace_back(kQuarantineFile, day);
  }
  for (uint32_t t = 0; t < batch_.topics.size(); ++t) {
    const auto& blocks = batch_.topics[t].blocks;
    for (uint32_t d = 0; d < blocks.size(); ++d) {
      if (blocks[d].block != nullptr && blocks[d].block->rows() > 0) files.emplace_back(t, d);
    }
  }
  return files;
}

SpillPlan Shard::PlanSpillOf(const std::vector<FileKey>& files) const {
  std::vector<SpillCandidate> candidates;
  candidates.reserve(files.size());
  for (const FileKey& file : files) {
    const auto& [topic, place] = file;
    const bool quarantine = topic == kQuarantineFile;
    const size_t bytes = quarantine
                             ? batch_.quarantine.at(static_cast<int32_t>(place)).block->memory_bytes()
                             : batch_.topics[topic].blocks[static_cast<size_t>(place)].block->memory_bytes();
    const int64_t file_bytes = quarantine ? quarantine_file_bytes_ : topics_[topic].file_bytes;
    candidates.push_back({static_cast<int64_t>(bytes), batch_.files.contains(file) ? 0 : file_bytes});
  }
  return PlanSpill(candidates, shared_.memory.used(MemoryUse::kFilling), shared_.memory.limit());
}

ShardMemory Shard::MemoryWith(const SpillPlan& spill) const {
  const MemoryBudget& memory = shared_.memory;
  const int64_t files = std::max(memory.used(MemoryUse::kFiles), batch_.file_bytes);
  return {.limit = memory.limit(),
          .used = memory.used(),
          .pooled = memory.used(MemoryUse::kPooled),
          .filling = memory.used(MemoryUse::kFilling),
          .files = files,
          .files_if_spilled = files + spill.new_file_bytes,
          .earlier_batches = shared_.unwritten_batches.load() > 0};
}

void Shard::Spill(const std::vector<FileKey>& files, const SpillPlan& spill) {
  for (const size_t block : spill.blocks) {
    const auto& [topic, place] = files[block];
    if (topic == kQuarantineFile) {
      SendQuarantine(static_cast<int32_t>(place), false);
    } else {
      SendRows(topic, static_cast<uint32_t>(place), false);
    }
  }
}

// What the batch's rows tell about the contract. REQUIRES: every block was passed on.
std::vector<FieldCount> Shard::FieldCounts() {
  std::vector<FieldCount> counts;
  for (const TopicState& topic : topics_) {
    const std::string& table = topic.topic->table->name;
    const auto unknown = topic.decoder->TakeUnknownMembers();
    const int64_t rows = batch_.RowsOf(topic.index);
    if (rows == 0) continue;
    counts.push_back({table, FieldCountKind::kRows, "", rows});
    for (const auto& [field, records] : unknown)
      counts.push_back({table, FieldCountKind::kUnknown, field, records});
    for (const std::string& field :
         FieldsWithoutValues(topic.decoder->schema(), batch_.topics[topic.index].values))
      counts.push_back({table, FieldCountKind::kMissing, field, rows});
  }
  return counts;
}

Status Shard::CutIfDue() {
  if (!batch_.began) return Ok();
  const double age_ms = (MonotonicSeconds() - *batch_.began) * 1000;
  return age_ms >= static_cast<double>(session_.options.flush_interval_ms) ? Cut() : Ok();
}

Status Shard::Cut() {
  for (TopicState& topic : topics_) FillBlocks(topic);
  batch_.KeepLastRecords();
  FOREBAY_TRY(CheckRejectRate(session_.options.max_reject_rate, batch_.Outcomes(session_.plan),
                              [this]() -> Result<RejectGroups> { return batch_.reject_groups; }));
  for (uint32_t t = 0; t < batch_.topics.size(); ++t) {
    const auto& blocks = batch_.topics[t].blocks;
    for (uint32_t d = 0; d < blocks.size(); ++d) {
      if (blocks[d].block != nullptr) SendRows(t, d, true);
    }
  }
  for (const auto& [day, quarantine] : batch_.quarantine) {
    if (quarantine.block != nullptr) SendQuarantine(day, true);
  }
  ReportDecoded();
  EndBatch end{batch_.Ranges(), batch_.QuarantineCounts(session_.plan), std::move(batch_.to_confirm),
               batch_.UntimedCounts(session_.plan), FieldCounts()};
  batch_ = BatchInProgress::After(batch_);
  for (TopicState& topic : topics_) topic.decoder->partitions().Clear();
  if (end.ranges.empty()) return Ok();
  shared_.unwritten_batches.fetch_add(1);
  shared_.to_writer.Push(std::move(end));
  return Ok();
}

}  // namespace forebay
