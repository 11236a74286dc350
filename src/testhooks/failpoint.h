// Named points at which a test kills or stops the process. They compile to nothing in a build without
// FOREBAY_TEST_HOOKS.
//
// FOREBAY_FAILPOINT=name or name:n in the environment sends SIGKILL at the n-th pass (by default the first)
// over the point of that name, counted over all threads. The name `any` stands for every point. With
// FOREBAY_FAILPOINT_STOPS=1 the signal is SIGSTOP.
#pragma once

#ifdef FOREBAY_TEST_HOOKS
namespace forebay {
void PassFailpoint(const char* name);
}  // namespace forebay
#define FOREBAY_FAILPOINT(name) ::forebay::PassFailpoint(name)
#else
#define FOREBAY_FAILPOINT(name) static_cast<void>(0)
#endif
