// Named points at which a test kills or stops the process. In a release they do nothing: test programs, and
// the binary and the extension in build/release/hooks, are linked with testhooks/switches instead.
//
// FOREBAY_FAILPOINT=name or name:n in the environment sends SIGKILL at the n-th pass (by default the first)
// over the point of that name, counted over all threads. The name `any` stands for every point. With
// FOREBAY_FAILPOINT_STOPS=1 the signal is SIGSTOP.
#pragma once

namespace forebay {
void PassFailpoint(const char* name);
}  // namespace forebay

#define FOREBAY_FAILPOINT(name) ::forebay::PassFailpoint(name)
