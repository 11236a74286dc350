#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace forebay {

void AssertFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "forebay: this is a bug in Forebay: %s does not hold at %s:%d\n", condition, file,
               line);
  std::abort();
}

}  // namespace forebay
