// Splits text into the JSON values in it: JSON Lines, an array, or values one after the other, in any layout.
//
// An array on the outermost level is a list of values: its elements are returned, one by one. A byte order
// mark is skipped. Each value is checked against the grammar of JSON. What a decoder has reasons of its own
// for is left to it: strings that are not UTF-8 or have lone surrogates, duplicate members, deep nesting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text_position.h"
#include "decode/json_text.h"

namespace forebay {

// Holds one value and the bytes that were appended after it, so memory is bounded by kMaxValueBytes and the
// size of a piece. Not thread-safe.
class JsonSplitter {
 public:
  static constexpr size_t kMaxValueBytes = 64 * 1024 * 1024;  // more than any broker would accept

  enum class Step : uint8_t {
    kValue,
    kMoreBytes,  // call Append, or Finish if there are none
    kEnd,        // after Finish: there are no more values
  };

  // `source_name` is for messages.
  explicit JsonSplitter(std::string source_name, size_t max_value_bytes = kMaxValueBytes)
      : source_name_(std::move(source_name)), max_value_bytes_(max_value_bytes) {}

  // REQUIRES: Next returned kMoreBytes, or was not called yet.
  void Append(std::string_view bytes);
  // No more bytes follow.
  void Finish() { finished_ = true; }

  // Goes to the next value. kInvalidArgument, also from each later call, if the text is not JSON; the message
  // names the line and the byte. Values before that place are returned first.
  Result<Step> Next();

  // The following are valid after kValue, until the next call.

  // The value's bytes as they are in the text; of one that spans several lines, without the white space
  // between its tokens.
  std::string_view value() const { return value_; }
  // Where the value begins.
  TextPosition position() const { return position_; }

 private:
  // What may come next outside of a value.
  enum class Expected : uint8_t { kValue, kElement, kElementOrEnd, kCommaOrEnd };

  Result<Step> Find();
  Status SkipByteOrderMark();
  bool SkipSpace();
  Result<bool> AcceptPunctuation();
  Result<bool> FindEnd();
  Result<bool> FindEndOfString();
  std::optional<size_t> FindSyntaxError(size_t end);
  void TakeValue();
  void Advance(size_t to);
  TextPosition PositionAt(size_t index) const;
  Error Unexpected(size_t index) const;

  const std::string source_name_;
  const size_t max_value_bytes_;
  std::string buffer_;
  size_t begin_ = 0;  // of the value that is being split off, or of what comes before it
  size_t at_ = 0;     // everything before it has been looked at
  std::string open_;  // the brackets that are open at at_, in the value
  bool in_value_ = false;
  bool in_string_ = false;
  bool started_ = false;  // the byte order mark was looked for
  bool finished_ = false;
  Expected expected_ = Expected::kValue;
  TextPosition at_begin_;  // of begin_
  TextPosition array_;     // of the array whose elements are being read
  std::optional<Error> failure_;
  JsonReader reader_;
  std::string arena_;  // of the reader
  std::string compact_;
  std::string_view value_;
  TextPosition position_;
};

}  // namespace forebay
