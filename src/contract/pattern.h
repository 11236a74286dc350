// The regular expressions of `pattern` rules, read the same way wherever one is compiled or matched.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace forebay {

// A compiled pattern, as ECMA-262 reads it (with the flag u), which ODCS asks for: unanchored,
// case-sensitive, over code points; \d and \w are ASCII, \s is Unicode's white space, `.` is anything but a
// line's end, `$` is the very end of the text. PCRE2's own extensions work too, except \C and callouts.
// Matching needs scratch memory of the object's own: one object for each thread.
class Pattern {
 public:
  // kInvalidArgument, with the position and PCRE2's words, for what does not compile.
  static Result<Pattern> Compile(std::string_view pattern);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  // Whether the text holds a match. A search that takes more than a million steps or 8 MB (a pattern that
  // backtracks without end) counts as no match. REQUIRES: utf8 is valid UTF-8.
  bool Matches(std::string_view utf8);

 private:
  struct Compiled;
  explicit Pattern(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace forebay
