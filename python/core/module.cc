// forebay._core: binds the core to Python. Rules live in src/, conveniences in python/forebay.
#include <nanobind/nanobind.h>

#include "arrow_bridge.h"
#include "waiting.h"

namespace nb = nanobind;

namespace forebay::python {

void RegisterContract(nb::module_& m);
void RegisterDecoder(nb::module_& m);
void RegisterStager(nb::module_& m);
void RegisterLanding(nb::module_& m);
void RegisterLedger(nb::module_& m);
void RegisterScenario(nb::module_& m);
void RegisterProducer(nb::module_& m);

}  // namespace forebay::python

NB_MODULE(_core, m) {
  using namespace forebay::python;  // NOLINT
  m.doc() = "Forebay's core. Use the package forebay.";
  m.attr("VERSION") = FOREBAY_VERSION;
  // Objects still alive at a program's exit are not reported as leaks.
  nanobind::set_leak_warnings(false);
  CaptureLog();
  RegisterArrow(m);
  RegisterContract(m);
  RegisterDecoder(m);
  RegisterStager(m);
  RegisterLanding(m);
  RegisterLedger(m);
  RegisterScenario(m);
  RegisterProducer(m);
}
