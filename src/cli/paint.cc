#include "cli/paint.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace forebay::cli {

std::string Paint::In(std::string_view code, std::string_view text) const {
  return colour && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

Paint TerminalPaint(std::FILE* stream) {
  Paint paint;
  const int fd = fileno(stream);
  if (isatty(fd) == 0) return paint;
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  paint.colour = variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0) paint.columns = size.ws_col;
  return paint;
}

}  // namespace forebay::cli
