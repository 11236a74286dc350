#include "base/read_file.h"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace forebay {

std::optional<std::string> ReadAtMost(const std::string& path, size_t bytes) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (file == nullptr) return std::nullopt;
  std::string text;
  char buffer[1 << 16];
  size_t read = 0;
  while ((read = std::fread(buffer, 1, std::min(sizeof buffer, bytes - text.size()), file.get())) > 0) {
    text.append(buffer, read);
  }
  if (std::ferror(file.get()) != 0) return std::nullopt;
  return text;
}

}  // namespace forebay
