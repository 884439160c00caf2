#include "cpu/kernels/dispatch.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

struct Ops {
  static constexpr auto* embed = scalar::embed;
  static constexpr auto* norm = scalar::norm;
  static constexpr auto* matmul = scalar::matmul;
  static constexpr auto* add = scalar::add;
  static constexpr auto* multiply = scalar::multiply;
  static constexpr auto* unary = scalar::unary;
  static constexpr auto* gated = scalar::gated;
  static constexpr auto* rope_table = scalar::rope_table;
  static constexpr auto* rope = scalar::rope;
  static constexpr auto* store_kv = scalar::store_kv;
  static constexpr auto* attention = scalar::attention;
  static constexpr auto* select_rows = scalar::select_rows;
  static constexpr auto* penalties = scalar::penalties;
  static constexpr auto* candidates = scalar::candidates;
};

}  // namespace

void run(Address step, Address commands, uint32_t begin, uint32_t end) {
  run_list<Ops>(step, commands, begin, end);
}

}  // namespace chord::cpu::kernels::scalar
