// The regular expressions of `pattern` rules. All code compiles and matches them through this class.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace forebay {

// A compiled pattern with the semantics of ECMA-262 (flag u), as ODCS requires. It is unanchored,
// case-sensitive and matches code points. \d and \w are ASCII, \s is Unicode white space, `.` is anything
// except a line terminator, and `$` is the very end of the text. PCRE2's own extensions work too, except \C
// and callouts.
//
// Not thread-safe: each object owns the scratch memory of its matches. Use one object per thread.
class Pattern {
 public:
  // Returns kInvalidArgument, with the position and PCRE2's message, for a pattern that does not compile.
  static Result<Pattern> Compile(std::string_view pattern);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  // Whether the text contains a match. A search that exceeds a million steps or 8 MB counts as no match;
  // these limits stop patterns that backtrack without end. REQUIRES: utf8 is valid UTF-8.
  bool Matches(std::string_view utf8);

 private:
  struct Compiled;
  explicit Pattern(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace forebay
