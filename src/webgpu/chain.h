// A plan seen as the plain decoder that it usually is, for the kernels that take one token through it.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "plan/plan.h"

namespace chord::webgpu {

// x += post(output(attention(qkv(norm(x))))); x += post(down(activation(gate(norm(x))) ⊙ up(norm(x))))
struct Layer {
  const plan::Norm* norm;
  std::array<const plan::MatMul*, 3> qkv;
  std::array<std::optional<plan::Weight>, 3> bias;
  const plan::Norm* q_norm;  // of each head; nullptr: neither
  const plan::Norm* k_norm;
  const plan::Rope* rope;  // of the queries; that of the keys has the same settings
  const plan::StoreKv* store;
  const plan::Attention* attention;
  const plan::MatMul* output;
  const plan::Norm* output_post;  // nullptr: there is none
  const plan::Norm* feed_norm;
  const plan::MatMul* gate;
  plan::ActivationKind activation;
  const plan::MatMul* up;
  const plan::MatMul* down;
  const plan::Norm* down_post;  // nullptr: there is none
};

struct Chain {
  const plan::Embed* embed;
  float scale = 1;            // of what is embedded
  std::vector<Layer> layers;  // at least one
  const plan::Norm* norm;
  const plan::MatMul* head;
  float soft_cap = 0;  // of the logits; 0: none
};

// Nothing: the plan is anything else. The plan must outlive the chain.
std::optional<Chain> find_chain(const plan::Plan& plan);

}  // namespace chord::webgpu
