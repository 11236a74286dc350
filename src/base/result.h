// Result and Error: how every fallible function of Forebay reports failure.
//
// An error code identifies a situation that callers branch on; the message carries the rest. A message is one
// sentence for a data engineer: the problem, its place, and the next step. It contains no secrets.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace forebay {

// The situations that a caller may branch on. Several codes share an exit status; see ExitStatus().
enum class ErrorCode {
  kInvalidArgument,     // invalid flags, an invalid contract, malformed input (exit 2)
  kCorruption,          // ledger, lake.json or a file damaged or missing; restore or rebuild it (exit 2)
  kFailedPrecondition,  // the state of the lake or its filesystem forbids the operation (exit 2)
  kUnavailable,         // the brokers do not respond, or do not have the requested data (exit 3)
  kIoError,             // disk, filesystem, permissions (exit 3)
  kLockHeld,            // another process holds the lake's lock (exit 4)
  kConflict,            // ledger compare-and-set failed: another process landed the records (exit 3)
  kCommitStateUnknown,  // COMMIT failed, may have taken effect; delete nothing (exit 3)
  kCancelled,           // a stop was requested before the work was complete (exit 5)
};

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same error with the failed operation as prefix: "while X: message".
  Error WithContext(const std::string& context) const { return Error(code_, context + ": " + message_); }

 private:
  ErrorCode code_;
  std::string message_;
};

inline Error InvalidArgumentError(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}
inline Error CorruptionError(std::string message) {
  return Error(ErrorCode::kCorruption, std::move(message));
}
inline Error FailedPreconditionError(std::string message) {
  return Error(ErrorCode::kFailedPrecondition, std::move(message));
}
inline Error UnavailableError(std::string message) {
  return Error(ErrorCode::kUnavailable, std::move(message));
}
inline Error IoError(std::string message) {
  return Error(ErrorCode::kIoError, std::move(message));
}
inline Error CancelledError(std::string message) {
  return Error(ErrorCode::kCancelled, std::move(message));
}

// Whether the caller must change something before the operation can succeed; retrying does not help.
inline bool NeedsChange(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kCorruption ||
         code == ErrorCode::kFailedPrecondition;
}

// The process exit status for an error, as documented for the command line: 2, 3, 4 or 5.
int ExitStatus(const Error& error);

// Either a value or an Error. Discarding one is a compile-time warning (and warnings are errors here).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by intent
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & {
    FOREBAY_ASSERT(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    FOREBAY_ASSERT(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    FOREBAY_ASSERT(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok().
  const Error& error() const {
    FOREBAY_ASSERT(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by intent

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    FOREBAY_ASSERT(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

// The outcome without its value.
template <typename T>
Status ToStatus(const Result<T>& result) {
  return result.ok() ? Status() : Status(result.error());
}
inline Status Ok() {
  return Status();
}

// Returns early with the error of `expr` (a Status or a Result).
#define FOREBAY_TRY(expr)                                \
  do {                                                   \
    auto forebay_try_ = (expr);                          \
    if (!forebay_try_.ok()) return forebay_try_.error(); \
  } while (false)

#define FOREBAY_CONCAT_INNER(a, b) a##b
#define FOREBAY_CONCAT(a, b) FOREBAY_CONCAT_INNER(a, b)

// `FOREBAY_ASSIGN(auto x, F());` binds the value of F(), or returns early with its error.
#define FOREBAY_ASSIGN(lhs, expr) FOREBAY_ASSIGN_INNER(lhs, expr, FOREBAY_CONCAT(forebay_assign_, __LINE__))
#define FOREBAY_ASSIGN_INNER(lhs, expr, tmp) \
  auto tmp = (expr);                         \
  if (!tmp.ok()) return tmp.error();         \
  lhs = std::move(tmp).value()

}  // namespace forebay
