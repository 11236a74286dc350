#include "base/result.h"

namespace forebay {

int ExitStatus(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kCorruption:
    case ErrorCode::kFailedPrecondition:
      return 2;
    case ErrorCode::kLockHeld:
      return 4;
    case ErrorCode::kCancelled:
      return 5;
    case ErrorCode::kUnavailable:
    case ErrorCode::kIoError:
    case ErrorCode::kConflict:
    case ErrorCode::kCommitStateUnknown:
      return 3;
  }
  return 3;
}

}  // namespace forebay
