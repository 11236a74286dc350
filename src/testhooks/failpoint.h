// Named points at which a test kills the process, or has it stand still. Nothing at all in a build without
// FOREBAY_TEST_HOOKS.
//
// FOREBAY_FAILPOINT=name or name:n in the environment: SIGKILL at the n-th pass (default the first) over the
// point of that name, counted over all threads. With FOREBAY_FAILPOINT_STOPS=1 it is SIGSTOP.
#pragma once

#ifdef FOREBAY_TEST_HOOKS
namespace forebay {
void PassFailpoint(const char* name);
}  // namespace forebay
#define FOREBAY_FAILPOINT(name) ::forebay::PassFailpoint(name)
#else
#define FOREBAY_FAILPOINT(name) static_cast<void>(0)
#endif
