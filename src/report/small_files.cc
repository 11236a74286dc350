#include "report/small_files.h"

#include <fmt/format.h>

#include "report/text_table.h"

namespace forebay {

std::string SmallFilesText(int64_t batches, int64_t files, int64_t file_bytes) {
  constexpr int64_t kManyFiles = 100;  // of a batch
  constexpr int64_t kSmallBytes = 1'000'000;
  if (batches == 0 || files / batches < kManyFiles || file_bytes / files >= kSmallBytes) return "";
  return fmt::format(
      "the batches made {} files each, of {} on average: readers take long to open so many; a coarser "
      "partition "
      "dimension, such as month(FIELD), or none, makes fewer",
      Grouped(files / batches), BytesText(file_bytes / files));
}

}  // namespace forebay
