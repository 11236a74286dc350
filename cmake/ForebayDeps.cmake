# Arrow/Parquet and librdkafka come from the pyarrow and confluent-kafka wheels, so that the binary, the Python package
# and Spark's workers all run the same Arrow. Debian has the rest. `make build` takes the wheels of the project's Python
# environment; a wheel of Forebay (SKBUILD) those of the environment that it is built in.
set(FOREBAY_VENV "${CMAKE_SOURCE_DIR}/.forebay/venv" CACHE PATH "Python environment with the pyarrow and confluent-kafka wheels")
if(NOT SKBUILD)
  set(Python_ROOT_DIR "${FOREBAY_VENV}")
  set(Python_FIND_VIRTUALENV ONLY)
  set(Python_EXECUTABLE "${FOREBAY_VENV}/bin/python")
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
if(NOT SKBUILD)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
endif()
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)

# By name: the targets of Debian's package have linker options that only work in an order, which CMake does not keep.
add_library(forebay_abseil_time INTERFACE)
foreach(library absl_time absl_time_zone absl_civil_time)
  find_library(FOREBAY_${library} ${library} REQUIRED)
  target_link_libraries(forebay_abseil_time INTERFACE "${FOREBAY_${library}}")
endforeach()
add_library(forebay::abseil_time ALIAS forebay_abseil_time)

# For programs only: records are allocated on one thread and freed on another all the time, which glibc's malloc is slow
# at (docs/decisions/0020-jemalloc.md). Sanitizers bring their own.
if(NOT FOREBAY_SANITIZE)
  pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
  set(FOREBAY_MALLOC -Wl,--push-state,--no-as-needed PkgConfig::jemalloc -Wl,--pop-state)
endif()

if(SKBUILD)
  find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
  execute_process(COMMAND "${Python_EXECUTABLE}" -c
    "import pathlib, confluent_kafka, pyarrow; print(pathlib.Path(pyarrow.__file__).parent, pathlib.Path(confluent_kafka.__file__).parents[1], sep=';')"
    OUTPUT_STRIP_TRAILING_WHITESPACE OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
  list(GET found 0 FOREBAY_PYARROW_DIRS)
  list(GET found 1 FOREBAY_KAFKA_SITE)
else()
  file(GLOB FOREBAY_PYARROW_DIRS "${FOREBAY_VENV}/lib/python3.*/site-packages/pyarrow")
  set(FOREBAY_KAFKA_SITE "${FOREBAY_VENV}/lib/python3.*/site-packages")
endif()

# In a wheel the libraries are found beside it, wherever it is installed; elsewhere they stay where they are.
function(forebay_runtime_directory target directory)
  if(SKBUILD)
    target_link_options(${target} INTERFACE "-Wl,-rpath-link,${directory}")
  else()
    target_link_options(${target} INTERFACE "-Wl,-rpath,${directory}")
  endif()
endfunction()

if(NOT FOREBAY_PYARROW_DIRS)
  message(FATAL_ERROR "No pyarrow in ${FOREBAY_VENV}. Run `make setup`, or set FOREBAY_VENV.")
endif()
list(GET FOREBAY_PYARROW_DIRS 0 FOREBAY_PYARROW)
add_library(forebay_arrow INTERFACE)
target_include_directories(forebay_arrow SYSTEM INTERFACE "${FOREBAY_PYARROW}/include")
foreach(library libarrow_compute libparquet libarrow)
  file(GLOB found "${FOREBAY_PYARROW}/${library}.so.2600")
  if(NOT found)
    message(FATAL_ERROR "${library}.so.2600 is not in ${FOREBAY_PYARROW}: the pinned pyarrow is 26.0.1. Run `make setup`.")
  endif()
  target_link_libraries(forebay_arrow INTERFACE "${found}")
endforeach()
forebay_runtime_directory(forebay_arrow "${FOREBAY_PYARROW}")
add_library(forebay::arrow ALIAS forebay_arrow)

# The wheel's librdkafka is newer than Debian's headers; kafka/ declares by hand the few functions it needs beyond them.
file(GLOB FOREBAY_RDKAFKA "${FOREBAY_KAFKA_SITE}/confluent_kafka.libs/librdkafka-*.so.1")
if(NOT FOREBAY_RDKAFKA)
  message(FATAL_ERROR "No librdkafka in ${FOREBAY_VENV} (it comes with confluent-kafka). Run `make setup`.")
endif()
get_filename_component(FOREBAY_RDKAFKA_DIR "${FOREBAY_RDKAFKA}" DIRECTORY)
add_library(forebay_rdkafka INTERFACE)
target_link_libraries(forebay_rdkafka INTERFACE "${FOREBAY_RDKAFKA}")
forebay_runtime_directory(forebay_rdkafka "${FOREBAY_RDKAFKA_DIR}")
add_library(forebay::rdkafka ALIAS forebay_rdkafka)
