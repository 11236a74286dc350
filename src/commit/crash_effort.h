// Effort settings of the long crash tests.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace forebay {

// A positive number from the environment, to lengthen a test or to repeat one run of it; `otherwise` if
// unset.
inline int64_t NumberFromEnvironment(const char* name, int64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : std::stoll(value);
}

// NIGHT=1: the tests run exhaustively, beyond the time limit of continuous integration.
inline bool IsNight() {
  return NumberFromEnvironment("NIGHT", 0) != 0;
}

// The first of every `step`-th point of an enumeration from 1 on. SEED moves it, so that runs with different
// seeds try different points.
inline int64_t FirstOfSample(int64_t step) {
  return 1 + NumberFromEnvironment("SEED", 0) % step;
}

// The points of an enumeration of 1 to `last`: all, or with EVERY=n in the environment a sample of them.
inline std::vector<int64_t> PointsToTry(int64_t last) {
  const int64_t step = NumberFromEnvironment("EVERY", 1);
  std::vector<int64_t> points;
  for (int64_t at = FirstOfSample(step); at <= last; at += step) points.push_back(at);
  return points;
}

}  // namespace forebay
