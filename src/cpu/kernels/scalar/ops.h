// The reference: what every op means, written to be read. Sums are f64, and rounded to f32 once.
// It runs on one thread; only the ops that the vector variants take from here are shared out.
#pragma once

#include "cpu/kernels/command.h"
#include "cpu/kernels/share.h"

namespace chord::cpu::kernels::scalar {

struct Ops {
  static void embed(const Step& step, const Embed& op, const Share& share);
  static void norm(const Step& step, const Norm& op, const Share& share);
  static void quantize(const Step& step, const Quantize& op, const Share& share);
  static void matmul(const Step& step, const MatMul& op, const Share& share);
  static void top_k(const Step& step, const TopK& op, const Share& share);
  static void router_weights(const Step& step, const RouterWeights& op, const Share& share);
  static void weighted_sum(const Step& step, const WeightedSum& op, const Share& share);
  static void add(const Step& step, const Add& op, const Share& share);
  static void multiply(const Step& step, const Multiply& op, const Share& share);
  static void unary(const Step& step, const Unary& op, const Share& share);
  static void gated(const Step& step, const Gated& op, const Share& share);
  static void rope_table(const Step& step, const RopeTable& op, const Share& share);
  static void rope(const Step& step, const Rope& op, const Share& share);
  static void store_kv(const Step& step, const StoreKv& op, const Share& share);
  static void attention(const Step& step, const Attention& op, const Share& share);
  static void select_rows(const Step& step, const SelectRows& op, const Share& share);
  static void penalties(const Step& step, const Penalties& op, const Share& share);
  static void candidates(const Step& step, const Candidates& op, const Share& share);
  static void pack(const Step& step, const Pack& op, const Share& share);
};

// kernels::Run
Outcome run(Address team, Address step, Address commands, uint32_t begin, uint32_t end);

}  // namespace chord::cpu::kernels::scalar
