// Regular expressions as ECMA-262 writes them, for PCRE2.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace forebay {

struct PcrePattern {
  std::string text;
  // For each byte of text, and its end, the byte of the pattern that it was made from: for positions of
  // diagnostics.
  std::vector<size_t> source;
};

// Rewrites what both read, and each reads otherwise (ECMA-262, 22.2.2): the dot, \s and \S, \v, \u{...} and
// pairs of surrogates. What only PCRE2 knows is left as it is, and so is \S within a class, which PCRE2 takes
// for anything but ASCII's white space. To be compiled with PCRE2_ALT_BSUX and PCRE2_ALLOW_EMPTY_CLASS. Pure.
PcrePattern FromEcma(std::string_view pattern);

}  // namespace forebay
