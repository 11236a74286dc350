# The headers that most files include are compiled once: parsing them is a third of the compiler's time. The libraries of
# a release do without, so that a missing #include is noticed there.
#
# forebay_precompiled_headers(TARGET KIND): KIND is library or test; they differ in their flags.
set(FOREBAY_HEADERS <algorithm> <atomic> <charconv> <chrono> <cstdint> <cstring> <filesystem> <fstream> <functional>
  <map> <memory> <mutex> <optional> <random> <set> <span> <string> <string_view> <thread> <utility> <variant> <vector>
  <arrow/array.h> <arrow/builder.h> <arrow/record_batch.h> <arrow/table.h> <arrow/type.h>
  <fmt/format.h> <spdlog/spdlog.h>)
set(FOREBAY_HEADERS_OF_TESTS ${FOREBAY_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(FOREBAY_PCH_FLAGS "SHELL:-Xclang -fno-pch-timestamp")  # for ccache
else()
  # For ccache; and with them GCC 12 raises more false alarms on std::string concatenation (bug 105329).
  set(FOREBAY_PCH_FLAGS -fpch-preprocess -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/headers.cc" CONTENT "int main() {}\n")

function(forebay_headers target)
  target_link_libraries(${target} PRIVATE fmt::fmt spdlog::spdlog forebay::arrow)
  target_compile_options(${target} PRIVATE ${FOREBAY_PCH_FLAGS})
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()

if(FOREBAY_SANITIZE)
  add_library(forebay_library_headers OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/headers.cc")
  forebay_headers(forebay_library_headers ${FOREBAY_HEADERS})
endif()
if(NOT SKBUILD)
  add_executable(forebay_test_headers EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/headers.cc")
  target_compile_options(forebay_test_headers PRIVATE ${FOREBAY_COMPILE_QUICKLY})
  target_link_libraries(forebay_test_headers PRIVATE GTest::gmock)
  forebay_headers(forebay_test_headers ${FOREBAY_HEADERS_OF_TESTS})
endif()

function(forebay_precompiled_headers target kind)
  get_target_property(type ${target} TYPE)
  if(TARGET forebay_${kind}_headers AND NOT type STREQUAL "INTERFACE_LIBRARY")
    target_compile_options(${target} PRIVATE ${FOREBAY_PCH_FLAGS})
    target_precompile_headers(${target} REUSE_FROM forebay_${kind}_headers)
  endif()
endfunction()
