#include "cpu/kernels/arm/neon.h"

#include "cpu/kernels/arm/products.h"
#include "cpu/kernels/arm/vector.h"
#include "cpu/kernels/dispatch.h"
#include "cpu/kernels/generic/ops.h"

namespace chord::cpu::kernels::neon {
namespace {

struct Vector : BasicVector<Vector> {
  using Products = neon::Products<Vector>;
};

}  // namespace

Outcome run(Address team, Address step, Address commands, uint32_t begin, uint32_t end) {
  return run_list<generic::Ops<Vector>>(team, step, commands, begin, end);
}

void work(Address team) {
  kernels::work<generic::Ops<Vector>>(team);
}

}  // namespace chord::cpu::kernels::neon
