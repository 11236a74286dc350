// Result and Error: how every fallible function of Forebay reports failure.
//
// Situations that a caller branches on are codes; the rest is message. A message is one sentence for a data
// engineer: what is wrong, where, and what to do next. No secrets in it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace forebay {

// The codes map one to one onto exit statuses; see ExitStatus().
enum class ErrorCode {
  kUsage,           // wrong flags, a wrong contract, bad input that the user can mend (exit 2)
  kWorld,           // broker, disk, file system, permissions (exit 3)
  kAnotherLander,   // the lake's lock is held by someone else (exit 4)
  kConflict,        // a compare-and-set on the ledger failed: someone else landed these records
  kUnknownOutcome,  // COMMIT failed in a way that leaves the outcome unknown; delete nothing (exit 3)
  kStopped,         // asked to stop; not a failure
};

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same error, with what was being done put in front: "while X: message".
  Error WithContext(const std::string& context) const { return Error(code_, context + ": " + message_); }

 private:
  ErrorCode code_;
  std::string message_;
};

inline Error UsageError(std::string message) {
  return Error(ErrorCode::kUsage, std::move(message));
}
inline Error WorldError(std::string message) {
  return Error(ErrorCode::kWorld, std::move(message));
}

// The process exit status for an error: 2, 3 or 4, as the command line promises.
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
