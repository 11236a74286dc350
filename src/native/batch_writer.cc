#include "native/batch_writer.h"

namespace forebay {

BatchWriter::BatchWriter(const LandOptions& options, const LandPlan& plan, TableStore& store, ShardShared& shared,
                         BoundedQueue<StagedBatch>& to_commit)
    : options_(options), plan_(plan), store_(store), shared_(shared), to_commit_(to_commit) {}

Status BatchWriter::Run() {
  while (true) {
    std::optional<WriteItem> item = shared_.to_writer.Pop();
    if (!item) return Ok();
    if (auto* block = std::get_if<WriteBlock>(&*item)) {
      FOREBAY_TRY(Write(std::move(*block)));
    } else {
      FOREBAY_TRY(End(std::move(std::get<EndBatch>(*item))));
    }
  }
}

Status BatchWriter::Write(WriteBlock item) {
  Status written;
  if (item.rows) {
    written = WriteRows({plan_.topics[item.topic].table->name, item.directory}, *item.rows, item.last);
    shared_.pools.rows[item.topic]->Return(std::move(item.rows));
  } else {
    written = WriteRows({std::string(kQuarantineTable), item.directory}, *item.quarantine, item.last);
    shared_.pools.quarantine->Return(std::move(item.quarantine));
  }
  shared_.queued_blocks.fetch_sub(1);
  options_.telemetry->queued_blocks.fetch_sub(1, std::memory_order_relaxed);
  return written;
}

Status BatchWriter::WriteRows(const FileKey& key, const ColumnBlock& block, bool last) {
  const ColumnArrays columns = block.Arrays();
  auto found = open_.find(key);
  if (found == open_.end()) {
    FOREBAY_ASSIGN(std::unique_ptr<StagedFileWriter> staged,
                   store_.CreateStaged(NewPlace(key.first, key.second)));
    FOREBAY_ASSIGN(
        std::unique_ptr<ParquetFile> file,
        ParquetFile::Create(std::move(staged), block.schema(), columns,
                            TableFileMetadata(*options_.contract, key.first, "native " FOREBAY_VERSION)));
    found = open_.emplace(key, std::move(file)).first;
    options_.telemetry->open_files.fetch_add(1, std::memory_order_relaxed);
    Charge(found->second->memory_bytes());
  }
  const int64_t before = found->second->memory_bytes();
  FOREBAY_TRY(found->second->Write(columns, block.totals()));
  Charge(found->second->memory_bytes() - before);
  if (!last && found->second->bytes() < static_cast<uint64_t>(options_.file_bytes)) return Ok();
  return FinishFile(found);
}

void BatchWriter::Charge(int64_t file_bytes) {
  shared_.open_file_bytes.fetch_add(file_bytes);
  shared_.memory.Add(file_bytes);
}

Status BatchWriter::FinishFile(OpenFiles::iterator open) {
  const auto [key, file] = std::move(*open);
  open_.erase(open);
  FOREBAY_ASSIGN(ParquetFile::Finished finished, file->Finish());
  LandTelemetry& telemetry = *options_.telemetry;
  telemetry.open_files.fetch_sub(1, std::memory_order_relaxed);
  telemetry.written.Add(finished.totals.rows, static_cast<int64_t>(finished.content.bytes));
  shared_.open_file_bytes.fetch_sub(file->memory_bytes());
  shared_.memory.Sub(file->memory_bytes());
  batch_.proposal.files.push_back(Propose(finished));
  batch_.staged.push_back(std::move(finished.file));
  return Ok();
}

Status BatchWriter::End(EndBatch end) {
  while (!open_.empty()) FOREBAY_TRY(FinishFile(open_.begin()));
  shared_.queued_batches.fetch_sub(1);
  batch_.proposal.contract_yaml = options_.contract->yaml;
  batch_.proposal.engine = "native";
  batch_.proposal.engine_version = FOREBAY_VERSION;
  batch_.proposal.ranges = std::move(end.ranges);
  batch_.proposal.quarantine = std::move(end.quarantine);
  options_.telemetry->staged_batches.fetch_add(1, std::memory_order_relaxed);
  to_commit_.Push(std::exchange(batch_, StagedBatch()));  // fails only after a recorded failure
  return Ok();
}

}  // namespace forebay
