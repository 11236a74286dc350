// Arrow data between the core and any Python library with Arrow's C data interface (PyCapsules). Data is
// moved, never copied.
#pragma once

#include <arrow/type_fwd.h>
#include <nanobind/nanobind.h>

#include <memory>

namespace forebay::python {

// Python's holder of a batch, with __arrow_c_array__.
struct ArrowBatchHolder {
  std::shared_ptr<arrow::RecordBatch> batch;
};
// Python's holder of a schema, with __arrow_c_schema__.
struct ArrowSchemaHolder {
  std::shared_ptr<arrow::Schema> schema;
};

// The batch behind an object with __arrow_c_array__; TypeError for any other. REQUIRES: the GIL.
std::shared_ptr<arrow::RecordBatch> ImportBatch(nanobind::handle object);

// The schema behind an object with __arrow_c_schema__; TypeError for any other. REQUIRES: the GIL.
std::shared_ptr<arrow::Schema> ImportSchema(nanobind::handle object);

void RegisterArrow(nanobind::module_& m);

}  // namespace forebay::python
