// A small HTTP server: one thread, non-blocking sockets, a deadline for each connection.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "serve/http_request.h"

namespace forebay::serve {

struct HttpOptions {
  std::string listen;         // "127.0.0.1:8090", "[::1]:8090", "localhost:8090"; port 0 takes a free one
  bool allow_remote = false;  // listen on other addresses, and answer to other names, than those of loopback
};

// Nothing that a client does keeps it from answering the next one: at most 64 connections are open, the
// oldest of which makes room for a new one, and each for at most ten seconds.
class HttpServer {
 public:
  // Runs on the server's thread, one call at a time; it must not wait for anything.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens and starts answering. kInvalidArgument for an address that is none, or not loopback without
  // allow_remote; kIoError for a port that is taken.
  static Result<std::unique_ptr<HttpServer>> Open(const HttpOptions& options, Handler handler);
  // Ends the thread; connections are dropped.
  virtual ~HttpServer() = default;

  // "http://127.0.0.1:8090/", with the port that was really taken.
  virtual std::string url() const = 0;
};

}  // namespace forebay::serve
