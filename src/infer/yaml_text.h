// Text as YAML that every reader, of YAML 1.1 or 1.2, takes for the same text.
#pragma once

#include <string>
#include <string_view>

namespace forebay::infer {

// A scalar that is the text: plain if that is safe, in double quotes otherwise. Also within [...] and {...}.
// References to environment variables, ${NAME}, stay text. Bytes that are not UTF-8 become U+FFFD.
std::string YamlText(std::string_view text);
// The same, always in double quotes.
std::string QuotedYaml(std::string_view text);
// A comment: "  # ..."; "" for an empty text. On one line, whatever the text is.
std::string YamlComment(std::string_view text);

}  // namespace forebay::infer
