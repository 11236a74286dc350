#include "native/batch_writer.h"

namespace forebay {

BatchWriter::BatchWriter(SessionContext& session, TableStore& store, ShardShared& shared,
                         BoundedQueue<StagedBatch>& to_commit)
    : session_(session), store_(store), shared_(shared), to_commit_(to_commit) {}

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
  if (auto* rows = std::get_if<BudgetedRows>(&item.block)) {
    const Table& table = *session_.plan.tables[item.table].table;
    written = WriteRows({table.name, item.directory}, &table, *rows->block, item.last);
    shared_.pools.rows[item.table]->Return(std::move(*rows));
  } else {
    auto& quarantine = std::get<BudgetedQuarantine>(item.block);
    written =
        WriteRows({std::string(kQuarantineTable), item.directory}, nullptr, *quarantine.block, item.last);
    shared_.pools.quarantine.Return(std::move(quarantine));
  }
  session_.stats.BlockWritten();
  return written;
}

Status BatchWriter::WriteRows(const TableDirectory& key, const Table* table, const ColumnBlock& block,
                              bool last) {
  const ColumnArrays columns = block.Arrays();
  auto found = open_.find(key);
  if (found == open_.end()) {
    FOREBAY_ASSIGN(OpenFile opened, Open(key, table, block, columns));
    found = open_.emplace(key, std::move(opened)).first;
  }
  OpenFile& open = found->second;
  FOREBAY_TRY(open.file->Write(columns, block.totals()));
  open.memory.Resize(open.file->memory_bytes());
  if (!last && open.file->bytes() < static_cast<uint64_t>(session_.options.file_bytes)) return Ok();
  return FinishFile(found);
}

Result<BatchWriter::OpenFile> BatchWriter::Open(const TableDirectory& key, const Table* table,
                                                const ColumnBlock& block, const ColumnArrays& columns) {
  FOREBAY_ASSIGN(std::unique_ptr<StagedFileWriter> staged,
                 store_.CreateStaged(NewPlace(key.first, key.second)));
  FOREBAY_ASSIGN(std::unique_ptr<ParquetFile> file,
                 ParquetFile::Create(std::move(staged), block.schema(), columns,
                                     TableFileSettings(*session_.options.contract, key.first, table,
                                                       "native " FOREBAY_VERSION)));
  session_.stats.FileOpened();
  const int64_t bytes = file->memory_bytes();
  return OpenFile{std::move(file), shared_.memory.Reserve(MemoryUse::kFiles, bytes)};
}

Status BatchWriter::FinishFile(OpenFiles::iterator open) {
  const auto [key, opened] = std::move(*open);
  open_.erase(open);
  FOREBAY_ASSIGN(ParquetFile::Finished finished, opened.file->Finish());
  session_.stats.FileFinished(finished.totals.rows, static_cast<int64_t>(finished.content.bytes));
  batch_.proposal.files.push_back(Propose(finished));
  batch_.staged.push_back(std::move(finished.file));
  return Ok();
}

Status BatchWriter::End(EndBatch end) {
  while (!open_.empty()) FOREBAY_TRY(FinishFile(open_.begin()));
  shared_.unwritten_batches.fetch_sub(1);
  batch_.proposal.contract_yaml = session_.options.contract->yaml;
  batch_.proposal.engine = "native";
  batch_.proposal.engine_version = FOREBAY_VERSION;
  batch_.proposal.ranges = std::move(end.ranges);
  batch_.proposal.quarantine = std::move(end.quarantine);
  batch_.to_confirm = std::move(end.to_confirm);
  batch_.proposal.untimed = std::move(end.untimed);
  batch_.proposal.fields = std::move(end.fields);
  session_.stats.BatchStaged();
  to_commit_.Push(std::exchange(batch_, StagedBatch()));  // fails only after a recorded failure
  return Ok();
}

}  // namespace forebay
