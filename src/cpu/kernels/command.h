// The language between the CPU planner and the kernels: a step is a list of commands in the data plane's
// memory. Freestanding; the layout is the same for wasm32, wasm64 and native, so that one control module
// drives them all.
#pragma once

#include <stdint.h>

#include "cpu/kernels/quantized.h"

namespace chord::cpu::kernels {

// A place in the data plane's memory. 64 bits everywhere; 0 is "none".
using Address = uint64_t;

inline constexpr uint32_t kMaxCandidates = 256;
inline constexpr uint32_t kMaxExperts = 1024;

struct TokenCount {
  int32_t token;
  uint32_t count;
};

struct TokenBias {
  int32_t token;
  float bias;
};

// What one output row's logits undergo.
struct Sampling {
  Address penalized;  // TokenCount[penalized_count]
  Address biases;     // TokenBias[bias_count]
  uint32_t penalized_count;
  uint32_t bias_count;
  float repetition_penalty;
  float frequency_penalty;
  float presence_penalty;
  uint32_t candidate_count;  // 0 to kMaxCandidates
};

// The parameters of a step, written before its list is run.
struct Step {
  Address tokens;       // i32[token_count]
  Address output_rows;  // u32[output_count], ascending
  Address sampling;     // Sampling[output_count], or none
  uint32_t token_count;
  uint32_t output_count;
  uint32_t first_position;  // of token 0; the others follow
  uint32_t slot;
  uint32_t alone;  // 1: too little work for a team
  // Of the pieces of each command, what is run is this part of so many; 0 of 0: all.
  uint16_t part;
  uint16_t part_count;
};

struct Candidate {
  int32_t token;
  float logit;
};

// What the candidates command leaves for each output row.
struct Mailbox {
  double log_sum_exp;
  uint32_t count;
  uint32_t reserved;
  Candidate candidates[kMaxCandidates];  // descending; of equal logits the smaller id first
};

enum class Rows : uint32_t { tokens, outputs };

enum class KvType : uint32_t { f16, f32, q8_0 };

// A store's memory: [slot][head][cell][length], each cell of `length` elements of the type. A position's cell
// is position % cell_count.
struct Cache {
  Address keys;
  Address values;
  uint64_t slot_bytes;  // of keys; of values: the same, times value_length / key_length
  uint32_t head_count;
  uint32_t key_length;
  uint32_t value_length;
  uint32_t cell_count;
  KvType type;
  uint32_t reserved;
};

// Activations are f32, rows contiguous. Ops are described in plan/op.h; here are the operands only.

struct Embed {
  Address table;
  Address out;
  uint32_t type;  // quant::Type
  uint32_t columns;
  uint32_t row_count;
  uint32_t by_position;  // 1: a token's row is that of its position; 0: that of its id
};

struct Norm {
  Address x;
  Address weight;  // f32[columns / groups]
  Address bias;    // the same, or none
  Address out;
  Rows rows;
  uint32_t columns;
  uint32_t groups;
  float epsilon;
  uint32_t layer;  // 1: layer norm; 0: RMS
};

// Makes of x [rows, choices, columns] what a matrix product with quantized weights reads: for each choice of
// each row quantized_bytes() (layout.h).
struct Quantize {
  Address x;
  Address out;
  Rows rows;
  uint32_t columns;
  uint32_t choices;
  Quantization quantization;
};

// out = x · wᵀ, then + bias, then + residual.
struct MatMul {
  Address x;  // f32, or what Op::quantize made of it, as w's type wants (layout.h)
  Address w;
  Address out;            // f32[rows, choices, row_count]
  Address bias;           // f32[row_count], or none
  Address residual;       // as out, or none; may be `out`
  Address experts;        // i32[rows, choices], or none
  uint64_t expert_bytes;  // of one of w's matrices
  Rows rows;
  uint32_t type;  // quant::Type
  uint32_t columns;
  uint32_t row_count;
  uint32_t expert_count;  // at most kMaxExperts
  uint32_t choices;       // 1 without experts
  uint32_t separate;      // 1: x is [rows, choices, columns]; 0: [rows, columns]
};

struct TopK {
  Address x;
  Address out;  // i32[rows, count]
  Rows rows;
  uint32_t columns;
  uint32_t count;
};

struct RouterWeights {
  Address logits;   // f32[rows, columns]
  Address experts;  // i32[rows, choices]
  Address out;      // f32[rows, choices]
  Rows rows;
  uint32_t columns;
  uint32_t choices;
  uint32_t normalized;  // 1: over the chosen ones
  float factor;
};

// out = Σ_c weights[c] · x[c], then + residual.
struct WeightedSum {
  Address x;         // f32[rows, choices, columns]
  Address weights;   // f32[rows, choices]
  Address residual;  // f32[rows, columns], or none; may be `out`
  Address out;
  Rows rows;
  uint32_t columns;
  uint32_t choices;
};

// Adds a bias of one row (broadcast = 1) or a matrix to x.
struct Add {
  Address a;
  Address b;
  Address out;
  Rows rows;
  uint32_t columns;
  uint32_t broadcast;
};

struct Multiply {
  Address a;
  Address b;
  Address out;
  Rows rows;
  uint32_t columns;
};

enum class UnaryKind : uint32_t { silu, gelu, sigmoid, scale, soft_cap };

struct Unary {
  Address x;
  Address out;
  Rows rows;
  uint32_t columns;
  UnaryKind kind;
  float parameter;  // of scale and soft_cap
};

// out = activation(gate) ⊙ up
struct Gated {
  Address gate;
  Address up;
  Address out;
  Rows rows;
  uint32_t columns;
  UnaryKind kind;  // silu or gelu
};

// The cosines and sines of the step's positions: out f32[tokens, pair_count, 2].
struct RopeTable {
  Address frequencies;  // f64[pair_count]
  Address factors;      // f32[pair_count], or none
  Address out;
  uint32_t pair_count;
  float magnitude;
};

struct Rope {
  Address x;
  Address out;
  Address table;  // of RopeTable
  uint32_t head_count;
  uint32_t head_length;
  uint32_t pair_count;
  uint32_t halves;  // 1: pairs (i, i + pair_count); 0: pairs (2i, 2i + 1)
};

struct StoreKv {
  Cache cache;
  Address k;
  Address v;
};

struct Attention {
  Cache cache;
  Address q;
  Address out;
  Address sinks;  // f32[head_count], or none
  uint32_t head_count;
  uint32_t window;  // 0: all positions
  float scale;
  float soft_cap;   // 0: none
  uint32_t causal;  // 0: a query sees all positions up to the step's last
};

struct SelectRows {
  Address x;
  Address out;
  uint32_t columns;
};

struct Penalties {
  Address logits;  // changed in place
  uint32_t vocab_size;
};

struct Candidates {
  Address logits;
  Address mailboxes;  // Mailbox[outputs]
  uint32_t vocab_size;
};

// GGUF rows at `source` (a whole number of panels, or the last rows of a matrix) become panels at `out`, as
// layout.h says. It reads nothing of the step.
struct Pack {
  Address source;
  Address out;
  uint32_t type;  // quant::Type
  uint32_t columns;
  uint32_t rows;
};

enum class Op : uint32_t {
  embed,
  norm,
  quantize,
  matmul,
  top_k,
  router_weights,
  weighted_sum,
  add,
  multiply,
  unary,
  gated,
  rope_table,
  rope,
  store_kv,
  attention,
  select_rows,
  penalties,
  candidates,
  pack,
};

struct Command {
  Op op;
  uint32_t meet;  // 1: what comes before it must have ended on every thread
  union {
    Embed embed;
    Norm norm;
    Quantize quantize;
    MatMul matmul;
    TopK top_k;
    RouterWeights router_weights;
    WeightedSum weighted_sum;
    Add add;
    Multiply multiply;
    Unary unary;
    Gated gated;
    RopeTable rope_table;
    Rope rope;
    StoreKv store_kv;
    Attention attention;
    SelectRows select_rows;
    Penalties penalties;
    Candidates candidates;
    Pack pack;
  };
};

static_assert(sizeof(Command) == 104 && alignof(Command) == 8);

enum class Outcome : uint32_t { done, worker_lost };

// The whole interface of a kernel variant. `team` is a Team (team.h), or none: the calling thread alone.
//
// Runs commands[begin, end) for `step`.
using Run = Outcome (*)(Address team, Address step, Address commands, uint32_t begin, uint32_t end);
// Takes part in what is run with the team until it ends.
using Work = void (*)(Address team);

}  // namespace chord::cpu::kernels
