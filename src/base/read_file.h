// Reads files that are expected to be small.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace forebay {

// The first `bytes` bytes of a file or pipe; the limit also covers devices that never end. To detect an
// oversized file, request one byte more than is allowed. Returns nothing, with the reason in errno, if the
// file cannot be read.
std::optional<std::string> ReadAtMost(const std::string& path, size_t bytes);

}  // namespace forebay
