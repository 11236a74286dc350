// What a release is linked with: nothing can be switched, and no point kills.
#include "testhooks/failpoint.h"
#include "testhooks/safeguard.h"

namespace forebay {

void PassFailpoint(const char* /*name*/) {}
bool SafeguardIsOn(const char* /*name*/) {
  return true;
}
bool LockIsSwitchedOff() {
  return false;
}

}  // namespace forebay
