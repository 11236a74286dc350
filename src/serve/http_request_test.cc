#include "serve/http_request.h"

#include <gtest/gtest.h>

namespace forebay::serve {
namespace {

TEST(ParseRequest, WaitsForTheWholeHead) {
  EXPECT_FALSE(ParseRequest("").has_value());
  EXPECT_FALSE(ParseRequest("GET / HTTP/1.1\r\nHost: localhost\r\n").has_value());
}

TEST(ParseRequest, ReturnsMethodPathAndHost) {
  const auto request =
      ParseRequest("GET /api/status?a=b HTTP/1.1\r\nAccept: */*\r\nhOsT:  localhost:80 \r\n\r\n");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->path, "/api/status");
  EXPECT_EQ(request->host, "localhost:80");
}

TEST(ParseRequest, AMalformedRequestHasNoMethod) {
  for (const char* text :
       {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / SPDY/3\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}) {
    const auto request = ParseRequest(text);
    ASSERT_TRUE(request.has_value()) << text;
    EXPECT_EQ(request->method, "") << text;
  }
}

TEST(IsLoopbackHost, AcceptsOnlyLoopbackNames) {
  for (const char* host :
       {"localhost", "LocalHost:8090", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8090"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host : {"", "example.org", "localhost.example.org", "127.0.0.1.example.org", "128.0.0.1",
                           "0.0.0.0", "[::2]", "[::1", "::1"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

TEST(FormatResponse, OmitsTheBodyForAHeadRequest) {
  const HttpResponse response{200, "text/plain", "four"};
  EXPECT_TRUE(FormatResponse(response, false).ends_with("\r\n\r\nfour"));
  const std::string head = FormatResponse(response, true);
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  EXPECT_NE(head.find("Content-Length: 4\r\n"), std::string::npos);
}

}  // namespace
}  // namespace forebay::serve
