// Input: arbitrary bytes as a request to the status page. Must not crash. A complete head must yield a
// request, and a host name that only ends like this machine's must not be accepted as this machine's.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "serve/http_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace forebay::serve;  // NOLINT: one program
  const std::string_view received(reinterpret_cast<const char*>(data), size);
  const auto request = ParseRequest(received);
  if (!request) {
    if (received.find("\r\n\r\n") != std::string_view::npos) std::abort();
    return 0;
  }
  if (request->path.find('?') != std::string::npos) std::abort();
  if (IsLoopbackHost(request->host) && IsLoopbackHost("not-" + request->host)) std::abort();
  return 0;
}
