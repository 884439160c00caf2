// Allocation that tells the host what was refused. There are no exceptions, so libc++'s own can only abort.
#include <cstdlib>
#include <new>

#include "abi/wasm/host.h"

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) {
    chord::abi::host_refused(size);
    __builtin_trap();
  }
  return memory;
}

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
