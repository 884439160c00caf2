// The ops of a vector variant. What is short or not worth vectorising is the reference itself.
#pragma once

#include "cpu/kernels/generic/add.h"
#include "cpu/kernels/generic/attention.h"
#include "cpu/kernels/generic/candidates.h"
#include "cpu/kernels/generic/gated.h"
#include "cpu/kernels/generic/matmul.h"
#include "cpu/kernels/generic/multiply.h"
#include "cpu/kernels/generic/norm.h"
#include "cpu/kernels/generic/quantize.h"
#include "cpu/kernels/generic/rope.h"
#include "cpu/kernels/generic/store_kv.h"
#include "cpu/kernels/generic/unary.h"
#include "cpu/kernels/generic/weighted_sum.h"
#include "cpu/kernels/scalar/ops.h"

// Everything in generic/ is a template over V, the Vector of x86/vector.h or wasm/vector.h, whose members are
// the primitives: F is a vector of kLanes f32 with the operators of the language.
namespace chord::cpu::kernels::generic {

template <class V>
struct Ops {
  static void embed(const Step& step, const Embed& op, const Share& share) {
    scalar::Ops::embed(step, op, share);
  }
  static void norm(const Step& step, const Norm& op, const Share& share) {
    generic::norm<V>(step, op, share);
  }
  static void quantize(const Step& step, const Quantize& op, const Share& share) {
    generic::quantize<V>(step, op, share);
  }
  static void matmul(const Step& step, const MatMul& op, const Share& share) {
    generic::matmul<V>(step, op, share);
  }
  static void top_k(const Step& step, const TopK& op, const Share& share) {
    scalar::Ops::top_k(step, op, share);
  }
  static void router_weights(const Step& step, const RouterWeights& op, const Share& share) {
    scalar::Ops::router_weights(step, op, share);
  }
  static void weighted_sum(const Step& step, const WeightedSum& op, const Share& share) {
    generic::weighted_sum<V>(step, op, share);
  }
  static void add(const Step& step, const Add& op, const Share& share) { generic::add<V>(step, op, share); }
  static void multiply(const Step& step, const Multiply& op, const Share& share) {
    generic::multiply<V>(step, op, share);
  }
  static void unary(const Step& step, const Unary& op, const Share& share) {
    generic::unary<V>(step, op, share);
  }
  static void gated(const Step& step, const Gated& op, const Share& share) {
    generic::gated<V>(step, op, share);
  }
  static void rope_table(const Step& step, const RopeTable& op, const Share& share) {
    scalar::Ops::rope_table(step, op, share);
  }
  static void rope(const Step& step, const Rope& op, const Share& share) {
    generic::rope<V>(step, op, share);
  }
  static void store_kv(const Step& step, const StoreKv& op, const Share& share) {
    generic::store_kv<V>(step, op, share);
  }
  static void attention(const Step& step, const Attention& op, const Share& share) {
    generic::attention<V>(step, op, share);
  }
  static void select_rows(const Step& step, const SelectRows& op, const Share& share) {
    scalar::Ops::select_rows(step, op, share);
  }
  static void penalties(const Step& step, const Penalties& op, const Share& share) {
    scalar::Ops::penalties(step, op, share);
  }
  static void candidates(const Step& step, const Candidates& op, const Share& share) {
    generic::candidates<V>(step, op, share);
  }
  static void pack(const Step& step, const Pack& op, const Share& share) {
    scalar::Ops::pack(step, op, share);
  }
};

}  // namespace chord::cpu::kernels::generic
