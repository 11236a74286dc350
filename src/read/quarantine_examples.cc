#include "read/quarantine_examples.h"

#include <algorithm>

#include "read/quarantine_reader.h"
#include "report/text_table.h"
#include "store/paths.h"

namespace forebay {
namespace {

constexpr size_t kPreviewBytes = 200;
constexpr int64_t kMaxRecordsRead = 200'000;

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
  QuarantineSource source{batch.id, {}};
  for (const LedgerFile& file : batch.files) {
    if (file.place.table == kQuarantineTable && file.state == FileState::kPresent) {
      source.files.push_back(file.place);
    }
  }
  for (const QuarantineCount& count : batch.quarantine) (*sources)[{count.table, count.reason}] = source;
}

void QuarantineExamples::Refresh(const QuarantineSources& sources, const std::vector<LedgerTopic>& topics) {
  std::map<BatchId, std::map<Key, Known>> wanted;
  for (const auto& [key, source] : sources) {
    const auto known = known_.find(key);
    if (known == known_.end() || known->second.batch != source.batch) wanted[source.batch][key];
  }
  if (wanted.empty()) return;
  error_.clear();
  for (auto& [batch, keys] : wanted) {
    Read(batch, sources.at(keys.begin()->first).files, topics, &keys);
    for (auto& [key, found] : keys) {
      found.batch = batch;
      known_[key] = std::move(found);
    }
  }
}

void QuarantineExamples::Read(BatchId batch, const std::vector<FilePlace>& files,
                              const std::vector<LedgerTopic>& topics, std::map<Key, Known>* wanted) {
  size_t missing = wanted->size() * kExamplesKept;
  int64_t examined = 0;
  const auto visit = [&](const QuarantinedRecord& record) {
    const auto found = wanted->find({std::string(record.table), std::string(record.reason)});
    if (found != wanted->end() && found->second.examples.size() < kExamplesKept) {
      found->second.examples.push_back(ExampleOf(record, batch));
      --missing;
    }
    return missing > 0 && ++examined < kMaxRecordsRead;
  };
  for (const FilePlace& file : files) {
    const Result<bool> more = VisitQuarantineFile(store_, file, {}, topics, visit);
    if (!more.ok()) {
      error_ = "cannot read " + store_.Describe(file) + ": " + more.error().message();
    } else if (!*more) {
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
