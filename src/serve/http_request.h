// The subset of HTTP/1.1 for a page on loopback: requests without a body, one per connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forebay::serve {

struct HttpRequest {
  std::string method;
  std::string path;  // as received, without the query
  std::string host;  // of the Host header, as received
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

inline constexpr size_t kMaxRequestBytes = 16'384;

// Parses the received bytes as a request; empty while the head is incomplete. A malformed head returns a
// request without a method. Pure.
std::optional<HttpRequest> ParseRequest(std::string_view received);

// Whether the Host header names this machine's loopback: "localhost", 127.0.0.0/8 or [::1], with any port.
// This defeats DNS rebinding: a foreign page whose name resolves to 127.0.0.1 sends its own name, and is
// rejected. Pure.
bool IsLoopbackHost(std::string_view host);

// The response as bytes, with the headers of every response; `head_only` omits the body. Pure.
std::string FormatResponse(const HttpResponse& response, bool head_only);

}  // namespace forebay::serve
