# In builds with sanitizers the headers that most files include are compiled once: parsing them is a third of clang's
# time. A release does without, so that a missing #include is noticed there.
#
# forebay_precompiled_headers(TARGET KIND): KIND is library or test; they differ in their flags.
if(FOREBAY_SANITIZE)
  set(FOREBAY_HEADERS <algorithm> <atomic> <charconv> <chrono> <cstdint> <cstring> <filesystem> <fstream> <functional>
    <map> <memory> <mutex> <optional> <random> <set> <span> <string> <string_view> <thread> <utility> <variant> <vector>
    <arrow/array.h> <arrow/builder.h> <arrow/record_batch.h> <arrow/table.h> <arrow/type.h>
    <fmt/format.h> <spdlog/spdlog.h>)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/headers.cc" CONTENT "int main() {}\n")
  add_library(forebay_library_headers OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/headers.cc")
  add_executable(forebay_test_headers EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/headers.cc")
  target_compile_options(forebay_test_headers PRIVATE ${FOREBAY_COMPILE_QUICKLY})
  target_link_libraries(forebay_library_headers PRIVATE fmt::fmt spdlog::spdlog forebay::arrow)
  target_link_libraries(forebay_test_headers PRIVATE fmt::fmt spdlog::spdlog forebay::arrow GTest::gmock)
  target_precompile_headers(forebay_library_headers PRIVATE ${FOREBAY_HEADERS})
  target_precompile_headers(forebay_test_headers PRIVATE ${FOREBAY_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
  set(FOREBAY_PCH_FLAGS "SHELL:-Xclang -fno-pch-timestamp")  # for ccache
  foreach(headers forebay_library_headers forebay_test_headers)
    target_compile_options(${headers} PRIVATE "${FOREBAY_PCH_FLAGS}")
  endforeach()
endif()

function(forebay_precompiled_headers target kind)
  get_target_property(type ${target} TYPE)
  if(FOREBAY_SANITIZE AND NOT type STREQUAL "INTERFACE_LIBRARY")
    target_compile_options(${target} PRIVATE "${FOREBAY_PCH_FLAGS}")
    target_precompile_headers(${target} REUSE_FROM forebay_${kind}_headers)
  endif()
endfunction()
