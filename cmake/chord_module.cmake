# What every test is compiled with, and the headers that most of them begin with, compiled once.
if(CHORD_TESTS)
  add_library(chord_test INTERFACE)
  target_link_libraries(chord_test INTERFACE chord_flags GTest::gmock)
  target_compile_definitions(chord_test INTERFACE CHORD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # Optimising a test takes longer than running it, and GoogleTest names the line that fails.
  target_compile_options(chord_test INTERFACE -O0 -g0)
  file(WRITE ${CMAKE_BINARY_DIR}/test_headers.cc "")
  add_library(chord_test_headers OBJECT ${CMAKE_BINARY_DIR}/test_headers.cc)
  target_link_libraries(chord_test_headers PRIVATE chord_test)
  # The same bytes each time, for whoever caches what is compiled.
  target_compile_options(chord_test_headers PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(chord_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> <algorithm> <array> <cstdint>
    <expected> <memory> <optional> <span> <string> <variant> <vector>)
endif()

# The standard library's headers that most sources include, compiled once.
if(CHORD_PRECOMPILE)
  file(WRITE ${CMAKE_BINARY_DIR}/headers.cc "")
  add_library(chord_headers OBJECT ${CMAKE_BINARY_DIR}/headers.cc)
  target_link_libraries(chord_headers PRIVATE chord_flags)
  target_compile_features(chord_headers PRIVATE cxx_std_23)
  target_compile_options(chord_headers PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(chord_headers PRIVATE <algorithm> <array> <cstddef> <cstdint> <cstring> <expected> <limits>
    <memory> <optional> <span> <string> <string_view> <utility> <variant> <vector>)
endif()

# One folder of src/ is one static library `chord_<name>`.
#
#   chord_module(gguf DEPS base)
#
# takes every *.cc of the current folder, and gives the library an include root that holds only its own
# folder: <build>/roots/gguf/gguf is a link to src/gguf. A source can write #include "gguf/reader.h" only
# if its module links chord_gguf, so an include against the arrows of docs/architecture.md does not compile.
# x_test.cc becomes part of <name>_test, x_bench.cc of <name>_bench.
function(chord_module name)
  cmake_parse_arguments(ARG "" "" "DEPS;TEST_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  set(root ${CMAKE_BINARY_DIR}/roots/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)

  list(TRANSFORM ARG_DEPS PREPEND chord_)
  list(TRANSFORM ARG_TEST_DEPS PREPEND chord_)
  if(sources)
    add_library(chord_${name} STATIC ${sources})
    target_include_directories(chord_${name} PUBLIC ${root})
    target_link_libraries(chord_${name} PUBLIC ${ARG_DEPS} PRIVATE chord_flags)
    target_compile_features(chord_${name} PUBLIC cxx_std_23)
    if(CHORD_PRECOMPILE)
      target_precompile_headers(chord_${name} REUSE_FROM chord_headers)
    endif()
  else()
    add_library(chord_${name} INTERFACE)
    target_include_directories(chord_${name} INTERFACE ${root})
    target_link_libraries(chord_${name} INTERFACE ${ARG_DEPS})
    target_compile_features(chord_${name} INTERFACE cxx_std_23)
  endif()

  if(CHORD_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE chord_${name} ${ARG_TEST_DEPS} chord_test GTest::gtest_main)
    target_precompile_headers(${name}_test REUSE_FROM chord_test_headers)
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
  if(CHORD_BENCHMARKS AND benches)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE chord_${name} ${ARG_TEST_DEPS} chord_flags benchmark::benchmark_main)
    target_compile_definitions(${name}_bench PRIVATE CHORD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  endif()
endfunction()
