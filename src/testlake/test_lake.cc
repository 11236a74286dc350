#include "testlake/test_lake.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <parquet/arrow/writer.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "base/row_hash.h"
#include "base/time.h"
#include "decode/schema.h"
#include "partition/directory.h"

namespace forebay {
namespace {

constexpr const char* kContract = R"(apiVersion: v3.2.0
kind: DataContract
id: audited
name: Audited
version: 1.0.0
status: active
schema:
  - name: events
    logicalType: object
    customProperties:
      - {property: kafka.topic, value: t.events}
      - {property: kafka.partitions, value: 2}
      - {property: eventTime, value: at}
    properties:
      - {name: id, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: at, logicalType: timestamp, physicalType: timestamp_tz, required: true}
      - {name: date, logicalType: date, required: true, partitioned: true, partitionKeyPosition: 1, transformLogic: date(at)}
  - name: plain
    logicalType: object
    customProperties:
      - {property: kafka.topic, value: t.plain}
      - {property: kafka.partitions, value: 2}
      - {property: eventTime, value: at}
    properties:
      - {name: id, logicalType: string, required: true}
      - {name: at, logicalType: timestamp, physicalType: timestamp_tz, required: true}
      - {name: date, logicalType: date, required: true, partitioned: true, partitionKeyPosition: 1, transformLogic: date(at)}
)";

void Must(const arrow::Status& status) {
  ASSERT_TRUE(status.ok()) << status.ToString();
}
void Must(const Status& status) {
  ASSERT_TRUE(status.ok()) << status.error().message();
}
template <typename T>
T Must(Result<T> result) {
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message());
  return std::move(*result);
}

template <typename Builder, typename T>
std::shared_ptr<arrow::Array> ArrayOf(const std::vector<T>& values, Builder builder = Builder()) {
  for (const T& value : values) Must(builder.Append(value));
  return *builder.Finish();
}

void WriteParquet(const std::string& path, const std::shared_ptr<arrow::Schema>& schema,
                  const arrow::ArrayVector& columns) {
  const auto sink = *arrow::io::FileOutputStream::Open(path);
  const auto properties = parquet::WriterProperties::Builder().enable_page_checksum()->build();
  const auto table = arrow::Table::Make(schema, columns);
  // Small row groups, so that a file has several.
  Must(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, 30, properties,
                                  parquet::ArrowWriterProperties::Builder().store_schema()->build()));
  Must(sink->Close());
}

auto Micros() {
  return arrow::TimestampBuilder(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                                 arrow::default_memory_pool());
}

std::shared_ptr<arrow::Array> Nulls(const std::shared_ptr<arrow::DataType>& type, size_t count) {
  return *arrow::MakeArrayOfNull(type, static_cast<int64_t>(count));
}

void WriteRows(const std::string& path, const std::vector<TestRow>& rows) {
  std::vector<std::string> ids;
  std::vector<int64_t> times;
  std::vector<int32_t> partitions;
  std::vector<int64_t> offsets;
  for (const TestRow& row : rows) {
    ids.push_back(row.id);
    times.push_back(row.at_us);
    partitions.push_back(row.partition);
    offsets.push_back(row.offset);
  }
  const Contract contract = Must(ParseContract(kContract, "test"));
  const auto at = ArrayOf(times, Micros());
  WriteParquet(path, TableSchema(contract.tables.front()),
               {ArrayOf<arrow::StringBuilder>(ids), at, Nulls(arrow::utf8(), rows.size()),
                ArrayOf<arrow::Int32Builder>(partitions), ArrayOf<arrow::Int64Builder>(offsets), at});
}

void WriteRefused(const std::string& path, const std::string& topic, const std::vector<TestRefused>& rows) {
  std::vector<std::string> topics(rows.size(), topic);
  std::vector<std::string> versions(rows.size(), "1.0.0");
  std::vector<std::string> values;
  std::vector<std::string> reasons;
  std::vector<int32_t> partitions;
  std::vector<int64_t> offsets;
  std::vector<int64_t> times;
  for (const TestRefused& row : rows) {
    values.push_back(row.value);
    reasons.push_back(row.reason);
    partitions.push_back(row.partition);
    offsets.push_back(row.offset);
    times.push_back(NovemberUs(7));
  }
  // The columns of versions before headers and all violations were kept.
  const arrow::FieldVector fields = QuarantineSchema()->fields();
  WriteParquet(path, arrow::schema(arrow::FieldVector(fields.begin(), fields.begin() + 10)),
               {ArrayOf<arrow::StringBuilder>(topics), ArrayOf<arrow::Int32Builder>(partitions),
                ArrayOf<arrow::Int64Builder>(offsets), ArrayOf(times, Micros()),
                Nulls(arrow::binary(), rows.size()), ArrayOf<arrow::BinaryBuilder>(values),
                ArrayOf<arrow::StringBuilder>(reasons), Nulls(arrow::utf8(), rows.size()),
                Nulls(arrow::utf8(), rows.size()), ArrayOf<arrow::StringBuilder>(versions)});
}

}  // namespace

