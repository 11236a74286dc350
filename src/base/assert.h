// Asserts for bugs in Forebay itself, on in every build. What the world does wrong is a Result, never an
// assert.
#pragma once

namespace forebay {

[[noreturn]] void AssertFailed(const char* condition, const char* file, int line);

}  // namespace forebay

#define FOREBAY_ASSERT(condition) \
  (__builtin_expect(!(condition), 0) ? ::forebay::AssertFailed(#condition, __FILE__, __LINE__) : (void)0)
