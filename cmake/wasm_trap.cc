// Linked into every module that a host drives (cmake/wasm_module.cmake).
//
// libc++ and libc++abi explain a failure on stderr before they abort: that brings 25 KB of formatting and
// WASI imports which the host would have to supply. Here they trap; the host makes an error of the trap and
// throws the instance away.
#include <version>

#ifdef _LIBCPP_VERSION
#include <__verbose_abort>

void std::__libcpp_verbose_abort(const char* /*format*/, ...) noexcept {
  __builtin_trap();
}
#endif

extern "C" {
// libc++abi's one way to print; the second is its name until LLVM 19.
[[noreturn]] void __abort_message(const char* /*format*/, ...) {
  __builtin_trap();
}
[[noreturn]] void abort_message(const char* /*format*/, ...) {
  __builtin_trap();
}
}
