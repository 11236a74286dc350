// Safeguards that a test can switch off one by one, to prove that some test fails without each
// (tools/safeguards). In a build without FOREBAY_TEST_HOOKS they are always on and cost nothing.
//
// FOREBAY_SAFEGUARD_OFF=name in the environment switches off the safeguard of that name; separate several
// names with commas.
#pragma once

#ifdef FOREBAY_TEST_HOOKS
namespace forebay {
bool SafeguardIsOn(const char* name);
}  // namespace forebay
#define FOREBAY_SAFEGUARD(name) ::forebay::SafeguardIsOn(name)
#else
#define FOREBAY_SAFEGUARD(name) true
#endif
