#include "native/shard.h"

#include <algorithm>
#include <chrono>

#include "base/time.h"
#include "commit/record_view.h"
#include "commit/reject_rate.h"

namespace forebay {

Shard::Shard(const LandOptions& options, const LandPlan& plan, const Config& config, ShardShared& shared)
    : options_(options), plan_(plan), config_(config), shared_(shared) {}

Result<std::unique_ptr<Shard>> Shard::Create(const LandOptions& options, const LandPlan& plan,
                                             const Config& config, ShardShared& shared) {
  std::unique_ptr<Shard> shard(new Shard(options, plan, config, shared));
  for (const LandTopic& topic : plan.topics) {
    TopicState state;
    state.topic = &topic;
    FOREBAY_ASSIGN(state.decoder, RecordDecoder::Create(*topic.table));
    state.run = std::make_unique<RowRun>(state.decoder->schema());
    state.file_bytes = forebay::OpenFileBytes(*topic.schema);
    shard->topics_.push_back(std::move(state));
    shared.pools.rows.push_back(
        std::make_unique<BlockPool<RowBlock>>(shared.memory, config.memory_bytes / 2));
  }
  shard->quarantine_file_bytes_ = forebay::OpenFileBytes(*plan.quarantine_schema);
  shared.pools.quarantine =
      std::make_unique<BlockPool<QuarantineBlock>>(shared.memory, config.memory_bytes / 2);
  for (size_t i = 0; i < plan.starts.size(); ++i) {
    const kafka::Position& start = plan.starts[i];
    PartitionProgress& progress = shard->ProgressOf(start.topic, start.partition);
    progress.from = progress.next = start.offset;
    if (!plan.ends.empty()) progress.end = plan.ends[i].offset;
  }
  return shard;
}

Status Shard::Run(BoundedQueue<SharedChunk>& chunks, const SessionState& session) {
  while (!session.failed()) {
    const std::optional<SharedChunk> chunk = chunks.Pop(std::chrono::milliseconds(100));
    if (chunk) {
      FOREBAY_TRY(Take(**chunk));
    } else if (chunks.Exhausted()) {
      return Cut();
    }
    FOREBAY_TRY(CutIfDue());
  }
  return Ok();
}

Shard::PartitionProgress& Shard::ProgressOf(uint32_t topic, PartitionId partition) {
  auto& partitions = topics_[topic].partitions;
  const auto index = static_cast<size_t>(partition.value());
  while (partitions.size() <= index) {
    PartitionProgress progress;
    progress.mine = (topic + partitions.size()) % config_.count == config_.index;
    progress.end = Offset(INT64_MAX);
    partitions.push_back(progress);
  }
  return partitions[index];
}

Status Shard::Take(const Chunk& chunk) {
  now_ms_ = WallClockMillis();
  const int64_t records = records_before_batch_ + batch_records_;
  const int64_t bytes = bytes_before_batch_ + batch_bytes_;
  for (const kafka::Message& message : chunk.messages.messages()) FOREBAY_TRY(TakeMessage(message));
  for (TopicState& topic : topics_) FillBlocks(topic);  // before the chunk's memory is freed
  options_.telemetry->decoded.Add(records_before_batch_ + batch_records_ - records,
                                  bytes_before_batch_ + batch_bytes_ - bytes);
  TakePositions(chunk.positions);
  return Ok();
}

Status Shard::TakeMessage(const kafka::Message& message) {
  PartitionProgress& progress = ProgressOf(message.topic, message.partition);
  if (!progress.mine || message.offset >= progress.end) return Ok();
  TopicState& topic = topics_[message.topic];
  const RecordView record = ViewOf(message);
  FOREBAY_ASSIGN(const Outcome outcome, topic.decoder->Decode(record, now_ms_, topic.run.get()));
  switch (outcome) {
    case Outcome::kRow:
      TakeRow(topic, progress);
      break;
    case Outcome::kReject:
      TakeReject(topic, record, progress);
      break;
    case Outcome::kTombstone:
      ++progress.counts.tombstones;
      break;
  }
  if (topic.run->full()) FillBlocks(topic);
  progress.next = Offset(message.offset.value() + 1);
  if (record.timestamp_ms >= 0) progress.counts.last_kafka_timestamp_ms = record.timestamp_ms;
  ++batch_records_;
  batch_bytes_ += static_cast<int64_t>(message.value.size());
  if (batch_began_ == 0) batch_began_ = MonotonicSeconds();
  if (shared_.memory.used() > config_.memory_bytes) [[unlikely]]
    FOREBAY_TRY(MakeRoom());
  const bool full =
      batch_records_ >= options_.batch_rows || batch_bytes_ >= options_.batch_bytes || too_many_directories_;
  return full ? Cut() : Ok();
}

void Shard::TakeRow(TopicState& topic, PartitionProgress& progress) {
  BlockFor(topic, topic.decoder->partition());  // counted as open from its first row
  ++progress.counts.rows;
  if (topic.topic->table->event_time) {
    auto& latest = progress.counts.max_event_time_us;
    latest = std::max(latest.value_or(INT64_MIN), topic.decoder->event_time_micros());
  }
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

void Shard::FillBlock(TopicState& topic, uint32_t directory, RowRun::Selection rows) {
  RowBlock& block = BlockFor(topic, directory);
  const size_t before = block.memory_bytes();
  block.Append(*topic.run, rows);
  Charge(before, block);
  if (IsFull(block)) SendRows(static_cast<uint32_t>(&topic - topics_.data()), directory, false);
}

void Shard::TakeReject(TopicState& topic, const RecordView& record, PartitionProgress& progress) {
  const int32_t day = record.timestamp_ms >= 0 ? DayOfMillis(record.timestamp_ms) : 0;
  QuarantineBlock& block = QuarantineFor(day);
  const size_t before = block.memory_bytes();
  block.Append(topic.topic->table->topic.name, record, topic.decoder->rejection(),
               options_.contract->version);
  Charge(before, block);
  ++progress.counts.quarantined;
  ++reasons_[{static_cast<uint32_t>(&topic - topics_.data()), topic.decoder->rejection().reason}];
  if (IsFull(block)) {
    SendQuarantine(day, std::move(quarantine_[day]), false);
    quarantine_.erase(day);
  }
}

// A position may lie beyond the last record: transaction markers and aborted records advance it without one.
void Shard::TakePositions(const std::vector<kafka::Position>& positions) {
  for (const kafka::Position& position : positions) {
    PartitionProgress& progress = ProgressOf(position.topic, position.partition);
    const Offset reached = std::min(position.offset, progress.end);
    if (!progress.mine || reached <= progress.next) continue;
    progress.next = reached;
    if (batch_began_ == 0) batch_began_ = MonotonicSeconds();
  }
}

RowBlock& Shard::BlockFor(TopicState& topic, uint32_t directory) {
  if (directory >= topic.open.size()) topic.open.resize(directory + 1);
  std::unique_ptr<RowBlock>& block = topic.open[directory];
  if (block == nullptr) [[unlikely]] {
    const auto topic_index = static_cast<size_t>(&topic - topics_.data());
    block = shared_.pools.rows[topic_index]->Take(topic.decoder->schema(), topic.topic->schema);
    NewBlock(*block);
  }
  return *block;
}

QuarantineBlock& Shard::QuarantineFor(int32_t day) {
  std::unique_ptr<QuarantineBlock>& block = quarantine_[day];
  if (block == nullptr) {
    block = shared_.pools.quarantine->Take(plan_.quarantine_schema);
    NewBlock(*block);
  }
  return *block;
}

// Writing a block takes about three times its memory, so a row group must be a small part of the memory
// limit.
bool Shard::IsFull(const ColumnBlock& block) const {
  return block.rows() >= kMaxRowGroupRows ||
         static_cast<int64_t>(block.filled_bytes()) >= std::min(kMaxRowGroupBytes, config_.memory_bytes / 6);
}

void Shard::NewBlock(const ColumnBlock& block) {
  open_bytes_ += static_cast<int64_t>(block.memory_bytes());
  too_many_directories_ =
      OpenDirectories() >= std::max<int64_t>(options_.max_open_partitions / config_.count, 1);
}

void Shard::AwaitRoom() {
  shared_.memory.WaitBelow(config_.memory_bytes,
                           [&] { return shared_.queued_blocks.load() == 0 || shared_.abandoned.load(); });
}

void Shard::Charge(size_t before, const ColumnBlock& block) {
  const size_t after = block.memory_bytes();
  if (after == before) [[likely]]
    return;
  const auto grown = static_cast<int64_t>(after) - static_cast<int64_t>(before);
  shared_.memory.Add(grown);
  open_bytes_ += grown;
}

void Shard::SendRows(uint32_t topic_index, uint32_t partition, bool last) {
  TopicState& topic = topics_[topic_index];
  WriteBlock item;
  item.topic = topic_index;
  item.directory = topic.decoder->partitions().directory(partition);
  item.rows = std::move(topic.open[partition]);
  item.last = last;
  if (!last) KeepOpen({topic_index, partition}, topic.file_bytes);
  open_bytes_ -= static_cast<int64_t>(item.rows->memory_bytes());
  Send(std::move(item));
}

void Shard::SendQuarantine(int32_t day, std::unique_ptr<QuarantineBlock> block, bool last) {
  WriteBlock item;
  item.directory = "date=" + FormatDate(day);
  open_bytes_ -= static_cast<int64_t>(block->memory_bytes());
  item.quarantine = std::move(block);
  item.last = last;
  if (!last) KeepOpen({kQuarantineFile, day}, quarantine_file_bytes_);
  Send(std::move(item));
}

void Shard::Send(WriteBlock block) {
  AwaitRoom();
  shared_.queued_blocks.fetch_add(1);
  options_.telemetry->queued_blocks.fetch_add(1, std::memory_order_relaxed);
  shared_.to_writer.Push(std::move(block));
}

Status Shard::MakeRoom() {
  for (const auto& pool : shared_.pools.rows) pool->Trim();
  shared_.pools.quarantine->Trim();
  // The write stage frees the memory of earlier batches without further action here.
  shared_.memory.WaitBelow(config_.memory_bytes,
                           [&] { return shared_.queued_batches.load() == 0 || shared_.abandoned.load(); });
  if (shared_.memory.used() <= config_.memory_bytes) return Ok();
  if (open_bytes_ > config_.memory_bytes / 4) return SpillLargest(config_.memory_bytes / 4);
  if (OpenFileBytes() > config_.memory_bytes / 2) return Cut();
  AwaitRoom();  // the rest is already queued for writing
  return Ok();
}

// A file stays open from its first rows to the end of the batch. If the files to be opened would need too
// much memory, the whole batch is cut instead, which writes one file after the other.
Status Shard::SpillLargest(int64_t until_open_bytes) {
  struct Candidate {
    int64_t bytes;
    uint32_t topic;
    uint32_t partition;
  };
  std::vector<Candidate> candidates;
  for (uint32_t t = 0; t < topics_.size(); ++t) {
    for (uint32_t p = 0; p < topics_[t].open.size(); ++p) {
      const auto& block = topics_[t].open[p];
      if (block != nullptr && block->rows() > 0)
        candidates.push_back({static_cast<int64_t>(block->memory_bytes()), t, p});
    }
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  int64_t left = open_bytes_;
  int64_t files = OpenFileBytes();
  for (const auto& [day, block] : quarantine_) {
    left -= static_cast<int64_t>(block->memory_bytes());
    if (!kept_open_.contains({kQuarantineFile, day})) files += quarantine_file_bytes_;
  }
  size_t count = 0;
  for (; count < candidates.size() && left > until_open_bytes; ++count) {
    const Candidate& candidate = candidates[count];
    left -= candidate.bytes;
    if (!kept_open_.contains({candidate.topic, candidate.partition}))
      files += topics_[candidate.topic].file_bytes;
  }
  if (files > config_.memory_bytes / 2) return Cut();
  for (auto& [day, block] : quarantine_) SendQuarantine(day, std::move(block), false);
  quarantine_.clear();
  for (size_t i = 0; i < count; ++i) SendRows(candidates[i].topic, candidates[i].partition, false);
  return Ok();
}

int64_t Shard::OpenFileBytes() const {
  return std::max(shared_.open_file_bytes.load(), kept_open_bytes_);
}

void Shard::KeepOpen(FileKey key, int64_t file_bytes) {
  if (kept_open_.insert(key).second) kept_open_bytes_ += file_bytes;
}

int64_t Shard::OpenDirectories() const {
  size_t count = quarantine_.size();
  for (const TopicState& topic : topics_) count += topic.decoder->partitions().size();
  return static_cast<int64_t>(count);
}

Status Shard::CutIfDue() {
  if (batch_began_ == 0) return Ok();
  const double age_ms = (MonotonicSeconds() - batch_began_) * 1000;
  return age_ms >= static_cast<double>(options_.flush_interval_ms) ? Cut() : Ok();
}

Status Shard::Cut() {
  for (TopicState& topic : topics_) FillBlocks(topic);
  RefusedByReason refused;
  for (const auto& [key, records] : reasons_) {
    refused[{topics_[key.first].topic->table->topic.name, std::string(ReasonName(key.second))}] = records;
  }
  FOREBAY_TRY(CheckRejectRate(options_.max_reject_rate, batch_records_, refused));
  EndBatch end;
  for (TopicState& topic : topics_) {
    for (size_t p = 0; p < topic.partitions.size(); ++p) {
      PartitionProgress& progress = topic.partitions[p];
      if (!progress.mine || progress.next == progress.from) continue;
      progress.counts.partition = {topic.topic->id, PartitionId(static_cast<int32_t>(p))};
      progress.counts.offsets = {progress.from, progress.next};
      end.ranges.push_back(std::exchange(progress.counts, BatchRange()));
      progress.from = progress.next;
    }
  }
  for (const auto& [key, records] : reasons_) {
    end.quarantine.push_back(
        {topics_[key.first].topic->table->name, std::string(ReasonName(key.second)), records});
  }
  for (uint32_t t = 0; t < topics_.size(); ++t) {
    for (uint32_t p = 0; p < topics_[t].open.size(); ++p) {
      if (topics_[t].open[p] != nullptr) SendRows(t, p, true);
    }
    topics_[t].open.clear();
    topics_[t].decoder->partitions().Clear();
  }
  for (auto& [day, block] : quarantine_) SendQuarantine(day, std::move(block), true);
  quarantine_.clear();
  reasons_.clear();
  records_before_batch_ += std::exchange(batch_records_, 0);
  bytes_before_batch_ += std::exchange(batch_bytes_, 0);
  batch_began_ = 0;
  too_many_directories_ = false;
  kept_open_.clear();
  kept_open_bytes_ = 0;
  if (end.ranges.empty()) return Ok();
  shared_.queued_batches.fetch_add(1);
  shared_.to_writer.Push(std::move(end));
  return Ok();
}

}  // namespace forebay
