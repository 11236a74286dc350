#include "testhooks/safeguard.h"

#include <cstdlib>
#include <string>
#include <string_view>

namespace forebay {

bool SafeguardIsOn(const char* name) {
  static const std::string off = [] {
    const char* value = std::getenv("FOREBAY_SAFEGUARD_OFF");
    return value == nullptr ? std::string() : "," + std::string(value) + ",";
  }();
  return off.find("," + std::string(name) + ",") == std::string::npos;
}

bool LockIsSwitchedOff() {
  const char* value = std::getenv("FOREBAY_TEST_NO_LOCK");
  return value != nullptr && std::string_view(value) == "1";
}

}  // namespace forebay
