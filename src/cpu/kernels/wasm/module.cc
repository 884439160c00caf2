// A module kernels-<variant>.wasm: it exports this function and __heap_base, and imports its memory.
#include "cpu/kernels/wasm/relaxed.h"
#include "cpu/kernels/wasm/simd128.h"

extern "C" [[clang::export_name("run")]] uint32_t chord_kernels_run(uint64_t step, uint64_t commands,
                                                                    uint32_t begin, uint32_t end) {
  return static_cast<uint32_t>(chord::cpu::kernels::CHORD_VARIANT::run(0, step, commands, begin, end));
}
