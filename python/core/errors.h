// Translates the core's errors to Python exceptions. All errors cross here.
#pragma once

#include <nanobind/nanobind.h>

#include <utility>

#include "base/result.h"

namespace forebay::python {

// Raises forebay.ForebayError, or the subclass for the error's code. REQUIRES: the GIL.
[[noreturn]] void Raise(const Error& error);

inline void Check(const Status& status) {
  if (!status.ok()) Raise(status.error());
}
template <typename T>
T Unwrap(Result<T> result) {
  if (!result.ok()) Raise(result.error());
  return std::move(result).value();
}

}  // namespace forebay::python
