// The JSON values of a file or of standard input: see JsonSplitter for what they may look like. gzip and zstd
// are unpacked.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text_position.h"
#include "sample/input_bytes.h"
#include "sample/json_splitter.h"

namespace forebay {

// Memory is bounded by JsonSplitter::kMaxValueBytes. Not thread-safe.
class JsonValues {
 public:
  enum class Step : uint8_t { kValue, kNothingYet, kEnd };

  // `path` is a file, or "-"; `flag` is the option that named it, for messages: see InputBytes.
  static Result<std::unique_ptr<JsonValues>> Open(const std::string& path, std::string_view flag);

  // The path, or "standard input".
  const std::string& name() const { return input_->name(); }

  // Goes to the next value. kNothingYet: none arrived within `wait_ms`, which is for standard input and
  // pipes. kInvalidArgument, with line and byte, if the input is not JSON; kIoError if reading fails.
  Result<Step> Next(int wait_ms);

  // The following are valid after kValue, until the next call.

  // The record: see JsonSplitter::value.
  std::string_view value() const { return splitter_.value(); }
  TextPosition position() const { return splitter_.position(); }

 private:
  explicit JsonValues(std::unique_ptr<InputBytes> input)
      : input_(std::move(input)), splitter_(input_->name()) {}

  const std::unique_ptr<InputBytes> input_;
  JsonSplitter splitter_;
};

}  // namespace forebay
