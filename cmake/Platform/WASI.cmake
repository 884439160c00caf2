# What CMake has to know about WASI before 3.31 knows it itself: there are no shared libraries, and programs
# are called x.wasm.
set(WASI 1)
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
