// The little of HTTP/1.1 that a page on loopback needs: requests without a body, one for each connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forebay::serve {

struct HttpRequest {
  std::string method;
  std::string path;  // as it was sent, without the query
  std::string host;  // of the Host header, as it was sent
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

inline constexpr size_t kMaxRequestBytes = 16'384;

// What was received so far as a request; nothing while its head is not complete. A head that is none gives a
// request without a method. Pure.
std::optional<HttpRequest> ParseRequest(std::string_view received);

// Whether the Host header names this machine's loopback: "localhost", 127.0.0.0/8 or [::1], with any port. A
// page elsewhere whose name was made to resolve to 127.0.0.1 sends its own name, and gets nothing. Pure.
bool IsLoopbackHost(std::string_view host);

// The response as bytes, with the headers that every answer has; `head_only` leaves the body out. Pure.
std::string FormatResponse(const HttpResponse& response, bool head_only);

}  // namespace forebay::serve
