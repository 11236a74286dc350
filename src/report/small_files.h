// A warning about landings that make many small files.
#pragma once

#include <cstdint>
#include <string>

namespace forebay {

// One sentence if batches of this landing made a hundred files or more each, of less than 1 MB on average;
// otherwise empty. Every file costs a reader a request or more, whatever its size.
std::string SmallFilesText(int64_t batches, int64_t files, int64_t file_bytes);

}  // namespace forebay
