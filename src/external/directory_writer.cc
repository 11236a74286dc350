#include "external/directory_writer.h"

#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "commit/commit.h"
#include "testhooks/failpoint.h"

namespace forebay {
namespace {

// Rows are copied in pieces, so that the writer notices a full buffer before it grows much larger.
constexpr size_t kPieceRows = 8192;

}  // namespace

DirectoryWriter::DirectoryWriter(TableStore& store, std::string table, std::shared_ptr<arrow::Schema> schema,
                                 PlainColumns plain, FileSettings file_settings, const WriteLimits& limits)
    : store_(store),
      table_(std::move(table)),
      schema_(std::move(schema)),
      plain_(std::move(plain)),
      file_settings_(std::move(file_settings)),
      limits_(limits) {}

Status DirectoryWriter::Append(const std::string& name, const ColumnArrays& columns,
                               const RowMetadata& row_metadata, std::span<const int32_t> rows) {
  Directory& directory = directories_[name];
  directory.last_used = ++uses_;
  while (!rows.empty()) {
    if (directory.buffer == nullptr) {
      directory.buffer = std::make_unique<RowBuffer>(*schema_, plain_);
      buffered_bytes_ += directory.buffer->memory_bytes();
    }
    RowBuffer& buffer = *directory.buffer;
    const auto room = static_cast<size_t>(limits_.row_group_rows - buffer.rows());
    const auto piece = rows.first(std::min({rows.size(), room, kPieceRows}));
    FOREBAY_TRY(CheckAscending(name, directory, row_metadata, piece));
    const int64_t before = buffer.memory_bytes();
    FOREBAY_TRY(buffer.Append(columns, RowSelection(piece), row_metadata.TotalsOf(piece)));
    buffered_bytes_ += buffer.memory_bytes() - before;
    if (buffer.rows() >= limits_.row_group_rows || buffer.filled_bytes() >= limits_.row_group_bytes) {
      FOREBAY_TRY(WriteRowGroup(name, directory));
    }
    rows = rows.subspan(piece.size());
  }
  return Ok();
}

Status DirectoryWriter::CheckAscending(const std::string& name, Directory& directory,
                                       const RowMetadata& row_metadata, std::span<const int32_t> rows) const {
  int32_t partition = -1;
  std::string_view topic;
  int64_t* last = nullptr;
  for (const int32_t row : rows) {
    if (last == nullptr || row_metadata.partition(row) != partition || row_metadata.topic(row) != topic) {
      partition = row_metadata.partition(row);
      topic = row_metadata.topic(row);
      last =
          &directory.last_offsets.try_emplace({std::string(topic), PartitionId(partition)}, -1).first->second;
    }
    if (row_metadata.offset(row) <= *last) {
      return InvalidArgumentError(fmt::format(
          "the rows for {}/{} do not ascend: offset {} of Kafka partition {} comes behind {}. A transform "
          "keeps the order of rows and makes none twice, and one task stages what another one decoded as a "
          "whole; nothing was landed",
          table_, name, row_metadata.offset(row), partition, *last));
    }
    *last = row_metadata.offset(row);
  }
  return Ok();
}

Status DirectoryWriter::WriteRowGroup(const std::string& name, Directory& directory) {
  RowBuffer& buffer = *directory.buffer;
  FOREBAY_ASSIGN(const ColumnArrays columns, buffer.Arrays());
  if (directory.file == nullptr) FOREBAY_TRY(OpenFile(name, directory, columns));
  open_file_bytes_ -= directory.file->memory_bytes();
  FOREBAY_TRY(directory.file->Write(columns, buffer.totals()));
  open_file_bytes_ += directory.file->memory_bytes();
  const int64_t before = buffer.memory_bytes();
  buffer.Clear();
  buffered_bytes_ += buffer.memory_bytes() - before;
  if (directory.file->bytes() < static_cast<uint64_t>(limits_.file_bytes)) return Ok();
  return FinishFile(directory);
}

Status DirectoryWriter::OpenFile(const std::string& name, Directory& directory, const ColumnArrays& first) {
  while (open_files_ >= limits_.open_files) FOREBAY_TRY(FinishLeastUsed());
  FOREBAY_ASSIGN(std::unique_ptr<StagedFileWriter> staged, store_.CreateStaged(NewPlace(table_, name)));
  begun_.push_back(staged->name());
  FOREBAY_ASSIGN(directory.file, ParquetFile::Create(std::move(staged), schema_, first, file_settings_));
  ++open_files_;
  open_file_bytes_ += directory.file->memory_bytes();
  return Ok();
}

Status DirectoryWriter::FinishFile(Directory& directory) {
  open_file_bytes_ -= directory.file->memory_bytes();
  FOREBAY_ASSIGN(ParquetFile::Finished finished, directory.file->Finish());
  directory.file.reset();
  // Buffered rows go to the next file, and must ascend there.
  if (directory.buffer == nullptr || directory.buffer->rows() == 0) directory.last_offsets.clear();
  --open_files_;
  FOREBAY_FAILPOINT("stage:file_finished");
  FOREBAY_TRY(finished.file->Sync());
  FOREBAY_FAILPOINT("stage:file_synced");
  files_.push_back(Propose(finished));
  return Ok();
}

Status DirectoryWriter::FinishLeastUsed() {
  Directories::iterator least = directories_.end();
  for (auto it = directories_.begin(); it != directories_.end(); ++it) {
    if (it->second.file == nullptr) continue;
    if (least == directories_.end() || it->second.last_used < least->second.last_used) least = it;
  }
  FOREBAY_ASSERT(least != directories_.end());
  return FinishFile(least->second);
}

void DirectoryWriter::ReleaseBuffer(Directory& directory) {
  buffered_bytes_ -= directory.buffer->memory_bytes();
  directory.buffer.reset();
}

Status DirectoryWriter::ShrinkTo(int64_t bytes) {
  std::vector<Directories::iterator> largest;
  for (auto it = directories_.begin(); it != directories_.end(); ++it) {
    if (it->second.buffer != nullptr) largest.push_back(it);
  }
  std::sort(largest.begin(), largest.end(), [](const auto& a, const auto& b) {
    return a->second.buffer->memory_bytes() > b->second.buffer->memory_bytes();
  });
  for (const auto& it : largest) {
    if (memory_bytes() <= bytes) break;
    if (it->second.buffer->rows() > 0) FOREBAY_TRY(WriteRowGroup(it->first, it->second));
    ReleaseBuffer(it->second);
  }
  while (memory_bytes() > bytes && open_files_ > 0) FOREBAY_TRY(FinishLeastUsed());
  std::erase_if(directories_, [](const auto& entry) {
    return entry.second.buffer == nullptr && entry.second.file == nullptr;
  });
  return Ok();
}

Status DirectoryWriter::Finish() {
  for (auto& [name, directory] : directories_) {
    if (directory.buffer != nullptr) {
      if (directory.buffer->rows() > 0) FOREBAY_TRY(WriteRowGroup(name, directory));
      ReleaseBuffer(directory);
    }
    if (directory.file != nullptr) FOREBAY_TRY(FinishFile(directory));
  }
  directories_.clear();
  return Ok();
}

void DirectoryWriter::Discard() {
  directories_.clear();
  for (const std::string& name : begun_) {
    // A file that cannot be unlinked now is an orphan, which the next recovery removes.
    static_cast<void>(store_.Abort(name).ok());
  }
}

}  // namespace forebay
