# The Python extension forebay._core: the rooms of src/ behind nanobind. Built on request (target _core) into
# BUILD/python/forebay, beside links to the package's Python files, so that PYTHONPATH=BUILD/python is the package;
# or, by scikit-build-core, into a wheel.
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir OUTPUT_STRIP_TRAILING_WHITESPACE
  OUTPUT_VARIABLE nanobind_ROOT COMMAND_ERROR_IS_FATAL ANY)
find_package(nanobind CONFIG REQUIRED)

file(GLOB FOREBAY_PYTHON_SOURCES CONFIGURE_DEPENDS python/core/*.cc)
nanobind_add_module(_core NB_STATIC NOMINSIZE ${FOREBAY_PYTHON_SOURCES})
target_compile_options(_core PRIVATE ${FOREBAY_COMPILE_QUICKLY})
# Another library in the same process may bring its own Boost or spdlog: ours stay inside. No jemalloc: the process has
# its allocator already.
target_link_options(_core PRIVATE -Wl,--exclude-libs,ALL)
target_link_libraries(_core PRIVATE forebay_external forebay_produce forebay_infer)

set(FOREBAY_PYTHON_DIR "${CMAKE_BINARY_DIR}/python/forebay")
set(FOREBAY_PYTHON_HOOKS_DIR "${CMAKE_BINARY_DIR}/hooks/python/forebay")
set_target_properties(_core PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${FOREBAY_PYTHON_DIR}")
if(NOT SKBUILD)
  # Beside the absolute places: as installed, so that `tools/spark pack` can send it to other machines.
  set_target_properties(_core PROPERTIES EXCLUDE_FROM_ALL ON
    BUILD_RPATH "$ORIGIN/../pyarrow;$ORIGIN/../confluent_kafka.libs")
  nanobind_add_module(_core_hooks NB_STATIC NOMINSIZE)
  target_link_options(_core_hooks PRIVATE -Wl,--exclude-libs,ALL)
  forebay_with_hooks(_core _core "${FOREBAY_PYTHON_HOOKS_DIR}")
endif()
file(GLOB FOREBAY_PYTHON_FILES CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/python/forebay"
  python/forebay/*.py python/forebay/*.pyi python/forebay/py.typed)
file(GLOB FOREBAY_PYTHON_PACKAGES CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/python/forebay"
  python/forebay/*/__init__.py)
foreach(init ${FOREBAY_PYTHON_PACKAGES})
  get_filename_component(package ${init} DIRECTORY)
  list(APPEND FOREBAY_PYTHON_FILES ${package})
endforeach()
foreach(directory "${FOREBAY_PYTHON_DIR}" "${FOREBAY_PYTHON_HOOKS_DIR}")
  file(MAKE_DIRECTORY "${directory}")
  foreach(name ${FOREBAY_PYTHON_FILES})
    file(CREATE_LINK "${CMAKE_SOURCE_DIR}/python/forebay/${name}" "${directory}/${name}" SYMBOLIC)
  endforeach()
endforeach()
