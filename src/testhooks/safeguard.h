// Safeguards that a test can switch off one by one, to prove that some test fails without each
// (tools/safeguards). In a release they are always on: test programs, and the binary and the extension in
// build/release/hooks, are linked with testhooks/switches instead.
//
// FOREBAY_SAFEGUARD_OFF=name in the environment switches off the safeguard of that name; separate several
// names with commas. FOREBAY_TEST_NO_LOCK=1 leaves the lake's lock alone.
#pragma once

namespace forebay {
bool SafeguardIsOn(const char* name);
bool LockIsSwitchedOff();
}  // namespace forebay

// A condition: whether the safeguard is on.
#define FOREBAY_SAFEGUARD(name) ::forebay::SafeguardIsOn(name)
// A statement that is the safeguard.
#define FOREBAY_GUARDED(name, ...) \
  do {                             \
    if (FOREBAY_SAFEGUARD(name)) { \
      __VA_ARGS__;                 \
    }                              \
  } while (false)
