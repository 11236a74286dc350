# Flags that every target shares. FOREBAY_SANITIZE is empty, "address,undefined" or "thread".
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON)  # __int128
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g1")

# The presets with sanitizers use clang: the fuzzers need it, and it compiles such code in two thirds of GCC 12's time.
set(FOREBAY_SANITIZE "" CACHE STRING "Sanitizers to build with: empty, address,undefined or thread")
option(FOREBAY_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
# The crash tests and their switches; they take too long under sanitizers.
if(FOREBAY_SANITIZE)
  set(FOREBAY_TEST_HOOKS OFF)
else()
  set(FOREBAY_TEST_HOOKS ON)
endif()

# For code that needs no optimizing: tests, and the parsing of flags.
if(FOREBAY_SANITIZE)
  set(FOREBAY_COMPILE_QUICKLY -O0)
else()
  set(FOREBAY_COMPILE_QUICKLY -O1)
endif()

add_compile_options(-Wall -Wextra -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Clang's -Wconversion means signs too, so GCC alone looks for values that silently lose bits.
  add_compile_options(-Wconversion)
  add_compile_options(-Wno-restrict)  # false alarms on std::string concatenation (GCC bug 105329)
endif()
if(FOREBAY_SANITIZE)
  add_compile_options(-fsanitize=${FOREBAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FOREBAY_SANITIZE})
endif()
if(FOREBAY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
