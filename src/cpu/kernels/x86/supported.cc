// Apart from the variants, which are compiled for the processors that this asks for.
#include "cpu/kernels/x86/avx2.h"
#include "cpu/kernels/x86/avx512.h"

namespace chord::cpu::kernels {

bool avx2::supported() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("f16c") != 0 &&
         __builtin_cpu_supports("fma") != 0;
}

bool avx512::supported() {
  return avx2::supported() && __builtin_cpu_supports("avx512f") != 0 &&
         __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0;
}

}  // namespace chord::cpu::kernels
