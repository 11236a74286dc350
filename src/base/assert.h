// Asserts for bugs in Forebay itself, enabled in every build. Failures of the environment are a Result, never
// an assert.
#pragma once

namespace forebay {

[[noreturn]] void AssertFailed(const char* condition, const char* file, int line);

}  // namespace forebay

#define FOREBAY_ASSERT(condition) \
  (__builtin_expect(!(condition), 0) ? ::forebay::AssertFailed(#condition, __FILE__, __LINE__) : (void)0)
