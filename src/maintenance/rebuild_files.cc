#include "maintenance/rebuild_files.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "commit/commit.h"

namespace forebay {

ReplacementFiles::ReplacementFiles(Lake& lake, const Contract& contract, std::vector<const LedgerFile*> files)
    : lake_(lake), contract_(contract), files_(std::move(files)) {}
ReplacementFiles::~ReplacementFiles() = default;

int64_t ReplacementFiles::room() const {
  return filled_.size() == files_.size() ? 0 : files_[filled_.size()]->file.rows - written_;
}

Status ReplacementFiles::Open(const ColumnBlock& block) {
  FOREBAY_ASSIGN(std::unique_ptr<StagedFileWriter> staged, lake_.NewStagedFile());
  staged_names_.push_back(staged->name());
  FOREBAY_ASSIGN(open_, ParquetFile::Create(
                            std::move(staged), block.schema(), block.Arrays(),
                            TableFileMetadata(contract_, files_[0]->place.table, "native " FOREBAY_VERSION)));
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
  const LedgerFile& old = *files_[filled_.size()];
  ProposedFile file = Propose(old.place.table, old.place.partition_dir, finished);
  file.index = old.file.index;
  filled_.push_back({std::move(file), std::move(finished.file)});
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
  for (const Filled& filled : filled_) {
    positions -= filled.file.position_sum;
    keys -= filled.file.key_sum;
  }
  if (positions != 0) return FailedPreconditionError("Kafka's records for it are not those that were landed");
  if (keys != 0) return FailedPreconditionError("the records' primary keys are not those that were landed");
  return Ok();
}

Result<std::vector<ReplacementFiles::Filled>> ReplacementFiles::Finish() {
  if (room() > 0) {
    int64_t wanted = 0;
    int64_t got = written_;
    for (const LedgerFile* old : files_) wanted += old->file.rows;
    for (const Filled& filled : filled_) got += filled.file.rows;
    return FailedPreconditionError("Kafka has " + std::to_string(got) + " of its " + std::to_string(wanted) +
                                   " records");
  }
  FOREBAY_TRY(CheckSums());
  for (const Filled& filled : filled_) FOREBAY_TRY(filled.staged->Sync());
  FOREBAY_TRY(lake_.fs().SyncDirectory(lake_.paths().StagingDir()));
  return std::move(filled_);
}

void ReplacementFiles::Drop() {
  for (const std::string& name : staged_names_) {
    const auto unlinked = lake_.fs().Unlink(lake_.paths().StagedFile(name));
    // The next recovery removes the file.
    if (!unlinked.ok()) spdlog::warn("{}", unlinked.error().message());
  }
}

}  // namespace forebay
