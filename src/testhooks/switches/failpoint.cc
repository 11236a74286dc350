#include "testhooks/failpoint.h"

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

namespace forebay {
namespace {

struct Target {
  std::string name;
  int pass = 1;
};

Target ReadTarget() {
  const char* value = std::getenv("FOREBAY_FAILPOINT");
  if (value == nullptr) return {};
  const std::string text = value;
  const size_t colon = text.rfind(':');
  const bool numbered = colon != std::string::npos && colon + 1 < text.size() &&
                        text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  if (!numbered) return {text, 1};
  return {text.substr(0, colon), std::atoi(text.c_str() + colon + 1)};
}

}  // namespace

void PassFailpoint(const char* name) {
  static const Target target = ReadTarget();
  static std::atomic<int> passes{0};
  if (target.name != "any" && target.name != std::string_view(name)) return;
  static const int signal = std::getenv("FOREBAY_FAILPOINT_STOPS") == nullptr ? SIGKILL : SIGSTOP;
  // A SIGSTOP for the process could be taken by another thread, and this one would go on meanwhile.
  if (passes.fetch_add(1) + 1 == target.pass) ::raise(signal);
}

}  // namespace forebay
