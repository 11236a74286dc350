#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "contract/field_place.h"
#include "decode/json_text.h"
#include "decode/record_decoder.h"
#include "produce/source.h"
#include "sample/json_values.h"

namespace forebay::produce {
namespace {

constexpr size_t kBlockRecords = 4096;
constexpr size_t kBlockBytes = 4 * 1024 * 1024;
constexpr int kPollMs = 100;
constexpr size_t kMaxDirectories = 10'000;  // limit of the decoder's cache

// Reads the text of a record's key field, as named by the contract.
class KeyReader {
 public:
  explicit KeyReader(const Table& table) {
    FieldPlace place;
    for (const size_t index : table.key.value_or(FieldPlace())) {
      place.push_back(index);
      names_.push_back(FieldAt(table, place).name);
    }
  }

  // Empty if the record has no key: not an object, no such member, null, or not a scalar. Valid until the
  // next call.
  std::string_view Read(std::string_view record) {
    if (names_.empty()) return {};
    arena_.clear();
    arena_.reserve(record.size());
    reader_.Reset(record, &arena_, JsonReader::kDefaultMaxDepth);
    for (const std::string& name : names_) {
      if (!EnterMember(name)) return {};
    }
    return ReadScalar();
  }

 private:
  // Moves the reader to the value of a member of the object that comes next.
  bool EnterMember(const std::string& wanted) {
    if (!reader_.Consume('{')) return false;
    do {
      std::string_view name;
      if (reader_.Peek() != JsonType::kString || reader_.ReadString(&name) != JsonError::kNone) return false;
      if (!reader_.Consume(':')) return false;
      if (name == wanted) return true;
      if (reader_.Skip(1, nullptr) != JsonError::kNone) return false;
    } while (reader_.Consume(','));
    return false;
  }

  std::string_view ReadScalar() {
    std::string_view text;
    switch (reader_.Peek()) {
      case JsonType::kString:
        return reader_.ReadString(&text) == JsonError::kNone ? text : std::string_view();
      case JsonType::kNumber:
      case JsonType::kTrue:
      case JsonType::kFalse:
        return reader_.Skip(1, &text) == JsonError::kNone ? text : std::string_view();
      default:
        return {};
    }
  }

  std::vector<std::string> names_;  // of the field, from the record down
  std::string arena_;
  JsonReader reader_;
};

class JsonSource : public Source {
 public:
  JsonSource(std::unique_ptr<JsonValues> values, const Table& table, std::unique_ptr<RecordDecoder> decoder,
             const std::atomic<bool>* stop)
      : values_(std::move(values)), keys_(table), decoder_(std::move(decoder)), stop_(stop) {}

  Result<bool> Next(Block* block) override {
    block->table = 0;
    // The decoder validates event times against this timestamp, so the record must be sent with it.
    block->timestamp_ms = WallClockMillis();
    if (decoder_->partitions().size() > kMaxDirectories) decoder_->partitions().Clear();
    while (block->records.size() < kBlockRecords && block->records.bytes().size() < kBlockBytes) {
      if (stop_ != nullptr && stop_->load()) break;
      FOREBAY_ASSIGN(const JsonValues::Step step, values_->Next(kPollMs));
      if (step == JsonValues::Step::kEnd) return block->records.size() > 0;
      if (step == JsonValues::Step::kNothingYet) break;
      FOREBAY_TRY(Accept(values_->value(), block));
    }
    return true;
  }

 private:
  Status Accept(std::string_view value, Block* block) {
    const std::string_view key = keys_.Read(value);
    RecordView view;
    view.timestamp_ms = block->timestamp_ms;
    view.value = value;
    std::optional<Reason> reason;
    uint64_t key_hash = 0;
    uint32_t partition = 0;
    FOREBAY_ASSIGN(const Outcome outcome, decoder_->Decode(view, block->timestamp_ms));
    if (outcome == Outcome::kRow) {
      partition = block->records.InternPartition(decoder_->partitions().directory(decoder_->partition()));
      key_hash = decoder_->key_hash();
    } else {
      reason = decoder_->rejection().reason;
    }
    block->records.bytes().append(key).append(value);
    block->records.Add(key.size(), value.size(), sequence_++, reason, partition, key_hash);
    return Ok();
  }

  const std::unique_ptr<JsonValues> values_;
  KeyReader keys_;
  const std::unique_ptr<RecordDecoder> decoder_;
  const std::atomic<bool>* stop_;
  uint64_t sequence_ = 0;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenJsonSource(const std::string& path, const Table& table,
                                               const std::atomic<bool>* stop) {
  FOREBAY_ASSIGN(auto decoder, RecordDecoder::Create(table));
  FOREBAY_ASSIGN(auto values, JsonValues::Open(path, "--from"));
  return std::unique_ptr<Source>(
      std::make_unique<JsonSource>(std::move(values), table, std::move(decoder), stop));
}

}  // namespace forebay::produce
