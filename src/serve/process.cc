#include "serve/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace forebay::serve {
namespace {

std::string FirstLine(const char* path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

// Seconds from boot to the start of this process: field 22 of stat. The parser counts fields from the end of
// the name in parentheses.
double StartedSinceBoot() {
  const std::string stat = FirstLine("/proc/self/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string field;
  for (int number = 3; number < 22; ++number) fields >> field;
  double ticks = 0;
  fields >> ticks;
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double BootedAt() {
  std::ifstream stream("/proc/stat");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  std::istringstream pages(FirstLine("/proc/self/statm"));
  pages >> stats.virtual_bytes >> stats.resident_bytes;
  stats.virtual_bytes *= sysconf(_SC_PAGESIZE);
  stats.resident_bytes *= sysconf(_SC_PAGESIZE);
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  stats.cpu_seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  static const double started_at_s = BootedAt() + StartedSinceBoot();
  stats.started_at_s = started_at_s;
  std::error_code error;
  const std::filesystem::directory_iterator fds("/proc/self/fd", error);
  if (!error) stats.open_fds = std::distance(begin(fds), end(fds));
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = static_cast<int64_t>(limit.rlim_cur);
  return stats;
}

}  // namespace forebay::serve
