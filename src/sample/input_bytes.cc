#include "sample/input_bytes.h"

#include <arrow/util/compression.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace forebay {
namespace {

// Neither can begin JSON.
constexpr char kFirstOfGzip = '\x1F';
constexpr char kFirstOfZstd = '\x28';

uint8_t* Bytes(std::string& text) {
  return reinterpret_cast<uint8_t*>(text.data());
}

}  // namespace

InputBytes::InputBytes(Descriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
InputBytes::~InputBytes() = default;

Result<std::unique_ptr<InputBytes>> InputBytes::Open(const std::string& path, std::string_view flag) {
  if (path == "-") return std::unique_ptr<InputBytes>(new InputBytes(Descriptor(), "standard input"));
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return InvalidArgumentError(
        fmt::format("{} cannot be read: {}; check {}", path, std::strerror(errno), flag));
  }
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored))
    return InvalidArgumentError(fmt::format("{} is a directory; a file was expected as {}", path, flag));
  return std::unique_ptr<InputBytes>(new InputBytes(std::move(file), path));
}

Result<InputBytes::Step> InputBytes::Read(int wait_ms) {
  // A decompressor takes the last bytes of its input only with the last of its output.
  if (decompressor_ != nullptr && used_ < packed_.size()) return Unpack();
  FOREBAY_ASSIGN(const Step step, ReadFile(wait_ms));
  if (step == Step::kEnd && decompressor_ != nullptr && !decompressor_->IsFinished())
    return InvalidArgumentError(fmt::format("{} is truncated: its {} data have no end", name_, format_));
  if (step != Step::kBytes) return step;
  if (!std::exchange(began_, true)) FOREBAY_TRY(BeginUnpacking());
  if (decompressor_ != nullptr) return Unpack();
  bytes_ = packed_;
  return Step::kBytes;
}

Result<InputBytes::Step> InputBytes::ReadFile(int wait_ms) {
  if (at_end_) return Step::kEnd;
  const int fd = file_.valid() ? file_.get() : STDIN_FILENO;
  pollfd waiting = {fd, POLLIN, 0};
  if (poll(&waiting, 1, wait_ms) == 0) return Step::kNothingYet;
  packed_.resize(kPieceBytes);
  used_ = 0;
  const ssize_t count = read(fd, packed_.data(), packed_.size());
  const int error = errno;
  packed_.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0 && (error == EINTR || error == EAGAIN)) return Step::kNothingYet;
  if (count < 0) return IoError(fmt::format("reading {} failed: {}", name_, std::strerror(error)));
  at_end_ = count == 0;
  return at_end_ ? Step::kEnd : Step::kBytes;
}

Status InputBytes::BeginUnpacking() {
  const bool gzip = packed_.front() == kFirstOfGzip;
  if (!gzip && packed_.front() != kFirstOfZstd) return Ok();
  format_ = gzip ? "gzip" : "zstd";
  const auto codec = arrow::util::Codec::Create(gzip ? arrow::Compression::GZIP : arrow::Compression::ZSTD);
  if (!codec.ok()) return InvalidArgumentError(name_ + " cannot be unpacked: " + codec.status().message());
  auto decompressor = (*codec)->MakeDecompressor();
  if (!decompressor.ok())
    return InvalidArgumentError(name_ + " cannot be unpacked: " + decompressor.status().message());
  decompressor_ = std::move(decompressor).ValueUnsafe();
  return Ok();
}

Result<InputBytes::Step> InputBytes::Unpack() {
  const auto fail = [&](const arrow::Status& status) {
    return InvalidArgumentError(
        fmt::format("{} cannot be unpacked: its {} data are damaged ({})", name_, format_, status.message()));
  };
  if (decompressor_->IsFinished()) {  // another part follows
    if (const arrow::Status reset = decompressor_->Reset(); !reset.ok()) return fail(reset);
  }
  unpacked_.resize(kPieceBytes);
  const auto done =
      decompressor_->Decompress(static_cast<int64_t>(packed_.size() - used_), Bytes(packed_) + used_,
                                static_cast<int64_t>(unpacked_.size()), Bytes(unpacked_));
  if (!done.ok()) return fail(done.status());
  if (used_ < packed_.size() && done->bytes_read == 0 && done->bytes_written == 0)
    return fail(arrow::Status::Invalid("no progress"));
  used_ += static_cast<size_t>(done->bytes_read);
  bytes_ = std::string_view(unpacked_).substr(0, static_cast<size_t>(done->bytes_written));
  return Step::kBytes;
}

}  // namespace forebay
