#include "sample/json_splitter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quoted.h"
#include "base/utf8.h"

namespace forebay {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16Marks[] = {"\xFF\xFE", "\xFE\xFF"};
constexpr size_t kShownTokenBytes = 20;

bool IsAscii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < ' ';
}

bool IsSpace(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Bytes of numbers and literals, and of words that are taken for them.
bool IsTokenByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '+' ||
         c == '.' || c == '_';
}

// The token, or else the character, at the front of `text`, for messages. REQUIRES: text is not empty.
std::string Front(std::string_view text) {
  size_t bytes = 0;
  while (bytes < text.size() && bytes < kShownTokenBytes && IsTokenByte(text[bytes])) ++bytes;
  if (bytes == 0) bytes = Utf8SequenceLength(text);
  if (bytes == 0) return fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(text.front()));
  return Quoted(text.substr(0, bytes));
}

// Copies a value without the white space between its tokens. REQUIRES: `value` is JSON.
void CopyWithoutSpace(std::string_view value, std::string* out) {
  out->clear();
  bool in_string = false;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (in_string && c == '\\') {
      out->append(value.substr(i++, 2));
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (in_string || !IsSpace(c)) out->push_back(c);
  }
}

}  // namespace

void JsonSplitter::Append(std::string_view bytes) {
  buffer_.erase(0, begin_);
  at_ -= begin_;
  begin_ = 0;
  buffer_.append(bytes);
}

Result<JsonSplitter::Step> JsonSplitter::Next() {
  if (failure_) return *failure_;
  Result<Step> step = Find();
  if (!step.ok()) failure_ = step.error();
  return step;
}

Result<JsonSplitter::Step> JsonSplitter::Find() {
  if (!started_) {
    const bool may_be_mark = buffer_.empty() || !IsAscii(buffer_.front());
    if (may_be_mark && buffer_.size() < kUtf8Mark.size() && !finished_) return Step::kMoreBytes;
    FOREBAY_TRY(SkipByteOrderMark());
  }
  while (!in_value_) {
    if (!SkipSpace()) {
      if (!finished_) return Step::kMoreBytes;
      if (expected_ == Expected::kValue) return Step::kEnd;
      return InvalidArgumentError(
          fmt::format("{} ends inside the array that begins at line {}, byte {}; it may be truncated",
                      source_name_, array_.line, array_.byte));
    }
    FOREBAY_ASSIGN(const bool is_punctuation, AcceptPunctuation());
    in_value_ = !is_punctuation;
  }
  FOREBAY_ASSIGN(const bool is_whole, FindEnd());
  if (!is_whole) {
    if (!finished_ && buffer_.size() - begin_ <= max_value_bytes_) return Step::kMoreBytes;
    return Unexpected(FindSyntaxError(buffer_.size()).value_or(buffer_.size()));
  }
  if (const auto wrong = FindSyntaxError(at_)) return Unexpected(*wrong);
  TakeValue();
  return Step::kValue;
}

Status JsonSplitter::SkipByteOrderMark() {
  started_ = true;
  for (const std::string_view mark : kUtf16Marks) {
    if (!buffer_.starts_with(mark)) continue;
    return InvalidArgumentError(fmt::format(
        "{} is not JSON in UTF-8: it begins with the byte order mark of UTF-16; convert it with `iconv -f "
        "UTF-16 -t UTF-8`",
        source_name_));
  }
  if (buffer_.starts_with(kUtf8Mark)) Advance(at_ = kUtf8Mark.size());
  return Ok();
}

// Returns false if the bytes end first.
bool JsonSplitter::SkipSpace() {
  while (at_ < buffer_.size() && IsSpace(buffer_[at_])) ++at_;
  Advance(at_);
  return at_ < buffer_.size();
}

// Accepts what is outside of values: the brackets and commas of an array of values. Returns false if a value
// begins.
Result<bool> JsonSplitter::AcceptPunctuation() {
  const char c = buffer_[at_];
  const bool in_array = expected_ != Expected::kValue;
  if (expected_ == Expected::kCommaOrEnd) {
    if (c != ',' && c != ']') return Unexpected(at_);
    expected_ = c == ',' ? Expected::kElement : Expected::kValue;
  } else if (c == ']' && expected_ == Expected::kElementOrEnd) {
    expected_ = Expected::kValue;
  } else if (c == '[' && !in_array) {
    expected_ = Expected::kElementOrEnd;
    array_ = at_begin_;
  } else if (c == '{' || c == '[' || c == '"' || IsTokenByte(c)) {
    return false;
  } else {
    return Unexpected(at_);
  }
  Advance(++at_);
  return true;
}

