#include "trial/trial.h"

#include <utility>

#include "base/time.h"
#include "decode/field_presence.h"
#include "decode/schema.h"
#include "store/staged_file.h"

namespace forebay {
namespace {

constexpr size_t kMaxBlocks = 1'000;
constexpr size_t kMaxBlockBytes = 128 * 1024 * 1024;  // of all of them

// Keeps nothing of what is written: the writer above counts the bytes.
class DiscardedFile final : public WritableFile {
 public:
  Status Append(const void*, size_t) override { return Ok(); }
  Status FinishWriting() override { return Ok(); }
  Status Sync() override { return Ok(); }
  Result<uint64_t> Size() override { return uint64_t{0}; }
  Result<uint64_t> LinkCount() override { return uint64_t{0}; }
};

}  // namespace

Result<std::unique_ptr<Trial>> Trial::Create(const Contract& contract, const Table& table) {
  FOREBAY_ASSIGN(auto decoder, RecordDecoder::Create(table));
  return std::unique_ptr<Trial>(new Trial(contract, std::move(decoder)));
}

Trial::Trial(const Contract& contract, std::unique_ptr<RecordDecoder> decoder)
    : table_(decoder->table()),
      decoder_(std::move(decoder)),
      schema_(TableSchema(table_)),
      settings_(TableFileSettings(contract, table_.name, &table_, "native " FOREBAY_VERSION)),
      values_(decoder_->schema().node_count) {}

Status Trial::Add(RecordView record, const std::optional<TextPosition>& in_file) {
  ++report_.records;
  record.timestamp_ms = UsableKafkaTimestamp(record.timestamp_ms);
  if (record.timestamp_ms < 0) ++report_.untimed;
  if (record.value) report_.value_bytes += record.value->size();
  FOREBAY_ASSIGN(const Outcome outcome, decoder_->Decode(record, WallClockMillis()));
  switch (outcome) {
    case Outcome::kRow:
      return AddRow();
    case Outcome::kTombstone:
      ++report_.tombstones;
      return Ok();
    case Outcome::kReject:
      break;
  }
  ++report_.rejected;
  for (const Violation& violation : decoder_->rejection().all) {
    report_.rejects.Add({.table = table_.name,
                         .reason = ReasonName(violation.reason),
                         .field = violation.field,
                         .detail = violation.detail,
                         .partition = record.partition,
                         .offset = record.offset,
                         .value = record.value.value_or(""),
                         .in_file = in_file,
                         .topic = record.topic});
  }
  return Ok();
}

Status Trial::AddRow() {
  const uint32_t directory = decoder_->partition();
  RowBlock& block = blocks_.try_emplace(directory, decoder_->schema(), schema_).first->second;
  block_bytes_ -= block.memory_bytes();
  block.Append(decoder_->row());
  block_bytes_ += block.memory_bytes();
  const bool full = block.rows() >= kMaxRowGroupRows ||
                    block.filled_bytes() >= static_cast<size_t>(kMaxRowGroupBytes) ||
                    blocks_.size() >= kMaxBlocks || block_bytes_ >= kMaxBlockBytes;
  return full ? WriteAll() : Ok();
}

Status Trial::WriteAll() {
  for (const auto& [directory, block] : blocks_)
    FOREBAY_TRY(WriteFile(decoder_->partitions().directory(directory), block));
  blocks_.clear();
  block_bytes_ = 0;
  decoder_->partitions().Clear();
  return Ok();
}

Status Trial::WriteFile(const std::string& directory, const RowBlock& block) {
  const ColumnArrays columns = block.Arrays();
  auto staged = std::make_unique<StagedFileWriter>("of a trial", FilePlace{table_.name, directory, ""},
                                                   std::make_unique<DiscardedFile>());
  FOREBAY_ASSIGN(const auto file, ParquetFile::Create(std::move(staged), schema_, columns, settings_));
  FOREBAY_TRY(file->Write(columns, block.totals()));
  report_.row_bytes += file->bytes();
  FOREBAY_ASSIGN(const ParquetFile::Finished finished, file->Finish());
  block.AddValues(&values_);
  report_.fields.rows += block.rows();
  report_.file_bytes += finished.content.bytes;
  const bool room =
      report_.directories.size() < TrialReport::kMaxDirectories || report_.directories.contains(directory);
  DirectoryTrial& of = room ? report_.directories[directory] : report_.other_directories;
  of.rows += block.rows();
  of.bytes += finished.content.bytes;
  return Ok();
}

Result<TrialReport> Trial::Finish() {
  FOREBAY_TRY(WriteAll());
  report_.fields.unknown = decoder_->TakeUnknownMembers();
  if (report_.fields.rows > 0) {
    for (const std::string& field : FieldsWithoutValues(decoder_->schema(), values_))
      report_.fields.missing[field] = report_.fields.rows;
  }
  return std::move(report_);
}

}  // namespace forebay
