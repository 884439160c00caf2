// The reference: what every op means, written to be read. Sums are f64, and rounded to f32 once.
#pragma once

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels::scalar {

struct Ops {
  static void embed(const Step& step, const Embed& op);
  static void norm(const Step& step, const Norm& op);
  static void matmul(const Step& step, const MatMul& op);
  static void add(const Step& step, const Add& op);
  static void multiply(const Step& step, const Multiply& op);
  static void unary(const Step& step, const Unary& op);
  static void gated(const Step& step, const Gated& op);
  static void rope_table(const Step& step, const RopeTable& op);
  static void rope(const Step& step, const Rope& op);
  static void store_kv(const Step& step, const StoreKv& op);
  static void attention(const Step& step, const Attention& op);
  static void select_rows(const Step& step, const SelectRows& op);
  static void penalties(const Step& step, const Penalties& op);
  static void candidates(const Step& step, const Candidates& op);
};

// kernels::Run
void run(Address step, Address commands, uint32_t begin, uint32_t end);

}  // namespace chord::cpu::kernels::scalar
