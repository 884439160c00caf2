# A module that a host drives: no main, but exports, and a function table that the host adds to.
#
#   chord_wasm_module(control OUTPUT chord SOURCES extra.cc LIBRARIES chord_abi HEADERS include/chord.h
#                     EXPORTS another_function)
#
# makes <build>/bin/chord.wasm. Exported are every function that a header marks with CHORD_API, those named by
# EXPORTS, malloc, free, `memory`, `_initialize` and the growable `__indirect_function_table`. Names are
# exported by the linker, not by attributes, because that also pulls their definitions out of static libraries.
#
# Binaryen's wasm-opt, where there is one, makes the module an eighth smaller.
find_program(WASM_OPT wasm-opt)
set(CHORD_WASM_TRAP ${CMAKE_CURRENT_LIST_DIR}/wasm_trap.cc)

function(chord_wasm_module name)
  cmake_parse_arguments(ARG "" "OUTPUT" "SOURCES;LIBRARIES;HEADERS;EXPORTS" ${ARGN})
  if(NOT ARG_OUTPUT)
    set(ARG_OUTPUT ${name})
  endif()
  set(exports malloc free ${ARG_EXPORTS})
  foreach(header IN LISTS ARG_HEADERS)
    cmake_path(ABSOLUTE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
    file(READ ${header} text)
    string(REGEX MATCHALL "\nCHORD_API[^;(]*[ *][a-z0-9_]+\\(" declarations "${text}")
    foreach(declaration IN LISTS declarations)
      string(REGEX REPLACE ".*[ *]([a-z0-9_]+)\\($" "\\1" function "${declaration}")
      list(APPEND exports ${function})
    endforeach()
  endforeach()
  list(TRANSFORM exports PREPEND "LINKER:--export=")

  add_executable(${name} ${ARG_SOURCES} ${CHORD_WASM_TRAP})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME ${ARG_OUTPUT}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} chord_flags)
  target_link_options(${name} PRIVATE -mexec-model=reactor ${exports}
    LINKER:--export-table,--growable-table
    LINKER:--gc-sections,--strip-all,-O2
    # Less inlining than -Oz asks for is smaller still.
    LINKER:-mllvm,-inline-threshold=-50)
  if(WASM_OPT)
    # The features that clang 22 and every browser with SIMD have.
    # Nothing is read or written in the first kilobyte: it is the end of the stack.
    add_custom_command(TARGET ${name} POST_BUILD COMMAND ${WASM_OPT} -Oz --converge --low-memory-unused
      --enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals
      $<TARGET_FILE:${name}> -o $<TARGET_FILE:${name}> VERBATIM)
  endif()
endfunction()
