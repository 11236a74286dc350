#include "arrow_bridge.h"

#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "errors.h"

namespace nb = nanobind;

namespace forebay::python {
namespace {

void CheckArrow(const arrow::Status& status) {
  if (!status.ok()) Raise(InvalidArgumentError("invalid Arrow data: " + status.message()));
}

// The capsule releases data that was not consumed.
template <typename Struct>
void Release(void* raw) noexcept {
  auto* const held = static_cast<Struct*>(raw);
  if (held->release != nullptr) held->release(held);
  delete held;
}

nb::capsule MakeCapsule(std::unique_ptr<ArrowSchema> schema) {
  return nb::capsule(schema.release(), "arrow_schema", &Release<ArrowSchema>);
}
nb::capsule MakeCapsule(std::unique_ptr<ArrowArray> array) {
  return nb::capsule(array.release(), "arrow_array", &Release<ArrowArray>);
}

nb::tuple ExportBatch(const ArrowBatchHolder& self, const nb::object& /*requested_schema*/) {
  auto schema = std::make_unique<ArrowSchema>();
  auto array = std::make_unique<ArrowArray>();
  CheckArrow(arrow::ExportRecordBatch(*self.batch, array.get(), schema.get()));
  nb::capsule schema_capsule = MakeCapsule(std::move(schema));
  return nb::make_tuple(std::move(schema_capsule), MakeCapsule(std::move(array)));
}

nb::capsule ExportSchema(const ArrowSchemaHolder& self) {
  auto schema = std::make_unique<ArrowSchema>();
  CheckArrow(arrow::ExportSchema(*self.schema, schema.get()));
  return MakeCapsule(std::move(schema));
}

void* PointerOf(nb::handle capsule, const char* name) {
  void* const pointer = PyCapsule_GetPointer(capsule.ptr(), name);
  if (pointer == nullptr) throw nb::python_error();
  return pointer;
}

}  // namespace

std::shared_ptr<arrow::RecordBatch> ImportBatch(nb::handle object) {
  if (!nb::hasattr(object, "__arrow_c_array__"))
    throw nb::type_error("expected an Arrow record batch, an object with __arrow_c_array__");
  const auto capsules = nb::cast<nb::tuple>(object.attr("__arrow_c_array__")());
  auto* const schema = static_cast<ArrowSchema*>(PointerOf(capsules[0], "arrow_schema"));
  auto* const array = static_cast<ArrowArray*>(PointerOf(capsules[1], "arrow_array"));
  const auto imported = arrow::ImportRecordBatch(array, schema);
  CheckArrow(imported.status());
  CheckArrow((*imported)->Validate());
  return *imported;
}

std::shared_ptr<arrow::Schema> ImportSchema(nb::handle object) {
  if (!nb::hasattr(object, "__arrow_c_schema__"))
    throw nb::type_error("expected an Arrow schema, an object with __arrow_c_schema__");
  const nb::object capsule = object.attr("__arrow_c_schema__")();
  const auto imported = arrow::ImportSchema(static_cast<ArrowSchema*>(PointerOf(capsule, "arrow_schema")));
  CheckArrow(imported.status());
  return *imported;
}

void RegisterArrow(nb::module_& m) {
  nb::class_<ArrowBatchHolder>(m, "Batch", "A record batch that other Arrow libraries can import.")
      .def("__arrow_c_array__", &ExportBatch, nb::arg("requested_schema") = nb::none(),
           nb::sig("def __arrow_c_array__(self, requested_schema: object | None = None) -> "
                   "tuple[object, object]"));
  nb::class_<ArrowSchemaHolder>(m, "Schema", "A schema that other Arrow libraries can import.")
      .def("__arrow_c_schema__", &ExportSchema, nb::sig("def __arrow_c_schema__(self) -> object"));
}

}  // namespace forebay::python
