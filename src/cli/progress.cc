#include "cli/progress.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/time.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

constexpr double kRedrawSeconds = 0.2;
constexpr double kLogSeconds = 5;
constexpr int kBarCells = 24;

}  // namespace

Progress::Progress(std::string verb, uint64_t total)
    : verb_(std::move(verb)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) != 0),
      started_s_(MonotonicSeconds()),
      shown_s_(started_s_),
      rate_from_s_(started_s_) {}

std::string Progress::Line(uint64_t done, double now_s, const std::string& note) {
  std::string line;
  if (total_ > 0 && terminal_) {
    const auto cells = static_cast<int>(std::min(done, total_) * kBarCells / total_);
    line = fmt::format("[{:#<{}}{:.<{}}] ", "", cells, "", kBarCells - cells);
  }
  line += fmt::format("{} {}", verb_, Grouped(done));
  if (total_ > 0) line += fmt::format(" of {}", Grouped(total_));
  line += fmt::format(", {}/s", Grouped(static_cast<uint64_t>(rate_)));
  if (total_ > done && done > 0) {
    line += fmt::format(", {:.0f} s to go", (now_s - started_s_) / static_cast<double>(done) *
                                                static_cast<double>(total_ - done));
  }
  if (!note.empty()) line += ", " + note;
  return line;
}

void Progress::Update(uint64_t done, const std::string& note) {
  const double now_s = MonotonicSeconds();
  if (finished_ || now_s - shown_s_ < (terminal_ ? kRedrawSeconds : kLogSeconds)) return;
  shown_s_ = now_s;
  if (now_s - rate_from_s_ >= 1) {
    rate_ = static_cast<double>(done - std::min(done, rate_from_done_)) / (now_s - rate_from_s_);
    rate_from_s_ = now_s;
    rate_from_done_ = done;
  }
  const std::string line = Line(done, now_s, note);
  if (terminal_) {
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    drawn_ = true;
  } else {
    spdlog::info("{}", line);
  }
}

void Progress::Finish() {
  if (drawn_ && !finished_) std::fputc('\n', stderr);
  finished_ = true;
}

}  // namespace forebay::cli
