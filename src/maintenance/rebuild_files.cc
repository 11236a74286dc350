#include "maintenance/rebuild_files.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "commit/commit.h"

namespace forebay {

ReplacementFiles::ReplacementFiles(TableStore& store, const Contract& contract, const Table* table,
                                   std::vector<const LedgerFile*> files)
    : store_(store), contract_(contract), table_(table), files_(std::move(files)) {}
ReplacementFiles::~ReplacementFiles() = default;

int64_t ReplacementFiles::room() const {
  const size_t full = filled_.files.size();
  return full == files_.size() ? 0 : files_[full]->file.rows - written_;
}

Status ReplacementFiles::Open(const ColumnBlock& block) {
  FOREBAY_ASSIGN(std::unique_ptr<StagedFileWriter> staged,
                 store_.CreateStaged(files_[filled_.files.size()]->place));
  staged_names_.push_back(staged->name());
  FOREBAY_ASSIGN(open_, ParquetFile::Create(std::move(staged), block.schema(), block.Arrays(),
                                            TableFileSettings(contract_, files_[0]->place.table, table_,
                                                              "native " FOREBAY_VERSION)));
  return Ok();
}

Status ReplacementFiles::Write(ColumnBlock& block) {
  FOREBAY_ASSERT(block.rows() > 0 && block.rows() <= room());
  if (open_ == nullptr) FOREBAY_TRY(Open(block));
  FOREBAY_TRY(open_->Write(block.Arrays(), block.totals()));
  written_ += block.rows();
  block.Clear();
  return room() == 0 ? FinishFile() : Ok();
}

Status ReplacementFiles::FinishFile() {
  FOREBAY_ASSIGN(ParquetFile::Finished finished, open_->Finish());
  open_.reset();
  written_ = 0;
  filled_.files.push_back(Propose(finished));
  filled_.staged.push_back(std::move(finished.file));
  return Ok();
}

// Compares the sums of all files together: it does not matter which of them holds a row.
Status ReplacementFiles::CheckSums() const {
  uint64_t positions = 0;
  uint64_t keys = 0;
  for (const LedgerFile* old : files_) {
    positions += old->file.position_sum;
    keys += old->file.key_sum;
  }
  for (const ProposedFile& file : filled_.files) {
    positions -= file.position_sum;
    keys -= file.key_sum;
  }
  if (positions != 0) return FailedPreconditionError("Kafka's records differ from the landed ones");
  if (keys != 0) return FailedPreconditionError("the records' primary keys differ from the landed ones");
  return Ok();
}

Result<ReplacementFiles::Filled> ReplacementFiles::Finish() {
  if (room() > 0) {
    int64_t wanted = 0;
    int64_t got = written_;
    for (const LedgerFile* old : files_) wanted += old->file.rows;
    for (const ProposedFile& file : filled_.files) got += file.rows;
    return FailedPreconditionError("Kafka has " + std::to_string(got) + " of its " + std::to_string(wanted) +
                                   " records");
  }
  FOREBAY_TRY(CheckSums());
  FOREBAY_TRY(MakeDurable(store_, filled_.staged));
  return std::move(filled_);
}

void ReplacementFiles::Drop() {
  for (const std::string& name : staged_names_) {
    const Status removed = store_.Abort(name);
    // The next recovery removes the file.
    if (!removed.ok()) spdlog::warn("{}", removed.error().message());
  }
}

}  // namespace forebay
