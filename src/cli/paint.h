// Colour and width of terminal output.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace forebay::cli {

struct Paint {
  bool colour = false;
  size_t columns = 0;  // of the terminal; 0: unlimited

  std::string Bold(std::string_view text) const { return In("1", text); }
  std::string Dim(std::string_view text) const { return In("2", text); }
  std::string Good(std::string_view text) const { return In("32", text); }
  std::string Notable(std::string_view text) const { return In("33", text); }
  std::string Bad(std::string_view text) const { return In("31", text); }

 private:
  std::string In(std::string_view code, std::string_view text) const;
};

// Settings for this stream: plain and unlimited unless it is a terminal; no colour with NO_COLOR or
// TERM=dumb.
Paint TerminalPaint(std::FILE* stream);

}  // namespace forebay::cli
