#include "scenario/records.h"

namespace forebay {

uint32_t RecordBlock::InternPartition(std::string_view partition) {
  for (size_t i = partitions_.size(); i-- > 0;) {
    if (partitions_[i] == partition) return static_cast<uint32_t>(i);
  }
  partitions_.emplace_back(partition);
  return static_cast<uint32_t>(partitions_.size() - 1);
}

}  // namespace forebay
