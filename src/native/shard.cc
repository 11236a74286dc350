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
  for (const LandTable& land : plan.tables) {
    TableState state;
    state.index = static_cast<uint32_t>(shard->tables_.size());
    state.table = land.table.get();
    state.schema = land.schema;
    FOREBAY_ASSIGN(state.decoder, RecordDecoder::Create(*land.table));
    state.run = std::make_unique<RowRun>(state.decoder->schema());
    state.file_bytes = OpenFileBytes(*land.schema);
    shard->tables_.push_back(std::move(state));
    shared.pools.rows.push_back(std::make_unique<BlockPool<RowBlock>>(shared.memory));
  }
  shard->quarantine_file_bytes_ = OpenFileBytes(*plan.quarantine_schema);
  shard->batch_.topics.resize(plan.topics.size());
  shard->batch_.tables.resize(plan.tables.size());
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
    progress.range.partition = {session_.plan.topics[topic].id,
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
  for (TableState& table : tables_) FillBlocks(table);  // before the chunk's memory is freed
  batch_.KeepLastRecords();
  ReportDecoded();
  AcceptPositions(chunk.positions);
  return Ok();
}

Status Shard::AcceptMessage(const kafka::Message& message) {
  PartitionInBatch& progress = ProgressOf(message.topic, message.partition);
  if (!progress.owned || message.offset >= progress.end) return Ok();
  const LandTopic& topic = session_.plan.topics[message.topic];
  TableState& table = tables_[topic.table];
  RecordView record = ViewOf(message);
  record.topic = session_.plan.RowTopicOf(topic);
  if (table.decoder->needs_headers()) record.headers = headers_.Of(message);
  FOREBAY_ASSIGN(const Outcome outcome, table.decoder->Decode(record, now_ms_, table.run.get()));
  switch (outcome) {
    case Outcome::kRow:
      AcceptRow(table, progress);
      break;
    case Outcome::kReject:
      record.headers = headers_.Of(message);
      AcceptReject(table, topic, record, progress);
      break;
    case Outcome::kTombstone:
      ++progress.range.tombstones;
      break;
  }
  if (table.run->full()) FillBlocks(table);
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
    ++batch_.tables[topic.table].untimed;
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

void Shard::AcceptRow(const TableState& table, PartitionInBatch& progress) {
  BlockFor(table, table.decoder->partition());  // counted as open from its first row
  ++progress.range.rows;
  if (const std::optional<int64_t> event_time = table.decoder->event_time_micros()) {
    auto& latest = progress.range.max_event_time_us;
    latest = std::max(latest.value_or(INT64_MIN), *event_time);
  }
}

void Shard::AcceptReject(const TableState& table, const LandTopic& topic, const RecordView& record,
                         PartitionInBatch& progress) {
  const int32_t day = QuarantineDay(record.timestamp_ms);
  BudgetedQuarantine& quarantine = QuarantineFor(day);
  const Rejection& rejection = table.decoder->rejection();
  quarantine.block->Append(topic.name, record, rejection, session_.options.contract->version);
  quarantine.UpdateMemory();
  ++progress.range.quarantined;
  ++batch_.rejects[{table.index, rejection.reason}];
  for (const Violation& violation : rejection.all) {
    batch_.reject_groups.Add({.table = table.table->name,
                              .reason = ReasonName(violation.reason),
                              .field = violation.field,
                              .detail = violation.detail,
                              .partition = record.partition,
                              .offset = record.offset,
                              .value = record.value.value_or(""),
                              .topic = record.topic});
  }
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

// Moves the rows of the table's run into the blocks of their directories.
void Shard::FillBlocks(TableState& table) {
  const std::vector<RowRun::Row>& rows = table.run->rows();
  waiting_.assign(table.run->all().begin(), table.run->all().end());
  while (!waiting_.empty()) {
    const uint32_t directory = rows[waiting_.front()].directory;
    const auto others = std::stable_partition(waiting_.begin(), waiting_.end(),
                                              [&](uint32_t row) { return rows[row].directory == directory; });
    FillBlock(table, directory, RowRun::Selection(waiting_.begin(), others));
    waiting_.erase(waiting_.begin(), others);
  }
  table.run->Clear();
}

void Shard::FillBlock(const TableState& table, uint32_t directory, RowRun::Selection rows) {
  BudgetedRows& rows_of_directory = BlockFor(table, directory);
  rows_of_directory.block->Append(*table.run, rows);
  rows_of_directory.UpdateMemory();
  if (IsFull(*rows_of_directory.block)) SendRows(table.index, directory, false);
}

BudgetedRows& Shard::BlockFor(const TableState& table, uint32_t directory) {
  auto& blocks = batch_.tables[table.index].blocks;
  if (directory >= blocks.size()) blocks.resize(directory + 1);
  BudgetedRows& rows = blocks[directory];
  if (rows.block == nullptr) [[unlikely]] {
    rows = shared_.pools.rows[table.index]->Borrow(table.decoder->schema(), table.schema);
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
  for (const TableState& table : tables_) count += table.decoder->partitions().size();
  const int64_t limit = std::max<int64_t>(session_.options.max_open_partitions / config_.count, 1);
  batch_.too_many_directories = static_cast<int64_t>(count) >= limit;
}

void Shard::SendRows(uint32_t table_index, uint32_t directory, bool last) {
  const TableState& table = tables_[table_index];
  WriteBlock item;
  item.table = table_index;
  item.directory = table.decoder->partitions().directory(directory);
  BatchInProgress::TablePart& part = batch_.tables[table_index];
  part.values.resize(table.decoder->schema().node_count);
  part.blocks[directory].block->AddValues(&part.values);
  item.block = std::move(part.blocks[directory]);
  item.last = last;
  Send({table_index, directory}, table.file_bytes, std::move(item));
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
  for (uint32_t t = 0; t < batch_.tables.size(); ++t) {
    const auto& blocks = batch_.tables[t].blocks;
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
    const auto& [table, place] = file;
    const bool quarantine = table == kQuarantineFile;
    const size_t bytes = quarantine
                             ? batch_.quarantine.at(static_cast<int32_t>(place)).block->memory_bytes()
                             : batch_.tables[table].blocks[static_cast<size_t>(place)].block->memory_bytes();
    const int64_t file_bytes = quarantine ? quarantine_file_bytes_ : tables_[table].file_bytes;
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
    const auto& [table, place] = files[block];
    if (table == kQuarantineFile) {
      SendQuarantine(static_cast<int32_t>(place), false);
    } else {
      SendRows(table, static_cast<uint32_t>(place), false);
    }
  }
}

// What the batch's rows tell about the contract. REQUIRES: every block was passed on.
std::vector<FieldCount> Shard::FieldCounts() {
  std::vector<FieldCount> counts;
  const std::vector<int64_t> rows_by_table = batch_.RowsByTable(session_.plan);
  for (const TableState& table : tables_) {
    const std::string& name = table.table->name;
    const auto unknown = table.decoder->TakeUnknownMembers();
    const int64_t rows = rows_by_table[table.index];
    if (rows == 0) continue;
    counts.push_back({name, FieldCountKind::kRows, "", rows});
    for (const auto& [field, records] : unknown)
      counts.push_back({name, FieldCountKind::kUnknown, field, records});
    for (const std::string& field :
         FieldsWithoutValues(table.decoder->schema(), batch_.tables[table.index].values))
      counts.push_back({name, FieldCountKind::kMissing, field, rows});
  }
  return counts;
}

Status Shard::CutIfDue() {
  if (!batch_.began) return Ok();
  const double age_ms = (MonotonicSeconds() - *batch_.began) * 1000;
  return age_ms >= static_cast<double>(session_.options.flush_interval_ms) ? Cut() : Ok();
}

Status Shard::Cut() {
  for (TableState& table : tables_) FillBlocks(table);
  batch_.KeepLastRecords();
  FOREBAY_TRY(CheckRejectRate(session_.options.max_reject_rate, batch_.Outcomes(session_.plan),
                              [this]() -> Result<RejectGroups> { return batch_.reject_groups; }));
  for (uint32_t t = 0; t < batch_.tables.size(); ++t) {
    const auto& blocks = batch_.tables[t].blocks;
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
  for (TableState& table : tables_) table.decoder->partitions().Clear();
  if (end.ranges.empty()) return Ok();
  shared_.unwritten_batches.fetch_add(1);
  shared_.to_writer.Push(std::move(end));
  return Ok();
}

}  // namespace forebay
