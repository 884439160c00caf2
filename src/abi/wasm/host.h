// What the control module imports: everything that the wasm host (web/src/) does for it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace chord::abi {

#define CHORD_IMPORT(name) __attribute__((import_module("chord"), import_name(name)))

// What opening the data plane gives.
struct OpenedDataPlane {
  uint64_t heap_base;  // first free byte of the kernel module's memory
  uint64_t size;       // bytes of that memory
  uint64_t limit;      // that it can have at most
  uint32_t run;        // where the module's `run` export was put in the control module's function table
  uint32_t threads;    // that compute; workers may still be starting
};

extern "C" {

// Milliseconds, monotonic.
CHORD_IMPORT("now") double host_now();

// Instantiates the kernel module (compiled before) over a memory of at least `bytes` beyond its own data, and
// puts its `run` export into the control module's table. 0, or 1 if the memory is refused; then result->size
// is the largest that was granted, as far as the host can tell, else 0.
CHORD_IMPORT("data_open") int32_t host_data_open(uint64_t bytes, OpenedDataPlane* result);

// Grows the data plane's memory to at least `bytes`. The new size, or 0 if it is refused.
CHORD_IMPORT("data_grow") uint64_t host_data_grow(uint64_t bytes);

CHORD_IMPORT("data_write") void host_data_write(uint64_t address, const void* source, size_t length);
CHORD_IMPORT("data_read") void host_data_read(uint64_t address, void* destination, size_t length);

// The control module's own memory cannot grow by `bytes` more. A trap follows, which the host makes an
// out_of_memory of, with this number in it.
CHORD_IMPORT("refused") void host_refused(size_t bytes);

// The kernel variant's name, e.g. "simd128": at most `capacity` bytes are written, the length is returned.
CHORD_IMPORT("kernels_name") size_t host_kernels_name(char* name, size_t capacity);
}

}  // namespace chord::abi
