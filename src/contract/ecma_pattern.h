// Translates regular expressions from ECMA-262 to PCRE2.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace forebay {

struct PcrePattern {
  std::string text;
  // For each byte of `text`, and for its end: the position of the source byte in the ECMA-262 pattern.
  // Diagnostics use it to report positions.
  std::vector<size_t> source;
};

// Rewrites the constructs that ECMA-262 (22.2.2) and PCRE2 interpret differently: the dot, \s and \S, \v,
// \u{...} and surrogate pairs. Leaves PCRE2-only constructs unchanged. Also leaves \S inside a class
// unchanged; there PCRE2 matches anything but ASCII white space. Compile the result with PCRE2_ALT_BSUX and
// PCRE2_ALLOW_EMPTY_CLASS. Pure.
PcrePattern FromEcma(std::string_view pattern);

}  // namespace forebay
