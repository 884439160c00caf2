#include "cpu/kernels/dispatch.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

Outcome run(Address /*team*/, Address step, Address commands, uint32_t begin, uint32_t end) {
  return run_list<Ops>(0, step, commands, begin, end);
}

}  // namespace chord::cpu::kernels::scalar
