#include "errors.h"

#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace forebay::python {
namespace {

const char* CodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kCorruption:
      return "corruption";
    case ErrorCode::kFailedPrecondition:
      return "failed_precondition";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kIoError:
      return "io_error";
    case ErrorCode::kLockHeld:
      return "lock_held";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kCommitStateUnknown:
      return "commit_state_unknown";
    case ErrorCode::kCancelled:
      return "cancelled";
  }
  return "io_error";
}

}  // namespace

void Raise(const Error& error) {
  const nb::object make_error = nb::module_::import_("forebay._errors").attr("make_error");
  const nb::object exception = make_error(error.message(), CodeName(error.code()), ExitStatus(error));
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw nb::python_error();
}

}  // namespace forebay::python
