#include "cpu/kernels/x86/avx512.h"

#include "cpu/kernels/dispatch.h"
#include "cpu/kernels/generic/ops.h"
#include "cpu/kernels/x86/avx512_products.h"
#include "cpu/kernels/x86/vector.h"

namespace chord::cpu::kernels::avx512 {
namespace {

struct Vector : x86::BasicVector<Vector> {
  using Products = avx512::Products<Vector>;
};

}  // namespace

Outcome run(Address team, Address step, Address commands, uint32_t begin, uint32_t end) {
  return run_list<generic::Ops<Vector>>(team, step, commands, begin, end);
}

void work(Address team) {
  kernels::work<generic::Ops<Vector>>(team);
}

}  // namespace chord::cpu::kernels::avx512
