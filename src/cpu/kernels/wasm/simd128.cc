#include "cpu/kernels/wasm/simd128.h"

#include "cpu/kernels/dispatch.h"
#include "cpu/kernels/generic/ops.h"
#include "cpu/kernels/wasm/simd128_products.h"
#include "cpu/kernels/wasm/vector.h"

namespace chord::cpu::kernels::simd128 {
namespace {

struct Vector : wasm::BasicVector<Vector> {
  using Products = simd128::Products<Vector>;

  // table[indices[i]] for indices below 16.
  static v128_t swizzle(v128_t table, v128_t indices) { return wasm_i8x16_swizzle(table, indices); }
};

}  // namespace

Outcome run(Address team, Address step, Address commands, uint32_t begin, uint32_t end) {
  return run_list<generic::Ops<Vector>>(team, step, commands, begin, end);
}

void work(Address team) {
  kernels::work<generic::Ops<Vector>>(team);
}

}  // namespace chord::cpu::kernels::simd128
