#include "serve/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace forebay::serve {
namespace {

int PortOf(const std::string& url) {
  return std::stoi(url.substr(url.rfind(':') + 1));
}

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

std::string Ask(int port, const std::string& path) {
  const int fd = Connect(port);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[65536];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<size_t>(got));
  close(fd);
  return answer;
}

TEST(HttpServer, ServesManyClientsAndStopsWhileTheyConnect) {
  const std::string big(3'000'000, 'x');  // more than a socket accepts in one write
  std::atomic<int> asked{0};
  auto server = HttpServer::Open({"127.0.0.1:0"}, [&](const HttpRequest& request) {
    ++asked;
    return HttpResponse{200, "text/plain", request.path == "/big" ? big : request.path};
  });
  ASSERT_TRUE(server.ok());
  const int port = PortOf((*server)->url());
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&] {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(Ask(port, "/x").ends_with("\r\n\r\n/x"));
      EXPECT_TRUE(Ask(port, "/big").ends_with(big));
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(asked.load(), 84);
  const int open = Connect(port);
  server->reset();
  close(open);
}

TEST(HttpServer, AThrowingHandlerIsStatus500) {
  auto server = HttpServer::Open(
      {"[::1]:0"}, [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("broken"); });
  if (!server.ok()) GTEST_SKIP() << "no IPv6 here: " << server.error().message();
  EXPECT_TRUE((*server)->url().starts_with("http://[::1]:"));
  server = HttpServer::Open({"localhost:0"},
                            [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("broken"); });
  ASSERT_TRUE(server.ok());
  EXPECT_NE(Ask(PortOf((*server)->url()), "/").find("HTTP/1.1 500 "), std::string::npos);
}

}  // namespace
}  // namespace forebay::serve
