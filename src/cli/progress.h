// Progress of long operations on stderr: a line that is redrawn on a terminal, a log line every few seconds
// elsewhere.
#pragma once

#include <cstdint>
#include <string>

namespace forebay::cli {

// Not thread-safe.
class Progress {
 public:
  // `verb` begins each line ("produced"); `total` 0 means that the end is unknown.
  Progress(std::string verb, uint64_t total);
  ~Progress() { Finish(); }

  // `note` ends the line; may be empty.
  void Update(uint64_t done, const std::string& note);
  // Leaves the terminal line as it is and starts a new one. Nothing is shown afterwards.
  void Finish();

 private:
  std::string Line(uint64_t done, double now_s, const std::string& note);

  const std::string verb_;
  const uint64_t total_;
  const bool terminal_;
  const double started_s_;
  double shown_s_;
  double rate_from_s_;
  uint64_t rate_from_done_ = 0;
  double rate_ = 0;
  bool drawn_ = false;
  bool finished_ = false;
};

}  // namespace forebay::cli