uint64_t KeyHash(const TestRow& row, const std::string& table) {
  if (table == "plain") return HashPosition(PartitionId(row.partition), Offset(row.offset));
  RowHasher hasher;
  hasher.AddBytes(row.id);
  return hasher.Finish();
}

std::string DateDir(int64_t us) {
  return DateDirectory(DayOfMicros(us));
}

namespace {

ContentSummary Summarize(const std::string& path) {
  const auto file = Must(PosixFs().OpenForRead(path));
  return Must(SummarizeContent(*file));
}

ProposedFile Propose(const LakePaths& paths, const std::string& table, const std::string& dir,
                     const std::string& staged_name) {
  ProposedFile file;
  file.table = table;
  file.partition_dir = dir;
  file.file_name = NewPlace(table, dir).file_name;
  file.staged_name = staged_name;
  const ContentSummary content = Summarize(paths.StagedFile(staged_name));
  file.bytes = static_cast<int64_t>(content.bytes);
  file.checksum = content.checksum;
  return file;
}

std::vector<ProposedFile> StageFiles(const LakePaths& paths, const TestBatch& batch) {
  std::map<std::string, std::vector<TestRow>> by_dir;
  for (const TestRow& row : batch.rows) by_dir[DateDir(row.at_us)].push_back(row);
  std::vector<ProposedFile> files;
  for (const auto& [dir, rows] : by_dir) {
    const std::string staged = RandomStagedName();
    WriteRows(paths.StagedFile(staged), rows);
    ProposedFile file = Propose(paths, batch.table, dir, staged);
    file.rows = static_cast<int64_t>(rows.size());
    for (const TestRow& row : rows) {
      file.position_sum += HashPosition(PartitionId(row.partition), Offset(row.offset));
      file.key_sum += KeyHash(row, batch.table);
      file.max_event_time_us = std::max(file.max_event_time_us.value_or(row.at_us), row.at_us);
      file.min_event_time_us = std::min(file.min_event_time_us.value_or(row.at_us), row.at_us);
    }
    files.push_back(file);
  }
  if (batch.refused.empty()) return files;
  const std::string staged = RandomStagedName();
  WriteRefused(paths.StagedFile(staged), "t." + batch.table, batch.refused);
  ProposedFile file = Propose(paths, "quarantine", DateDir(NovemberUs(7)), staged);
  file.rows = static_cast<int64_t>(batch.refused.size());
  for (const TestRefused& row : batch.refused) {
    file.position_sum += HashPosition(PartitionId(row.partition), Offset(row.offset));
  }
  files.push_back(file);
  return files;
}

BatchProposal Propose(const LakePaths& paths, const TestBatch& batch) {
  BatchProposal proposal;
  proposal.contract_yaml = kContract;
  proposal.engine = "native";
  proposal.engine_version = "0.1.0";
  const TopicId topic = batch.table == "plain" ? kPlainId : kEventsId;
  for (const TestRange& range : batch.ranges) {
    BatchRange landed{{topic, PartitionId(range.partition)},
                      {Offset(range.from), Offset(range.to)},
                      0,
                      0,
                      range.tombstones,
                      std::nullopt,
                      NovemberUs(7) / 1000};
    for (const TestRow& row : batch.rows) {
      if (row.partition != range.partition) continue;
      ++landed.rows;
      landed.max_event_time_us = std::max(landed.max_event_time_us.value_or(row.at_us), row.at_us);
    }
    for (const TestRefused& row : batch.refused)
      landed.quarantined += row.partition == range.partition ? 1 : 0;
    proposal.ranges.push_back(landed);
  }
  proposal.files = StageFiles(paths, batch);
  std::map<std::string, int64_t> reasons;
  for (const TestRefused& row : batch.refused) ++reasons[row.reason];
  for (const auto& [reason, records] : reasons) proposal.quarantine.push_back({batch.table, reason, records});
  return proposal;
}

}  // namespace

