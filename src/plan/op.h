// The vocabulary in which a model says what it computes: transformer-level ops over values.
//
// A value is a matrix of f32 activations [rows, columns], or of i32 indices, whose number of rows is one of
// the step's counts. Ops are unfused: a device matches the patterns that it can fuse.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "quant/type.h"

namespace chord::plan {

inline constexpr uint32_t kMaxExperts = 1024;

// What a value has one row for.
enum class Rows : uint8_t {
  tokens,   // every token of the step
  outputs,  // every token whose logits or embedding the caller asked for
};

enum class Element : uint8_t { f32, i32 };

// Handles into the lists of a Plan.
struct Value {
  uint32_t id;
  bool operator==(const Value&) const = default;
};
struct Weight {
  uint32_t id;
  bool operator==(const Weight&) const = default;
};
struct Store {
  uint32_t id;
  bool operator==(const Store&) const = default;
};

struct ValueInfo {
  Rows rows;
  uint32_t columns;
  Element element;
};

// A tensor of the file. Activations meet it along `columns` (GGUF's dims[0]).
struct WeightInfo {
  std::string name;
  quant::Type type;
  uint64_t columns;
  uint64_t rows;     // of one matrix
  uint64_t experts;  // how many matrices, at most kMaxExperts; 1 for an ordinary weight
  uint64_t offset;   // of the first byte in the file
  uint64_t bytes;
};

enum class StoreKind : uint8_t {
  kv,         // one cell a position; can be cut back to any position
  ring,       // the last `window` positions; can be cut back only while nothing was overwritten
  recurrent,  // one state for all positions; cannot be cut back
};

// Per-sequence state of one layer. Its element type and capacity are chosen when a session is opened.
struct StoreInfo {
  StoreKind kind;
  uint32_t head_count;    // key/value heads
  uint32_t key_length;    // of one head
  uint32_t value_length;  // of one head
  uint32_t window;        // ring: positions kept; otherwise 0
};

// Which of a table's rows is a token's.
enum class EmbedBy : uint8_t { token, position };

// The table's row of each token id, or of each token's position. out [tokens, columns]
struct Embed {
  EmbedBy by;
  Weight table;
  Value out;
};

// An operand that the step supplies: [rows, columns], i32 (expert indices, in the tests) or the f32 that
// another part of a cut plan (cut.h) hands on.
struct Input {
  std::string_view name;  // that lives as long as the program
  Value out;
};

enum class NormKind : uint8_t {
  rms,    // x / sqrt(mean(x²) + ε)   (arXiv:1910.07467)
  layer,  // (x − mean) / sqrt(var + ε)
};

// Normalises every row in `groups` equal parts (1: the row; head_count: each head by itself) and multiplies
// by weight [columns / groups], then adds bias of that shape.
struct Norm {
  NormKind kind;
  Value x;
  Weight weight;
  std::optional<Weight> bias;
  float epsilon;
  uint32_t groups;
  Value out;
};

// out[r, c, j] = Σ_i x[r, c, i] · w[e_rc, j, i], where e_rc is the row's expert of choice c; without experts
// there is one choice, and one matrix.
struct MatMul {
  Value x;  // [rows, choices · w.columns], or [rows, w.columns] for all choices
  Weight w;
  std::optional<Value> experts;  // i32 [rows, choices]
  Value out;                     // [rows, choices · w.rows]
};

// The columns of each row's largest elements, in descending order; of equal ones the smaller column first.
// x [rows, columns] → out i32 [rows, count]
struct TopK {
  Value x;
  uint32_t count;
  Value out;
};

// What each of a row's experts counts for (arXiv:1701.06538): its part of softmax(logits) over all experts,
// or, normalized, over those chosen (arXiv:2401.04088); times `factor`.
struct RouterWeights {
  Value logits;   // [rows, expert count]
  Value experts;  // i32 [rows, choices]
  bool normalized;
  float factor;
  Value out;  // [rows, choices]
};

// out[r, j] = Σ_c weights[r, c] · x[r, c, j]
struct WeightedSum {
  Value x;        // [rows, choices · columns]
  Value weights;  // [rows, choices]
  Value out;      // [rows, columns]
};

// out[r, i] = x[r, i] + bias[i]
struct Bias {
  Value x;
  Weight bias;
  Value out;
};

struct Add {
  Value a;
  Value b;
  Value out;
};

enum class ActivationKind : uint8_t { silu, gelu, sigmoid };  // gelu: the tanh approximation

struct Activation {
  ActivationKind kind;
  Value x;
  Value out;
};

// out = a ⊙ b
struct Multiply {
  Value a;
  Value b;
  Value out;
};

// out = factor · x
struct Scale {
  Value x;
  float factor;
  Value out;
};

// out = cap · tanh(x / cap)
struct SoftCap {
  Value x;
  float cap;
  Value out;
};

enum class RopeOrder : uint8_t {
  adjacent,  // pairs (2i, 2i+1), as the original LLaMA
  halves,    // pairs (i, i + rotary_length/2), as GPT-NeoX
};

// Rotates the first rotary_length elements of each head by position · frequencies[i] / factors[i]
// (arXiv:2104.09864), and multiplies them by `magnitude` (YaRN's attention factor, otherwise 1).
struct RopeSettings {
  RopeOrder order;
  uint32_t head_length;
  uint32_t rotary_length;           // even, at most head_length
  std::vector<double> frequencies;  // [rotary_length / 2], in radians per position
  std::optional<Weight> factors;    // f32 [rotary_length / 2]: Llama 3's rope_freqs.weight
  float magnitude;
  // LongRoPE (arXiv:2402.13753): those of sessions whose context is longer than short_context.
  std::optional<Weight> long_factors = {};
  uint32_t short_context = 0;

