// Safeguards that a test can switch off, each by itself, to see that there is a test that then fails
// (tools/safeguards). Always on, and nothing at all, in a build without FOREBAY_TEST_HOOKS.
//
// FOREBAY_SAFEGUARD_OFF=name in the environment switches off the one of that name; names with commas between
// them, several.
#pragma once

#ifdef FOREBAY_TEST_HOOKS
namespace forebay {
bool SafeguardIsOn(const char* name);
}  // namespace forebay
#define FOREBAY_SAFEGUARD(name) ::forebay::SafeguardIsOn(name)
#else
#define FOREBAY_SAFEGUARD(name) true
#endif