std::vector<TestRow> Rows(int32_t partition, int64_t from, int64_t to) {
  std::vector<TestRow> rows;
  for (int64_t offset = from; offset < to; ++offset) {
    rows.push_back({partition, offset, "p" + std::to_string(partition) + "-" + std::to_string(offset),
                    NovemberUs(1, static_cast<int>(offset))});
  }
  return rows;
}

std::vector<TestRow> operator+(std::vector<TestRow> a, const std::vector<TestRow>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TestLake::TestLake() : dir_(testing::TempDir() + "/audit_test." + std::to_string(::getpid())) {
  std::filesystem::remove_all(dir_);
  Open();
  std::vector<Beginning> beginnings;
  for (int32_t p = 0; p < 2; ++p) {
    beginnings.push_back({"t.events", "events", {kEventsId, PartitionId(p)}, Offset(0)});
    beginnings.push_back({"t.plain", "plain", {kPlainId, PartitionId(p)}, Offset(0)});
  }
  Must(opened_.ledger->CommitBeginnings(beginnings));
}

TestLake::~TestLake() {
  opened_ = {};
  std::filesystem::remove_all(dir_);
}

void TestLake::Open() {
  opened_ = Must(OpenLake(PosixFs(), dir_));
}

BatchId TestLake::Land(const TestBatch& batch) {
  const LakePaths paths(dir_);
  const DecidedBatch decided = Must(opened_.ledger->Decide(Propose(paths, batch), [] { return Ok(); }));
  if (!batch.publish) return decided.id;
  for (const LedgerFile& file : decided.files) {
    std::filesystem::create_directories(paths.PartitionDir(file.place.table, file.place.partition_dir));
    std::filesystem::rename(paths.StagedFile(file.file.staged_name), paths.File(file.place));
  }
  Must(opened_.ledger->MarkPublished(decided.id));
  return decided.id;
}

void TestLake::LandTwoBatches() {
  std::vector<TestRow> first = Rows(0, 0, 50) + Rows(1, 0, 50);
  first.erase(first.begin() + 40);
  Land({{{0, 0, 50}, {1, 0, 50}}, first, {{0, 40}}});
  Land({{{0, 50, 100}, {1, 50, 100}}, Rows(0, 50, 100) + Rows(1, 50, 100), {}});
}

std::string TestLake::FileOf(BatchId batch, const std::string& table,
                             const std::string& partition_dir) const {
  const LedgerSnapshot snapshot = Must(opened_.ledger->Snapshot());
  for (const LedgerBatch& known : snapshot.batches) {
    for (const LedgerFile& file : known.files) {
      if (known.id == batch && file.place.table == table && file.place.partition_dir == partition_dir) {
        return table + "/" + partition_dir + "/" + file.place.file_name;
      }
    }
  }
  ADD_FAILURE() << "batch " << batch.value() << " has no file in " << table << "/" << partition_dir;
  return "";
}

void TestLake::RewriteRows(const std::string& relative, const std::vector<TestRow>& rows) const {
  WriteRows(Path(relative), rows);
}

void TestLake::RewriteRefused(const std::string& relative, const std::vector<TestRefused>& rows) const {
  WriteRefused(Path(relative), "t.events", rows);
}

void TestLake::ForgeLedger(const std::string& relative, const std::vector<TestRow>& rows) {
  const ContentSummary content = Summarize(Path(relative));
  uint64_t position_sum = 0;
  uint64_t key_sum = 0;
  for (const TestRow& row : rows) {
    position_sum += HashPosition(PartitionId(row.partition), Offset(row.offset));
    key_sum += KeyHash(row, "events");
  }
  std::string set = "bytes = " + std::to_string(content.bytes) +
                    ", checksum = " + std::to_string(static_cast<int64_t>(content.checksum));
  if (!rows.empty()) {
    set += ", rows = " + std::to_string(rows.size()) +
           ", position_sum = " + std::to_string(static_cast<int64_t>(position_sum)) +
           ", key_sum = " + std::to_string(static_cast<int64_t>(key_sum));
  }
  const std::string name = relative.substr(relative.rfind('/') + 1);
  Sql("UPDATE files SET " + set + " WHERE file_name = '" + name + "'");
}

void TestLake::Sql(const std::string& sql) const {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((dir_ + "/_forebay/ledger.db").c_str(), &db), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  sqlite3_close(db);
}

}  // namespace forebay
