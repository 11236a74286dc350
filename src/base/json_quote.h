// Quotes text as a JSON string, for the small JSON documents that Forebay writes itself (reports, receipts).
#pragma once

#include <string>
#include <string_view>

namespace forebay {

// The text in quotes, escaped. Bytes that are not UTF-8 become U+FFFD, so the result is always valid JSON.
std::string QuoteJson(std::string_view text);

}  // namespace forebay
