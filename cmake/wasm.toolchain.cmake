# WebAssembly, with the standard library that WASI gives.
#
#   WASI_SDK_PATH (cache or environment)  a WASI SDK: its clang, its sysroot, target wasm32-wasip1
#   otherwise                             stock clang 22 and Debian's packages: clang-22 lld-22
#                                         libc++-22-dev-wasm32 libc++abi-22-dev-wasm32
#                                         libclang-rt-22-dev-wasm32 libclang-rt-22-dev-wasm64 wasi-libc
set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_VERSION 1)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})

if(NOT WASI_SDK_PATH AND DEFINED ENV{WASI_SDK_PATH})
  set(WASI_SDK_PATH $ENV{WASI_SDK_PATH})
endif()
set(WASI_SDK_PATH "${WASI_SDK_PATH}" CACHE PATH "A WASI SDK to build with; empty: the system's clang 22")
# try_compile configures anew, and would lose it.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES WASI_SDK_PATH)

if(WASI_SDK_PATH)
  set(target wasm32-wasip1)
  # Also over the presets' clang-22, which is the native one.
  set(CMAKE_C_COMPILER ${WASI_SDK_PATH}/bin/clang CACHE FILEPATH "" FORCE)
  set(CMAKE_CXX_COMPILER ${WASI_SDK_PATH}/bin/clang++ CACHE FILEPATH "" FORCE)
  set(CMAKE_AR ${WASI_SDK_PATH}/bin/llvm-ar)
  set(CMAKE_RANLIB ${WASI_SDK_PATH}/bin/llvm-ranlib)
  set(CMAKE_SYSROOT ${WASI_SDK_PATH}/share/wasi-sysroot)
else()
  set(target wasm32-wasi)
  set(CMAKE_C_COMPILER clang-22)
  set(CMAKE_CXX_COMPILER clang++-22)
  set(CMAKE_AR llvm-ar-22)
  set(CMAKE_RANLIB llvm-ranlib-22)
  # Clang 22 deprecates the triple wasm32-wasi, but it is the one that Debian's libraries are installed under.
  add_compile_options(-Wno-deprecated)
  add_link_options(-Wno-deprecated)
endif()
set(CMAKE_C_COMPILER_TARGET ${target})
set(CMAKE_CXX_COMPILER_TARGET ${target})

# Programs of the build machine, but nothing to compile against.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
