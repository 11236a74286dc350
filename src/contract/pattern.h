// The regular expressions of contracts: `pattern` rules, and patterns of topics. All code compiles and
// matches them through this class.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

  // The texts of its groups, that of a group without a match being empty, if the pattern matches the text as
  // a whole. The same limits apply. Thread-safe. REQUIRES: utf8 is valid UTF-8.
  std::optional<std::vector<std::string>> MatchWhole(std::string_view utf8) const;
  // The number of its groups.
  size_t groups() const;

 private:
  struct Compiled;
  explicit Pattern(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace forebay
