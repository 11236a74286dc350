#include "base/result.h"

namespace forebay {

int ExitStatus(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kAnotherLander:
      return 4;
    case ErrorCode::kStopped:
      return 0;
    case ErrorCode::kWorld:
    case ErrorCode::kConflict:
    case ErrorCode::kUnknownOutcome:
      return 3;
  }
  return 3;
}

}  // namespace forebay
