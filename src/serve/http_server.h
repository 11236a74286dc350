// A small HTTP server: one thread, non-blocking sockets, a deadline for each connection.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "serve/http_request.h"

namespace forebay::serve {

struct HttpOptions {
  std::string listen;         // "127.0.0.1:8090", "[::1]:8090", "localhost:8090"; port 0: any free port
  bool allow_remote = false;  // allow addresses to listen on, and Host names, other than those of loopback
};

// No client can block others. At most 64 connections are open; a new one beyond that
// closes the oldest. Each connection lasts at most ten seconds.
class HttpServer {
 public:
  // Runs on the server's thread, one call at a time. It must not block.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens and starts to serve. Returns kInvalidArgument for an invalid address, or one outside loopback
  // without allow_remote, and kIoError for a port in use.
  static Result<std::unique_ptr<HttpServer>> Open(const HttpOptions& options, Handler handler);
  // Stops the thread and drops all connections.
  virtual ~HttpServer() = default;

  // "http://127.0.0.1:8090/", with the actual port.
  virtual std::string url() const = 0;
};

}  // namespace forebay::serve
