#include "read/quarantine_examples.h"

#include <algorithm>

#include "read/quarantine_reader.h"
#include "report/text_table.h"
#include "store/paths.h"

namespace forebay {
namespace {

constexpr size_t kPreviewBytes = 200;

QuarantineExample ExampleOf(const QuarantinedRecord& record, BatchId batch) {
  QuarantineExample example;
  example.table = record.table;
  example.reason = record.reason;
  example.topic = record.topic;
  example.partition = record.partition;
  example.offset = record.offset;
  example.timestamp_us = record.timestamp_us;
  example.field = Preview(record.field.value_or(""), kPreviewBytes);
  example.detail = MessagePreview(record.detail.value_or(""), kPreviewBytes);
  if (record.key) example.key_preview = Preview(*record.key, kPreviewBytes);
  example.value_preview = Preview(record.value, kPreviewBytes);
  example.value_bytes = record.value.size();
  example.batch = batch;
  return example;
}

}  // namespace

void AddSources(const LedgerBatch& batch, QuarantineSources* sources) {
  if (batch.quarantine.empty()) return;
  QuarantineSource source{batch.id, 0, {}};
  for (const LedgerFile& file : batch.files) {
    if (file.place.table == kQuarantineTable && file.state == FileState::kPresent) {
      source.files.push_back(file.place);
    }
  }
  for (const QuarantineCount& count : batch.quarantine) {
    source.records = count.records;
    (*sources)[{count.table, count.reason}] = source;
  }
}

void QuarantineExamples::Refresh(const QuarantineSources& sources, const std::vector<LedgerTopic>& topics) {
  struct Wanted {
    const std::vector<FilePlace>* files;
    size_t missing = 0;
  };
  std::map<BatchId, Wanted> wanted;
  for (const auto& [key, source] : sources) {
    Known& known = known_[key];
    if (known.batch != source.batch) {
      known.batch = source.batch;
      known.missing = std::min(kExamplesKept, static_cast<size_t>(source.records));
    } else if (!unfinished_.contains(source.batch)) {
      continue;
    }
    if (known.missing == 0) continue;
    Wanted& batch = wanted[source.batch];
    batch.files = &source.files;
    batch.missing += known.missing;
  }
  std::erase_if(unfinished_, [&wanted](const auto& entry) { return !wanted.contains(entry.first); });
  if (wanted.empty()) return;
  error_.clear();
  for (const auto& [batch, search] : wanted) Search(batch, *search.files, search.missing, topics);
}

void QuarantineExamples::Search(BatchId batch, const std::vector<FilePlace>& files, size_t missing,
                                const std::vector<LedgerTopic>& topics) {
  Cursor cursor;
  auto file = files.begin();
  if (const auto begun = unfinished_.find(batch); begun != unfinished_.end()) {
    cursor = begun->second;
    file = std::find(files.begin(), files.end(), cursor.file);
    unfinished_.erase(begun);
  }
  int64_t read = 0;
  const auto visit = [&](const QuarantinedRecord& record) {
    if (read == max_records_read_) return false;
    ++read;
    ++cursor.record;
    const auto known = known_.find({std::string(record.table), std::string(record.reason)});
    if (known == known_.end() || known->second.batch != batch || known->second.missing == 0) return true;
    std::vector<QuarantineExample>& examples = known->second.examples;
    if (!examples.empty() && examples.front().batch != batch) examples.clear();
    examples.push_back(ExampleOf(record, batch));
    --known->second.missing;
    return --missing > 0;
  };
  for (; file != files.end(); ++file, cursor.record = 0) {
    cursor.file = *file;
    const Result<bool> more = VisitQuarantineFile(store_, *file, {}, topics, visit, cursor.record);
    if (!more.ok()) {
      error_ = "cannot read " + store_.Describe(*file) + ": " + more.error().message();
    } else if (!*more) {
      if (missing > 0) unfinished_[batch] = cursor;
      return;
    }
  }
}

std::vector<QuarantineExample> QuarantineExamples::All() const {
  std::vector<QuarantineExample> all;
  for (const auto& [key, known] : known_) {
    all.insert(all.end(), known.examples.begin(), known.examples.end());
  }
  return all;
}

}  // namespace forebay
