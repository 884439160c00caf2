// The reference: what every op means, written to be read. Sums are f64, and rounded to f32 once.
#pragma once

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels::scalar {

void embed(const Step& step, const Embed& op);
void norm(const Step& step, const Norm& op);
void matmul(const Step& step, const MatMul& op);
void add(const Step& step, const Add& op);
void multiply(const Step& step, const Multiply& op);
void unary(const Step& step, const Unary& op);
void gated(const Step& step, const Gated& op);
void rope_table(const Step& step, const RopeTable& op);
void rope(const Step& step, const Rope& op);
void store_kv(const Step& step, const StoreKv& op);
void attention(const Step& step, const Attention& op);
void select_rows(const Step& step, const SelectRows& op);
void penalties(const Step& step, const Penalties& op);
void candidates(const Step& step, const Candidates& op);

// kernels::Run
void run(Address step, Address commands, uint32_t begin, uint32_t end);

}  // namespace chord::cpu::kernels::scalar
