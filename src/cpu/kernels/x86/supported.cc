// Apart from avx2.cc, which is compiled for the processor that this asks for.
#include "cpu/kernels/x86/avx2.h"

namespace chord::cpu::kernels::avx2 {

bool supported() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("f16c") != 0 &&
         __builtin_cpu_supports("fma") != 0;
}

}  // namespace chord::cpu::kernels::avx2
