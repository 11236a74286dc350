#include "external/batch_decoder.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <utility>

#include "base/time.h"
#include "compare/fingerprint.h"
#include "contract/contract_hash.h"
#include "contract/topics.h"
#include "decode/row_block.h"
#include "decode/schema.h"
#include "external/record_columns.h"

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

// A buffer that is part of a block's memory and keeps the whole block alive.
class BlockBuffer final : public arrow::Buffer {
 public:
  BlockBuffer(std::shared_ptr<arrow::Buffer> part, std::shared_ptr<const void> block)
      : arrow::Buffer(part->data(), part->size()), part_(std::move(part)), block_(std::move(block)) {}

 private:
  std::shared_ptr<arrow::Buffer> part_;
  std::shared_ptr<const void> block_;
};

std::shared_ptr<arrow::ArrayData> Keeping(const std::shared_ptr<arrow::ArrayData>& data,
                                          const std::shared_ptr<const void>& block) {
  const std::shared_ptr<arrow::ArrayData> kept = data->Copy();
  for (auto& buffer : kept->buffers) {
    if (buffer != nullptr) buffer = std::make_shared<BlockBuffer>(buffer, block);
  }
  for (auto& child : kept->child_data) child = Keeping(child, block);
  return kept;
}

// Returns the block's columns, each of which keeps the block alive.
std::vector<ArrayPtr> ReleaseColumns(std::shared_ptr<const ColumnBlock> block) {
  std::vector<ArrayPtr> columns;
  for (const ArrayPtr& array : block->Arrays()) {
    columns.push_back(arrow::MakeArray(Keeping(array->data(), block)));
  }
  return columns;
}

std::shared_ptr<arrow::DataType> Instant() {
  return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
}

// A text for each row.
class Texts {
 public:
  void Append(std::string_view name) {
    bytes_ += name;
    offsets_.push_back(static_cast<int32_t>(bytes_.size()));
  }
  size_t bytes() const { return bytes_.size(); }
  ArrayPtr Release() {
    const auto rows = static_cast<int64_t>(offsets_.size()) - 1;
    return std::make_shared<arrow::StringArray>(rows, arrow::Buffer::FromVector(std::move(offsets_)),
                                                arrow::Buffer::FromString(std::move(bytes_)));
  }

 private:
  std::string bytes_;
  std::vector<int32_t> offsets_ = {0};
};

// Notes the fingerprint of each Kafka partition's last record, from the end of the batch on.
void ObserveLastRecords(const RecordColumns& columns, TopicStats* stats) {
  size_t left = stats->size();
  for (int64_t row = columns.rows() - 1; row >= 0 && left > 0; --row) {
    const RecordView record = columns.At(row);
    PartitionStats& of_partition = StatsOf(*stats, record.topic, record.partition);
    if (of_partition.last_fingerprint || record.offset.value() != of_partition.last_offset) continue;
    of_partition.ObserveFingerprint(
        record.offset, FingerprintOf(record.offset, record.timestamp_ms, record.key, record.value));
    --left;
  }
}

// Collects the rows, rejected records and tombstones of one batch.
class Outcomes {
 public:
  Outcomes(const RecordDecoder& decoder, const Contract& contract)
      : decoder_(decoder),
        contract_(contract),
        rows_(
            std::make_shared<RowBlock>(decoder.schema(), TableSchema(decoder.table()), BlockStrings::kPlain)),
        rejects_(std::make_shared<QuarantineBlock>(QuarantineSchema(), BlockStrings::kPlain)) {}

  // Accepts a record's outcome, but not the columns of a row: AppendRows() appends those.
  void Accept(Outcome outcome, const RecordView& record, RecordDecoder& decoder) {
    PartitionStats& stats = StatsOf(stats_, record.topic, record.partition);
    stats.ObserveOffset(record.offset, record.timestamp_ms);
    switch (outcome) {
      case Outcome::kRow:
        directories_.Append(decoder.partitions().directory(decoder_.partition()));
        stats.rows.Add(record.topic, record.partition, record.offset);
        if (decoder_.event_time_micros()) stats.AddEventTime(*decoder_.event_time_micros());
        break;
      case Outcome::kReject:
        rejects_->Append(TopicOf(record), record, decoder_.rejection(), contract_.version);
        stats.quarantined.Add({}, record.partition, record.offset);  // as quarantine's files are summed
        ++stats.reasons[std::string(ReasonName(decoder_.rejection().reason))];
        break;
      case Outcome::kTombstone:
        tombstone_topics_.Append(TopicOf(record));
        tombstones_.Append(record.partition, record.offset, record.timestamp_ms);
        ++tombstone_count_;
        stats.tombstones.Add({}, record.partition, record.offset);
        break;
    }
  }

  // The statistics of the Kafka partitions, which Finish passes on.
  TopicStats& stats() { return stats_; }

  void AppendRows(RowRun& run) {
    rows_->Append(run);
    run.Clear();
  }

  // An approximate lower bound of the bytes of all columns.
  size_t memory_bytes() const {
    return rows_->memory_bytes() + rejects_->memory_bytes() + directories_.bytes();
  }

