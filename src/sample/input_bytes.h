// Bytes of a file or of standard input, unpacked if they are compressed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace arrow::util {
class Decompressor;
}

namespace forebay {

// gzip and zstd are recognized by their first bytes. Memory is bounded, whatever the bytes unpack to. Not
// thread-safe.
class InputBytes {
 public:
  enum class Step : uint8_t { kBytes, kNothingYet, kEnd };

  // `path` is a file, or "-" for standard input; `flag` is the option that named it, for messages.
  // kInvalidArgument if it cannot be read. Throughout, standard input must have one reader.
  static Result<std::unique_ptr<InputBytes>> Open(const std::string& path, std::string_view flag);
  ~InputBytes();

  // The path, or "standard input".
  const std::string& name() const { return name_; }

  // Waits up to `wait_ms` for bytes, at most kPieceBytes of them: see bytes(). kInvalidArgument if compressed
  // data are damaged or truncated, kIoError if reading fails.
  Result<Step> Read(int wait_ms);
  // Valid after kBytes, until the next call.
  std::string_view bytes() const { return bytes_; }

  static constexpr size_t kPieceBytes = 1024 * 1024;

 private:
  InputBytes(Descriptor file, std::string name);

  Result<Step> ReadFile(int wait_ms);
  Status BeginUnpacking();
  Result<Step> Unpack();

  const Descriptor file_;  // invalid: standard input
  const std::string name_;
  std::string packed_;  // read from the file; from used_ on not unpacked yet
  size_t used_ = 0;
  std::string unpacked_;
  std::string_view bytes_;
  bool began_ = false;
  bool at_end_ = false;
  const char* format_ = nullptr;  // of compressed data
  std::shared_ptr<arrow::util::Decompressor> decompressor_;
};

}  // namespace forebay
