#include "serve/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/time.h"

namespace forebay::serve {
namespace {

constexpr size_t kMaxConnections = 64;
constexpr double kConnectionSeconds = 10;

struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  bool loopback = false;
  std::string host;  // as written in a URL
};

Result<Address> ParseAddress(const std::string& listen) {
  const Error malformed =
      InvalidArgumentError("--http '" + listen + "' is not an address such as 127.0.0.1:8090 or [::1]:8090");
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return malformed;
  uint16_t port = 0;
  const char* const end = listen.data() + listen.size();
  const auto [parsed, error] = std::from_chars(listen.data() + colon + 1, end, port);
  if (error != std::errc() || parsed != end) return malformed;
  Address address;
  address.host = listen.substr(0, colon);
  std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    address.loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    return address;
  }
  if (!host.starts_with('[') || !host.ends_with(']')) return malformed;
  host = host.substr(1, host.size() - 2);
  if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) != 1) return malformed;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  address.size = sizeof *v6;
  address.loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
  return address;
}

Result<Descriptor> Listen(const Address& address, const std::string& listen_on) {
  Descriptor socket_fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  // Allows a port with lingering connections. A port on which another process listens is still refused.
  setsockopt(socket_fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto* const name = reinterpret_cast<const sockaddr*>(&address.storage);
  if (bind(socket_fd.get(), name, address.size) != 0 || listen(socket_fd.get(), 64) != 0) {
    if (errno == EADDRINUSE) {
      return IoError("cannot listen on --http " + listen_on +
                     ": port in use by another process; choose another port, or 0 for any free one");
    }
    return IoError("cannot listen on --http " + listen_on + ": " + std::strerror(errno));
  }
  return socket_fd;
}

uint16_t PortOf(int fd) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
  return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                                            : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
}

struct Connection {
  Descriptor fd;
  double deadline_s = 0;
  std::string received;
  std::string response;  // empty until the request is complete
  size_t sent = 0;
};

class Server final : public HttpServer {
 public:
  Server(Descriptor listener, std::string url, bool allow_remote, Handler handler)
      : listener_(std::move(listener)),
        url_(std::move(url)),
        allow_remote_(allow_remote),
        handler_(std::move(handler)),
        wake_(eventfd(0, EFD_CLOEXEC)),
        thread_([this] { Run(); }) {}

  ~Server() override {
    const uint64_t one = 1;
    // The counter of an eventfd always accepts this write.
    [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof one);
    thread_.join();
  }

  std::string url() const override { return url_; }

 private:
  void Run() {
    pthread_setname_np(pthread_self(), "fb-http");
    while (true) {
      std::vector<pollfd> polled = {{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
      for (const Connection& connection : connections_) {
        const short events = connection.response.empty() ? POLLIN : POLLOUT;
        polled.push_back({connection.fd.get(), events, 0});
      }
      if (poll(polled.data(), polled.size(), connections_.empty() ? -1 : 1000) < 0 && errno != EINTR) {
        spdlog::error("HTTP server stopped: poll: {}", std::strerror(errno));
        return;
      }
      if (polled[0].revents != 0) return;
      const double now_s = MonotonicSeconds();
      std::vector<Connection> kept;
      for (size_t i = 0; i < connections_.size(); ++i) {
        const bool ready = polled[i + 2].revents != 0;
        if (now_s > connections_[i].deadline_s || (ready && !Serve(&connections_[i]))) continue;
        kept.push_back(std::move(connections_[i]));
      }
      connections_ = std::move(kept);
      if (polled[1].revents != 0) Accept(now_s);
    }
  }

  void Accept(double now_s) {
    Descriptor fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.get() < 0) {
      // Out of descriptors: back off, because landing needs freed descriptors more than the page does.
      if (errno == EMFILE || errno == ENFILE) std::this_thread::sleep_for(std::chrono::milliseconds(100));
      return;
    }
    if (connections_.size() >= kMaxConnections) connections_.erase(connections_.begin());
    Connection connection;
    connection.fd = std::move(fd);
    connection.deadline_s = now_s + kConnectionSeconds;
    connections_.push_back(std::move(connection));
  }

  // Returns false when the connection is finished.
  bool Serve(Connection* connection) {
    if (connection->response.empty() && !Receive(connection)) return false;
    if (connection->response.empty()) return true;
    const std::string& response = connection->response;
    const ssize_t sent = send(connection->fd.get(), response.data() + connection->sent,
                              response.size() - connection->sent, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    connection->sent += static_cast<size_t>(sent);
    if (connection->sent < response.size()) return true;
    shutdown(connection->fd.get(), SHUT_WR);
    return false;
  }

  bool Receive(Connection* connection) {
    char buffer[4096];
    const ssize_t received = recv(connection->fd.get(), buffer, sizeof buffer, 0);
    if (received == 0) return false;
    if (received < 0) return errno == EAGAIN || errno == EINTR;
    connection->received.append(buffer, static_cast<size_t>(received));
    const std::optional<HttpRequest> request = ParseRequest(connection->received);
    if (request) {
      connection->response = FormatResponse(Respond(*request), request->method == "HEAD");
    } else if (connection->received.size() > kMaxRequestBytes) {
      connection->response =
          FormatResponse({.status = 431, .body = "Request head too large.\n"}, /*head_only=*/false);
    }
    return true;
  }

  HttpResponse Respond(const HttpRequest& request) {
    if (request.method.empty() || request.host.empty())
      return {.status = 400, .body = "Malformed request.\n"};
    if (!allow_remote_ && !IsLoopbackHost(request.host))
      return {.status = 403, .body = "Forbidden: this server accepts requests for localhost only.\n"};
    if (request.method != "GET" && request.method != "HEAD")
      return {.status = 405, .body = "Method not allowed: use GET or HEAD.\n"};
    try {
      return handler_(request);
    } catch (const std::exception& error) {
      spdlog::error("HTTP request for {} failed: {}", request.path, error.what());
      return {.status = 500, .body = "Internal error; see the log.\n"};
    }
  }

  const Descriptor listener_;
  const std::string url_;
  const bool allow_remote_;
  const Handler handler_;
  const Descriptor wake_;
  std::vector<Connection> connections_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Open(const HttpOptions& options, Handler handler) {
  FOREBAY_ASSIGN(const Address address, ParseAddress(options.listen));
  if (!address.loopback && !options.allow_remote) {
    return InvalidArgumentError(
        "--http " + options.listen +
        " is not a loopback address: anyone who can reach it could read the page, including "
        "quarantined records. Use 127.0.0.1, or pass --http-allow-remote");
  }
  FOREBAY_ASSIGN(Descriptor listener, Listen(address, options.listen));
  const std::string url = fmt::format("http://{}:{}/", address.host, PortOf(listener.get()));
  return std::unique_ptr<HttpServer>(
      std::make_unique<Server>(std::move(listener), url, options.allow_remote, std::move(handler)));
}

}  // namespace forebay::serve
