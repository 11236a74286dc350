// How much the long crash tests do.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace forebay {

// A positive number from the environment, for a longer run or for repeating one.
inline int64_t NumberFromEnvironment(const char* name, int64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : std::stoll(value);
}

// NIGHT=1: all that the tests can do, instead of what continuous integration has time for.
inline bool IsNight() {
  return NumberFromEnvironment("NIGHT", 0) != 0;
}

}  // namespace forebay
