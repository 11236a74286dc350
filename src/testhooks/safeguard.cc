#include "testhooks/safeguard.h"

#ifdef FOREBAY_TEST_HOOKS

#include <cstdlib>
#include <string>

namespace forebay {

bool SafeguardIsOn(const char* name) {
  static const std::string off = [] {
    const char* value = std::getenv("FOREBAY_SAFEGUARD_OFF");
    return value == nullptr ? std::string() : "," + std::string(value) + ",";
  }();
  return off.find("," + std::string(name) + ",") == std::string::npos;
}

}  // namespace forebay

#endif
