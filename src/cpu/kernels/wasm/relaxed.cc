#include "cpu/kernels/wasm/relaxed.h"

#include "cpu/kernels/dispatch.h"
#include "cpu/kernels/generic/ops.h"
#include "cpu/kernels/wasm/relaxed_products.h"
#include "cpu/kernels/wasm/vector.h"

namespace chord::cpu::kernels::relaxed {
namespace {

struct Vector : wasm::BasicVector<Vector> {
  using Products = relaxed::Products<Vector>;

  // table[indices[i]] for indices below 16, which is all that every processor does alike.
  static v128_t swizzle(v128_t table, v128_t indices) { return wasm_i8x16_relaxed_swizzle(table, indices); }

  // Rounded once or twice, as the processor can: bits differ between machines, but not on one.
  static F add_product(F sum, F a, F b) {
    return F(wasm_f32x4_relaxed_madd(v128_t(a), v128_t(b), v128_t(sum)));
  }
};

}  // namespace

Outcome run(Address team, Address step, Address commands, uint32_t begin, uint32_t end) {
  return run_list<generic::Ops<Vector>>(team, step, commands, begin, end);
}

void work(Address team) {
  kernels::work<generic::Ops<Vector>>(team);
}

}  // namespace chord::cpu::kernels::relaxed
