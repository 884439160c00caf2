// The ops of a vector variant. What is short or not worth vectorising is the reference itself.
#pragma once

#include "cpu/kernels/generic/add.h"
#include "cpu/kernels/generic/attention.h"
#include "cpu/kernels/generic/candidates.h"
#include "cpu/kernels/generic/embed.h"
#include "cpu/kernels/generic/gated.h"
#include "cpu/kernels/generic/matmul.h"
#include "cpu/kernels/generic/multiply.h"
#include "cpu/kernels/generic/norm.h"
#include "cpu/kernels/generic/rope.h"
#include "cpu/kernels/generic/store_kv.h"
#include "cpu/kernels/generic/unary.h"
#include "cpu/kernels/scalar/ops.h"

// Everything in generic/ is a template over V, the Vector of x86/vector.h or wasm/vector.h, whose members are
// the primitives: F is a vector of kLanes f32 with the operators of the language, Bytes one of 16 bytes.
namespace chord::cpu::kernels::generic {

template <class V>
struct Ops {
  static constexpr auto* embed = generic::embed<V>;
  static constexpr auto* norm = generic::norm<V>;
  static constexpr auto* matmul = generic::matmul<V>;
  static constexpr auto* add = generic::add<V>;
  static constexpr auto* multiply = generic::multiply<V>;
  static constexpr auto* unary = generic::unary<V>;
  static constexpr auto* gated = generic::gated<V>;
  static constexpr auto* rope_table = scalar::rope_table;
  static constexpr auto* rope = generic::rope<V>;
  static constexpr auto* store_kv = generic::store_kv<V>;
  static constexpr auto* attention = generic::attention<V>;
  static constexpr auto* select_rows = scalar::select_rows;
  static constexpr auto* penalties = scalar::penalties;
  static constexpr auto* candidates = generic::candidates<V>;
};

}  // namespace chord::cpu::kernels::generic
