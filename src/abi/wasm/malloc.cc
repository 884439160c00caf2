// malloc and free of the modules that a host drives, at a sixth of the size of the C library's.
#include <cstddef>
#include <cstdint>

#include "base/heap.h"

extern "C" std::byte __heap_base;  // the linker's: where the module's own data ends

namespace {

constexpr size_t kPage = 65536;

constinit chord::Heap heap;

std::byte* page(size_t number) {
  return reinterpret_cast<std::byte*>(number * kPage);
}

// Asks for as many pages as `bytes` take beyond what there is.
bool grow(size_t bytes) {
  if (bytes > chord::Heap::kMaxBytes) return false;
  const size_t pages = (heap.missing(bytes) + kPage - 1) / kPage;
  const size_t first = __builtin_wasm_memory_grow(0, pages);
  if (first == SIZE_MAX) return false;
  heap.add(page(first), page(first + pages));
  return true;
}

}  // namespace

extern "C" {

void* malloc(size_t bytes) {
  static bool begun = false;
  if (!begun) {
    begun = true;
    heap.add(&__heap_base, page(__builtin_wasm_memory_size(0)));
  }
  void* const memory = heap.allocate(bytes);
  return memory == nullptr && grow(bytes) ? heap.allocate(bytes) : memory;
}

void free(void* memory) {
  heap.free(memory);
}

}  // extern "C"
