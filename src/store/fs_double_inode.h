// What FsDouble keeps of a file or a directory, for its own two sources.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "store/fs_double.h"

namespace forebay {

struct FsDouble::Inode {
  bool is_directory = false;
  uint64_t links = 0;
  std::string data;
  std::string durable_data;
  bool lost_writes =
      false;  // a sync failed: the kernel counts the bytes as clean, the disk does not have them
  std::map<std::string, std::shared_ptr<Inode>> entries;
  std::map<std::string, std::shared_ptr<Inode>> durable_entries;
};

}  // namespace forebay
