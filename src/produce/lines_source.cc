#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/time.h"
#include "contract/field_place.h"
#include "decode/json_text.h"
#include "decode/record_decoder.h"
#include "produce/source.h"

namespace forebay::produce {
namespace {

constexpr size_t kBlockLines = 4096;
constexpr size_t kBlockBytes = 4 * 1024 * 1024;
constexpr size_t kReadBytes = 1024 * 1024;
constexpr size_t kMaxLineBytes = 64 * 1024 * 1024;  // more than any broker would accept
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

class LinesSource : public Source {
 public:
  LinesSource(int fd, std::string name, const Table& table, std::unique_ptr<RecordDecoder> decoder,
              const std::atomic<bool>* stop)
      : fd_(fd), name_(std::move(name)), keys_(table), decoder_(std::move(decoder)), stop_(stop) {}
  ~LinesSource() override {
    if (fd_ != STDIN_FILENO) close(fd_);
  }

  Result<bool> Next(Block* block) override {
    block->table = 0;
    // The decoder validates event times against this timestamp, so the record must be sent with it.
    block->timestamp_ms = WallClockMillis();
    if (decoder_->partitions().size() > kMaxDirectories) decoder_->partitions().Clear();
    while (block->records.size() < kBlockLines && block->records.bytes().size() < kBlockBytes) {
      const size_t end = buffer_.find('\n', searched_);
      if (end != std::string::npos) {
        FOREBAY_TRY(AcceptLine(std::string_view(buffer_).substr(begin_, end - begin_), block));
        begin_ = searched_ = end + 1;
        continue;
      }
      searched_ = buffer_.size();
      if (at_end_) {
        FOREBAY_TRY(AcceptLine(std::string_view(buffer_).substr(begin_), block));
        begin_ = buffer_.size();
        return block->records.size() > 0;
      }
      FOREBAY_ASSIGN(const bool came, FillBuffer());
      if (!came) break;
    }
    return true;
  }

 private:
  // Returns false if nothing arrived for a while.
  Result<bool> FillBuffer() {
    if (stop_ != nullptr && stop_->load()) return false;
    pollfd waiting = {fd_, POLLIN, 0};
    if (poll(&waiting, 1, kPollMs) == 0) return false;
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    if (buffer_.size() > kMaxLineBytes) {
      return InvalidArgumentError(
          fmt::format("line {} of {} is longer than {} MiB; check that the file is JSON Lines", line_ + 1,
                      name_, kMaxLineBytes >> 20));
    }
    const size_t kept = buffer_.size();
    buffer_.resize(kept + kReadBytes);
    const ssize_t count = read(fd_, buffer_.data() + kept, kReadBytes);
    const int error = errno;
    buffer_.resize(kept + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && (error == EINTR || error == EAGAIN)) return false;
    if (count < 0) return IoError(fmt::format("reading {} failed: {}", name_, std::strerror(error)));
    at_end_ = count == 0;
    return true;
  }

  Status AcceptLine(std::string_view line, Block* block) {
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) return Ok();
    const std::string_view key = keys_.Read(line);
    RecordView view;
    view.timestamp_ms = block->timestamp_ms;
    view.value = line;
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
    block->records.bytes().append(key).append(line);
    block->records.Add(key.size(), line.size(), sequence_++, reason, partition, key_hash);
    return Ok();
  }

  const int fd_;
  const std::string name_;
  KeyReader keys_;
  const std::unique_ptr<RecordDecoder> decoder_;
  const std::atomic<bool>* stop_;
  std::string buffer_;  // bytes read and not yet returned: from begin_ on; no line end before searched_
  size_t begin_ = 0;
  size_t searched_ = 0;
  bool at_end_ = false;
  uint64_t line_ = 0;
  uint64_t sequence_ = 0;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenLinesSource(const std::string& path, const Table& table,
                                                const std::atomic<bool>* stop) {
  FOREBAY_ASSIGN(auto decoder, RecordDecoder::Create(table));
  int fd = STDIN_FILENO;
  if (path != "-") {
    fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
      return InvalidArgumentError(
          fmt::format("{} cannot be read: {}; check --from", path, std::strerror(errno)));
    if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) {
      close(fd);
      return InvalidArgumentError(path + " is a directory; a file of JSON Lines was expected as --from");
    }
  }
  return std::unique_ptr<Source>(std::make_unique<LinesSource>(fd, path == "-" ? kStandardInput : path, table,
                                                               std::move(decoder), stop));
}

}  // namespace forebay::produce
