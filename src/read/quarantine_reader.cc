#include "read/quarantine_reader.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/join.h"
#include "base/time.h"
#include "contract/reason.h"
#include "decode/schema.h"
#include "ledger/open_lake.h"
#include "partition/directory.h"
#include "read/row_reader.h"
#include "store/fs.h"
#include "store/paths.h"

namespace forebay {
namespace {

enum Column { kTopic, kPartition, kOffset, kTimestamp, kKey, kValue, kReason, kField, kDetail, kVersion };

// Files of older versions have none of these.
constexpr const char* kLists[] = {"headers", "violations"};

std::vector<std::string> Columns() {
  return {std::string(kTopicColumn),
          std::string(kPartitionColumn),
          std::string(kOffsetColumn),
          std::string(kTimestampColumn),
          "key",
          "value",
          "reason",
          "field",
          "detail",
          "contract_version"};
}

Status CheckFilter(const QuarantineFilter& filter, const LedgerSnapshot& snapshot) {
  if (!filter.reason.empty() && !ReasonFromName(filter.reason)) {
    std::string names;
    for (const Reason reason : AllReasons())
      names += (names.empty() ? "" : ", ") + std::string(ReasonName(reason));
    return InvalidArgumentError("unknown reason '" + filter.reason + "'; reasons are " + names);
  }
  if (!filter.date.empty() && !ParseDate(filter.date)) {
    return InvalidArgumentError("'" + filter.date + "' is not a date such as 2025-10-30");
  }
  const auto is_it = [&filter](const LedgerTopic& topic) { return topic.topic == filter.topic; };
  if (!filter.topic.empty() && std::none_of(snapshot.topics.begin(), snapshot.topics.end(), is_it)) {
    return InvalidArgumentError("no topic '" + filter.topic + "' was landed in the lake");
  }
  std::set<std::string> tables;
  for (const LedgerTopic& topic : snapshot.topics) {
    if (topic.table == filter.table) return Ok();
    if (topic.current) tables.insert(topic.table);
  }
  if (filter.table.empty()) return Ok();
  return InvalidArgumentError("no table '" + filter.table + "' in the lake; its tables are " +
                              (tables.empty() ? "none yet" : Join({tables.begin(), tables.end()}, ", ")));
}

class FileVisitor {
 public:
  FileVisitor(const QuarantineFilter& filter, const std::vector<LedgerTopic>& topics,
              const std::function<bool(const QuarantinedRecord&)>& visit)
      : filter_(filter), visit_(visit) {
    for (const LedgerTopic& topic : topics) {
      const bool is_new = table_of_.insert_or_assign(topic.topic, topic.table).second;
      if (is_new) ++topics_of_[topic.table];
    }
  }

  // Returns false when the visitor stopped the visit.
  Result<bool> Visit(std::unique_ptr<RowReader> reader, const std::string& file, int64_t first) {
    if (reader == nullptr) return CorruptionError("no such file");
    std::vector<std::string> columns = Columns();
    for (const char* const list : kLists) {
      if (reader->HasColumn(list)) columns.emplace_back(list);
    }
    FOREBAY_TRY(reader->Select(columns, first));
    while (true) {
      FOREBAY_ASSIGN(const std::shared_ptr<arrow::RecordBatch> rows, reader->Next());
      if (rows == nullptr) return true;
      FOREBAY_TRY(CheckTypes(*rows));
      for (int64_t row = 0; row < rows->num_rows(); ++row) {
        if (!VisitRow(*rows, row, file)) return false;
      }
    }
  }

 private:
  static Status CheckTypes(const arrow::RecordBatch& rows) {
    const std::shared_ptr<arrow::Schema> expected = QuarantineSchema();
    for (int i = 0; i < rows.num_columns(); ++i) {
      const auto field = expected->GetFieldByName(rows.column_name(i));
      if (field == nullptr || !field->type()->Equals(rows.column(i)->type())) {
        return CorruptionError("column " + rows.column_name(i) +
                               " does not have the type that quarantine has");
      }
    }
    return Ok();
  }
  static std::string_view Text(const arrow::RecordBatch& rows, Column column, int64_t row) {
    return static_cast<const arrow::BinaryArray&>(*rows.column(column)).GetView(row);
  }
  static std::optional<std::string_view> OptionalText(const arrow::RecordBatch& rows, Column column,
                                                      int64_t row) {
    if (rows.column(column)->IsNull(row)) return std::nullopt;
    return Text(rows, column, row);
  }

  // Calls `visit` for each object in a row of a column of lists, if the file has that.
  static void VisitObjects(const arrow::RecordBatch& rows, const char* column, int64_t row,
                           const std::function<void(const arrow::StructArray&, int64_t)>& visit) {
    const auto lists = std::static_pointer_cast<arrow::ListArray>(rows.GetColumnByName(column));
    if (lists == nullptr || lists->IsNull(row)) return;
    const auto& objects = static_cast<const arrow::StructArray&>(*lists->values());
    for (int64_t i = lists->value_offset(row); i < lists->value_offset(row + 1); ++i) visit(objects, i);
  }
  // REQUIRES: a member of texts or bytes.
  static std::optional<std::string_view> MemberText(const arrow::StructArray& objects, int member,
                                                    int64_t i) {
    const auto& texts = static_cast<const arrow::BinaryArray&>(*objects.field(member));
    if (texts.IsNull(i)) return std::nullopt;
    return texts.GetView(i);
  }

