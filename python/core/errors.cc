#include "errors.h"

#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace forebay::python {
namespace {

const char* CodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
      return "usage";
    case ErrorCode::kWorld:
      return "world";
    case ErrorCode::kAnotherLander:
      return "another_lander";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kUnknownOutcome:
      return "unknown_outcome";
    case ErrorCode::kStopped:
      return "stopped";
  }
  return "world";
}

}  // namespace

void Raise(const Error& error) {
  const nb::object make_error = nb::module_::import_("forebay._errors").attr("make_error");
  const nb::object exception = make_error(error.message(), CodeName(error.code()), ExitStatus(error));
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw nb::python_error();
}

}  // namespace forebay::python
