// Apart from neon.cc, which is compiled for the processor that this asks for.
#include "cpu/kernels/arm/neon.h"

#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace chord::cpu::kernels {

bool neon::supported() {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  // Every Arm processor of Apple's and Microsoft's systems has the dot products.
  return true;
#endif
}

}  // namespace chord::cpu::kernels
