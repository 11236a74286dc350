#include "contract/text_format.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace forebay {
namespace {

void Expect(const char* name, const std::vector<std::string>& right, const std::vector<std::string>& wrong) {
  SCOPED_TRACE(name);
  const std::optional<TextFormat> format = ParseTextFormat(name);
  ASSERT_TRUE(format);
  for (const std::string& text : right) EXPECT_TRUE(HasTextFormat(text, *format)) << text;
  for (const std::string& text : wrong) EXPECT_FALSE(HasTextFormat(text, *format)) << text;
}

TEST(TextFormats, TellRightFromWrong) {
  Expect("email", {"a@b.org", "a+b@b", "ü@b.org"}, {"", "a", "@b", "a@", "a b@c"});
  Expect("uuid", {"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"},
         {"", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g",
          "{123e4567-e89b-12d3-a456-426614174000}"});
  Expect("uri", {"https://a.b/c?d=e#f", "urn:isbn:1", "mailto:a@b"},
         {"", "a.b/c", "https:", "1a:b", "a b:c", ":x"});
  Expect("hostname", {"a", "a-b.example", std::string(63, 'a')},
         {"", "a..b", "-a", "a-", "a_b", "a.", std::string(64, 'a'), "ä.de"});
  Expect("ipv4", {"127.0.0.1", "255.255.255.255"},
         {"", "127.0.0", "256.0.0.1", "127.0.0.1 ", "::1", "01.2.3.4"});
  Expect("ipv6", {"::1", "2001:db8::ff00:42:8329"}, {"", "127.0.0.1", "2001:db8", "::g"});
  Expect("date", {"2024-02-29"}, {"", "2023-02-29", "2024-2-29"});
  Expect("time", {"08:30", "08:30:00.5"}, {"", "8:30", "25:00"});
  Expect("date-time", {"2025-10-30T18:04:11Z", "2025-10-30t18:04:11.25+05:30"},
         {"", "2025-10-30T18:04:11", "2025-10-30 18:04:11Z", "2025-10-30T18:04Z", "2025-02-30T18:04:11Z",
          "2025-10-30T18:04:11+0530", "2025-10-30T18:04:11+24:00"});
  Expect("byte", {"", "YQ==", "YWI=", "YWJj", "+/+/"},
         {"YQ", "YQ=", "=", "====", "Y===", "YQ==YQ==", "Y-Q="});
  Expect("password", {"", "anything"}, {});
}

TEST(TextFormats, UnknownNames) {
  EXPECT_EQ(ParseTextFormat("iban"), std::nullopt);
  EXPECT_EQ(ParseTextFormat(""), std::nullopt);
}

}  // namespace
}  // namespace forebay