  bool VisitRow(const arrow::RecordBatch& rows, int64_t row, const std::string& file) {
    QuarantinedRecord record;
    record.topic = Text(rows, kTopic, row);
    const auto table = table_of_.find(record.topic);
    if (table != table_of_.end()) {
      record.table = table->second;
      record.is_of_several = topics_of_.at(table->second) > 1;
    }
    record.reason = Text(rows, kReason, row);
    if (!filter_.table.empty() && record.table != filter_.table) return true;
    if (!filter_.topic.empty() && record.topic != filter_.topic) return true;
    if (!filter_.reason.empty() && record.reason != filter_.reason) return true;
    record.partition =
        PartitionId(static_cast<const arrow::Int32Array&>(*rows.column(kPartition)).Value(row));
    record.offset = Offset(static_cast<const arrow::Int64Array&>(*rows.column(kOffset)).Value(row));
    if (!rows.column(kTimestamp)->IsNull(row)) {
      record.timestamp_us = static_cast<const arrow::TimestampArray&>(*rows.column(kTimestamp)).Value(row);
    }
    record.key = OptionalText(rows, kKey, row);
    record.value = OptionalText(rows, kValue, row).value_or("");
    record.field = OptionalText(rows, kField, row);
    record.detail = OptionalText(rows, kDetail, row);
    record.contract_version = Text(rows, kVersion, row);
    record.file = file;
    VisitObjects(rows, "headers", row, [&](const arrow::StructArray& objects, int64_t i) {
      record.headers.push_back({MemberText(objects, 0, i).value_or(""), MemberText(objects, 1, i)});
    });
    VisitObjects(rows, "violations", row, [&](const arrow::StructArray& objects, int64_t i) {
      record.violations.push_back(
          {MemberText(objects, 0, i).value_or(""), MemberText(objects, 1, i), MemberText(objects, 2, i)});
    });
    if (record.violations.empty()) record.violations.push_back({record.reason, record.field, record.detail});
    return visit_(record);
  }

  const QuarantineFilter& filter_;
  const std::function<bool(const QuarantinedRecord&)>& visit_;
  std::map<std::string, std::string, std::less<>> table_of_;
  std::map<std::string, size_t> topics_of_;  // by table
};

}  // namespace

void AddViolations(const QuarantinedRecord& record, RejectGroups* groups) {
  for (const QuarantinedViolation& violation : record.violations) {
    groups->Add({.table = record.table,
                 .reason = violation.reason,
                 .field = violation.field.value_or(""),
                 .detail = violation.detail.value_or(""),
                 .partition = record.partition,
                 .offset = record.offset,
                 .value = record.value,
                 .topic = record.row_topic()});
  }
}

Result<bool> VisitQuarantineFile(TableStore& store, const FilePlace& file, const QuarantineFilter& filter,
                                 const std::vector<LedgerTopic>& topics,
                                 const std::function<bool(const QuarantinedRecord&)>& visit, int64_t first) {
  FOREBAY_ASSIGN(std::unique_ptr<RowReader> reader, RowReader::Open(store, file));
  return FileVisitor(filter, topics, visit).Visit(std::move(reader), PlaceText(file), first);
}

Result<bool> VisitStagedQuarantineFile(TableStore& store, const std::string& staged_name,
                                       const std::vector<LedgerTopic>& topics,
                                       const std::function<bool(const QuarantinedRecord&)>& visit) {
  FOREBAY_ASSIGN(std::unique_ptr<ReadableFile> content, store.ReadStaged(staged_name));
  if (content == nullptr) return CorruptionError("no such file");
  FOREBAY_ASSIGN(std::unique_ptr<RowReader> reader, RowReader::Open(std::move(content)));
  return FileVisitor(QuarantineFilter(), topics, visit).Visit(std::move(reader), staged_name, 0);
}

Status ReadQuarantine(const std::string& lake, const QuarantineFilter& filter,
                      const std::function<bool(const QuarantinedRecord&)>& visit) {
  FOREBAY_ASSIGN(const OpenedLake opened, OpenLakeForReading(PosixFs(), lake));
  FOREBAY_ASSIGN(const LedgerSnapshot snapshot, opened.ledger->Snapshot());
  FOREBAY_TRY(CheckFilter(filter, snapshot));
  const std::string date_dir = filter.date.empty() ? "" : DateDirectory(*ParseDate(filter.date));
  for (auto batch = snapshot.batches.rbegin(); batch != snapshot.batches.rend(); ++batch) {
    if (batch->state != BatchState::kPublished) continue;
    for (const LedgerFile& file : batch->files) {
      if (file.place.table != kQuarantineTable || file.state != FileState::kPresent) continue;
      if (!date_dir.empty() && file.place.partition_dir != date_dir) continue;
      TableStore& store = opened.lake->store();
      const Result<bool> more = VisitQuarantineFile(store, file.place, filter, snapshot.topics, visit);
      if (!more.ok()) {
        return Error(more.error().code(), "cannot read " + store.Describe(file.place) + ": " +
                                              more.error().message() + "; run `forebay verify`");
      }
      if (!*more) return Ok();
    }
  }
  return Ok();
}

}  // namespace forebay