// Moves at_ to the end of the value, or to the end of the bytes: then returns false, and goes on from there
// the next time.
Result<bool> JsonSplitter::FindEnd() {
  if (IsTokenByte(buffer_[begin_])) {
    while (at_ < buffer_.size() && IsTokenByte(buffer_[at_])) ++at_;
    return at_ < buffer_.size() || finished_;
  }
  while (at_ < buffer_.size()) {
    if (in_string_) {
      FOREBAY_ASSIGN(const bool is_whole, FindEndOfString());
      if (!is_whole || open_.empty()) return is_whole;
      continue;
    }
    const char c = buffer_[at_];
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      open_.push_back(c);
    } else if (c == '}' || c == ']') {
      if (open_.back() != (c == '}' ? '{' : '[')) return Unexpected(FindSyntaxError(at_).value_or(at_));
      open_.pop_back();
      if (open_.empty()) return ++at_, true;
    }
    ++at_;
  }
  return false;
}

// Moves at_ behind the closing quote of a string, or to the end of the bytes.
Result<bool> JsonSplitter::FindEndOfString() {
  const char* const bytes = buffer_.data();
  while (at_ < buffer_.size()) {
    at_ = static_cast<size_t>(JsonReader::FindSpecial(bytes + at_, bytes + buffer_.size()) - bytes);
    if (at_ == buffer_.size()) return false;
    const char c = bytes[at_];
    if (IsControl(c)) return Unexpected(FindSyntaxError(at_).value_or(at_));
    at_ += c == '\\' ? 2 : 1;  // beyond the bytes if the escaped one has not come yet
    if (c != '"') continue;
    in_string_ = false;
    return true;
  }
  return false;
}

// The first byte of the value that is not JSON; `end` if the value does not end before it.
std::optional<size_t> JsonSplitter::FindSyntaxError(size_t end) {
  const std::string_view text = std::string_view(buffer_).substr(begin_, end - begin_);
  arena_.clear();
  arena_.reserve(text.size());
  reader_.Reset(text, &arena_, JsonReader::kDefaultMaxDepth);
  const JsonError error = reader_.Skip(0, nullptr);
  const bool is_json = error != JsonError::kSyntax && (error != JsonError::kNone || reader_.AtEnd());
  if (is_json) return std::nullopt;
  return begin_ + static_cast<size_t>(reader_.position() - text.data());
}

void JsonSplitter::TakeValue() {
  position_ = at_begin_;
  value_ = std::string_view(buffer_).substr(begin_, at_ - begin_);
  if (value_.find_first_of("\n\r") != std::string_view::npos) {
    CopyWithoutSpace(value_, &compact_);
    value_ = compact_;
  }
  Advance(at_);
  in_value_ = false;
  if (expected_ != Expected::kValue) expected_ = Expected::kCommaOrEnd;
}

void JsonSplitter::Advance(size_t to) {
  at_begin_ = PositionAt(to);
  begin_ = to;
}

TextPosition JsonSplitter::PositionAt(size_t index) const {
  const std::string_view before = std::string_view(buffer_).substr(begin_, index - begin_);
  const size_t last_break = before.rfind('\n');
  if (last_break == std::string_view::npos) return {at_begin_.line, at_begin_.byte + before.size()};
  return {at_begin_.line + static_cast<uint64_t>(std::count(before.begin(), before.end(), '\n')),
          before.size() - last_break};
}

// `index` is a byte that cannot be where it is, or the end of the bytes.
Error JsonSplitter::Unexpected(size_t index) const {
  if (index == buffer_.size()) {
    const char* const problem =
        finished_ ? "it may be truncated" : "it is too long for a record; is a quote or a bracket missing?";
    return InvalidArgumentError(fmt::format("{} has no end of the value that begins at line {}, byte {}; {}",
                                            source_name_, at_begin_.line, at_begin_.byte, problem));
  }
  const TextPosition at = PositionAt(index);
  return InvalidArgumentError(
      fmt::format("{} is not JSON: unexpected {} at line {}, byte {}; JSON Lines, an array or a stream of "
                  "JSON values was expected",
                  source_name_, Front(std::string_view(buffer_).substr(index)), at.line, at.byte));
}

}  // namespace forebay