  std::optional<Weight> factors_for(uint32_t context_length) const {
    return long_factors && context_length > short_context ? long_factors : factors;
  }
};

struct Rope {
  Value x;
  uint32_t settings;  // index into Plan::rope_settings: layers share them
  Value out;
};

// Puts the step's keys [tokens, head_count · key_length] and values into the store, at the tokens' positions.
struct StoreKv {
  Store store;
  Value k;
  Value v;
};

// Attention of every query head over the store's positions; query head h reads key head
// h / (head_count / store.head_count).
struct Attention {
  // Whether a query sees no position behind its own. Otherwise it sees all up to the step's last, so that a
  // text that is to see itself as a whole has to be one step.
  bool causal;
  Value q;  // [tokens, head_count · key_length]
  Store store;
  uint32_t head_count;
  float scale;                  // of q·k; usually 1/sqrt(key_length)
  uint32_t window;              // a query at p sees keys above p − window; 0: all
  float soft_cap;               // scores become cap · tanh(score / cap); 0: none
  std::optional<Weight> sinks;  // f32 [head_count]: a logit that takes part in the softmax and has no value
  Value out;                    // [tokens, head_count · value_length]
};

// The rows of the tokens that the caller asked for. x [tokens, columns] → out [outputs, columns]
struct SelectRows {
  Value x;
  Value out;
};

// Applies the step's penalties and biases to logits [outputs, n_vocab]. The repetition penalty
// (arXiv:1909.05858) divides positive logits and multiplies others; then the frequency penalty, once per
// occurrence, and the presence penalty are subtracted; then biases are added. Devices work in place: no later
// op reads `logits`.
struct Penalties {
  Value logits;
  Value out;
};

// Per row: the step's k largest logits with their ids, in descending order (of equal ones the smaller id
// first), and the log-sum-exp of the row; they go to the mailbox.
struct Candidates {
  Value logits;
};

using Op =
    std::variant<Embed, Input, Norm, MatMul, TopK, RouterWeights, WeightedSum, Bias, Add, Activation,
                 Multiply, Scale, SoftCap, Rope, StoreKv, Attention, SelectRows, Penalties, Candidates>;
static_assert(std::is_trivially_copyable_v<Op>, "a list of ops is copied as bytes");

}  // namespace chord::plan
