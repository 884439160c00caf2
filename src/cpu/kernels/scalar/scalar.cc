#include "cpu/kernels/dispatch.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void run(Address step, Address commands, uint32_t begin, uint32_t end) {
  run_list<Ops>(step, commands, begin, end);
}

}  // namespace chord::cpu::kernels::scalar
