// Files that are small when they are what they should be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace forebay {

// The first `bytes` bytes of a file or pipe, which a device without end has, too: ask for one more than is
// allowed, and see whether it came. Nothing, with the reason in errno, where it cannot be read.
std::optional<std::string> ReadAtMost(const std::string& path, size_t bytes);

}  // namespace forebay