  DecodedBatch Finish(const std::string& contract_hash) && {
    DecodedBatch batch;
    const int64_t rows = rows_->rows();
    std::vector<ArrayPtr> columns = ReleaseColumns(std::move(rows_));
    columns.push_back(directories_.Release());
    batch.rows = arrow::RecordBatch::Make(DecodedSchema(decoder_.table()), rows, std::move(columns));
    const int64_t rejects = rejects_->rows();
    batch.rejects =
        arrow::RecordBatch::Make(QuarantineSchema(), rejects, ReleaseColumns(std::move(rejects_)));
    batch.tombstones = arrow::RecordBatch::Make(TombstoneSchema(), tombstone_count_, TombstoneColumns());
    batch.stats = {{contract_hash, "", "", FOREBAY_VERSION}, decoder_.table().name, std::move(stats_)};
    return batch;
  }

 private:
  std::string_view TopicOf(const RecordView& record) const {
    return record.topic.empty() ? std::string_view(decoder_.table().topic.name) : record.topic;
  }

  // Copied, since they are few.
  std::vector<ArrayPtr> TombstoneColumns() {
    const auto copied = [&](const auto& column, std::shared_ptr<arrow::DataType> type) {
      const auto bytes = [](const auto* data, size_t size) {
        return arrow::Buffer::FromString(size == 0 ? std::string()
                                                   : std::string(reinterpret_cast<const char*>(data), size));
      };
      const Validity& valid = column.validity();
      const auto bits =
          valid.bits() == nullptr ? nullptr : bytes(valid.bits(), static_cast<size_t>(valid.size() + 7) / 8);
      const auto& values = column.values();
      return arrow::MakeArray(arrow::ArrayData::Make(
          std::move(type), valid.size(), {bits, bytes(values.data(), values.size() * sizeof(*values.data()))},
          valid.null_count()));
    };
    return {tombstone_topics_.Release(), copied(tombstones_.partition, arrow::int32()),
            copied(tombstones_.offset, arrow::int64()), copied(tombstones_.timestamp_us, Instant())};
  }

  const RecordDecoder& decoder_;
  const Contract& contract_;
  std::shared_ptr<RowBlock> rows_;
  Texts directories_;
  std::shared_ptr<QuarantineBlock> rejects_;
  Texts tombstone_topics_;
  PositionColumns tombstones_;
  int64_t tombstone_count_ = 0;
  TopicStats stats_;
};

}  // namespace

std::shared_ptr<arrow::Schema> DecodedSchema(const Table& table) {
  arrow::FieldVector fields = TableSchema(table)->fields();
  fields.push_back(arrow::field(std::string(kDirectoryColumn), arrow::utf8(), false));
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::Schema> TombstoneSchema() {
  return arrow::schema({arrow::field(std::string(kTopicColumn), arrow::utf8(), false),
                        arrow::field(std::string(kPartitionColumn), arrow::int32(), false),
                        arrow::field(std::string(kOffsetColumn), arrow::int64(), false),
                        arrow::field(std::string(kTimestampColumn), Instant(), true)});
}

BatchDecoder::BatchDecoder(std::shared_ptr<const Contract> contract, std::shared_ptr<const Table> table,
                           std::unique_ptr<RecordDecoder> decoder)
    : contract_(std::move(contract)),
      table_(std::move(table)),
      decoder_(std::move(decoder)),
      contract_hash_(ContractHash(contract_->yaml)) {}

Result<std::unique_ptr<BatchDecoder>> BatchDecoder::Create(std::shared_ptr<const Contract> contract,
                                                           const std::string& table,
                                                           const std::string& topic) {
  FOREBAY_ASSIGN(std::shared_ptr<const Table> found, MakeTable(*contract, table, topic));
  FOREBAY_ASSIGN(auto decoder, RecordDecoder::Create(*found));
  return std::unique_ptr<BatchDecoder>(
      new BatchDecoder(std::move(contract), std::move(found), std::move(decoder)));
}

Result<DecodedBatch> BatchDecoder::Decode(const arrow::RecordBatch& records, std::optional<int64_t> now_ms) {
  constexpr size_t kMaxDirectories = 10'000;
  constexpr size_t kMaxDecodedBytes = INT32_MAX;  // so that no column's offsets overflow
  if (decoder_->partitions().size() > kMaxDirectories) decoder_->partitions().Clear();
  FOREBAY_ASSIGN(const RecordColumns columns, RecordColumns::Make(records, table_->HasTopicColumn()));
  if (decoder_->needs_headers() && !columns.has_headers()) {
    return InvalidArgumentError("a field of table '" + decoder_->table().name +
                                "' comes from a header: the records need the column 'headers'");
  }
  std::vector<RecordHeader> headers;
  const int64_t now = now_ms ? *now_ms : WallClockMillis();
  Outcomes outcomes(*decoder_, *contract_);
  RowRun run(decoder_->schema());
  for (int64_t row = 0; row < columns.rows(); ++row) {
    RecordView record = columns.At(row);
    if (decoder_->needs_headers()) columns.SetHeaders(row, &headers, &record);
    FOREBAY_ASSIGN(const Outcome outcome, decoder_->Decode(record, now, &run));
    if (outcome == Outcome::kReject) columns.SetHeaders(row, &headers, &record);
    outcomes.Accept(outcome, record, *decoder_);
    if (run.full()) outcomes.AppendRows(run);
    if (outcomes.memory_bytes() > kMaxDecodedBytes) [[unlikely]] {
      return InvalidArgumentError("a batch of " + std::to_string(columns.rows()) +
                                  " records becomes more than " + std::to_string(kMaxDecodedBytes) +
                                  " bytes: hand it over in slices");
    }
  }
  outcomes.AppendRows(run);
  ObserveLastRecords(columns, &outcomes.stats());
  return std::move(outcomes).Finish(contract_hash_);
}

}  // namespace forebay
