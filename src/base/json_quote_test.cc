#include "base/json_quote.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace forebay {
namespace {

TEST(QuoteJson, Escapes) {
  EXPECT_EQ(QuoteJson("a\"b\\c\n\x01 \xC3\xA9"), "\"a\\\"b\\\\c\\u000a\\u0001 \xC3\xA9\"");
  EXPECT_EQ(QuoteJson("\xFFz\xC3"), "\"\\ufffdz\\ufffd\"");
  EXPECT_EQ(QuoteJson("\xED\xA0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");  // a surrogate
}

TEST(QuoteJson, AnyThreeBytesAreJson) {
  // Every lead byte, followed by bytes on both sides of each boundary of the grammar.
  const unsigned char borders[] = {0x00, 0x22, 0x5C, 0x7F, 0x80, 0x8F, 0x90,
                                   0x9F, 0xA0, 0xBF, 0xC0, 0xED, 0xF0, 0xFF};
  for (int lead = 0; lead < 256; ++lead) {
    for (const unsigned char second : borders) {
      for (const unsigned char third : borders) {
        const char bytes[] = {static_cast<char>(lead), static_cast<char>(second), static_cast<char>(third)};
        boost::json::error_code error;
        boost::json::parse(QuoteJson({bytes, 3}), error);
        ASSERT_FALSE(error) << lead << " " << int{second} << " " << int{third};
      }
    }
  }
}

}  // namespace
}  // namespace forebay
