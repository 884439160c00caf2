// What the session asks of a device. A Device holds a plan's weights; an Executor holds the state of one
// session (its stores) and runs steps. Neither ever blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "plan/plan.h"

namespace chord::plan {

// Time in milliseconds from any origin.
using Clock = double (*)();

// Element type of the key/value stores.
enum class KvType : uint8_t { f16, f32, q8_0 };

struct ExecutorOptions {
  uint32_t context_length;  // positions of every kv store
  uint32_t max_tokens;      // of one step
  uint32_t max_outputs;     // of one step
  KvType kv_type;
};

struct TokenCount {
  int32_t token;
  uint32_t count;
};

struct TokenBias {
  int32_t token;
  float bias;

  bool operator==(const TokenBias&) const = default;
};

// How the next token will be chosen from the candidates (sampling/sampler.h), which lets a device go on with
// the token that it expects. The choice itself stays with whoever asks for the steps.
struct Draw {
  uint64_t seed = 0;
  uint64_t position = 0;  // of the token to be chosen, as the noise counts
  float temperature = 0;
  uint32_t top_k = 0;
  float top_p = 1;
  float min_p = 0;
  uint32_t window_length = 0;    // of the last tokens, which penalties apply to; 0: there are no penalties
  std::vector<int32_t> window;   // those that there are, the oldest first
  std::vector<int32_t> ends;     // tokens after which no more are wanted
  uint32_t tokens = UINT32_MAX;  // how many are wanted at most, this one included
};

// How the logits of one output row are changed and what comes back of them.
struct SamplingInputs {
  uint32_t candidate_count = 0;  // largest logits wanted, at most kMaxCandidates; 0: none, or drawn ones
  bool whole_row = true;         // read_logits may be called: without it, a device need not fetch the row
  float repetition_penalty = 1;
  float frequency_penalty = 0;
  float presence_penalty = 0;
  std::vector<TokenCount> penalized;  // tokens of the penalty window, each once
  std::vector<TokenBias> biases;      // each token once
  std::optional<Draw> draw = {};      // for executors that draw; with no candidates, they draw from the row
};

inline constexpr uint32_t kMaxCandidates = 256;

// What an Input op of that name reads: [rows, columns], a row for each token or output of the step, of the
// element type of the op's value.
struct NamedInput {
  std::string_view name;
  std::variant<std::span<const int32_t>, std::span<const float>> values;
};

inline std::span<const std::byte> bytes_of(const NamedInput& input) {
  return std::visit([](const auto& values) { return std::as_bytes(values); }, input.values);
}

// The parameters of one step. Spans need to live until begin() returns.
struct Step {
  std::span<const int32_t> tokens;           // 1 to max_tokens
  uint32_t first_position;                   // of tokens[0]; the others follow
  uint32_t slot = 0;                         // which sequence of the executor
  std::span<const uint32_t> output_rows;     // ascending indices into tokens; may be empty
  std::span<const SamplingInputs> sampling;  // one per output row, or empty
  std::span<const NamedInput> inputs = {};   // one for each Input op of the plan
  bool embeddings_only = false;              // no logits: nothing behind the plan's embeddings is computed
  // Where in tokens texts begin that have positions from 0 on and see nothing but themselves, the first at 0;
  // empty: there is one. Only for executors that take them, at first_position 0; the stores then hold no text
  // to go on with.
  std::span<const uint32_t> texts = {};
};

struct Candidate {
  int32_t token;
  float logit;
};

struct CandidateList {
  std::vector<Candidate> largest;  // descending; of equal logits the smaller id first
  double log_sum_exp;              // of the whole row, after penalties and biases
  bool drawn = false;              // `largest` have the largest logit / temperature + noise instead
};

enum class Progress : uint8_t {
  done,     // the step's results can be read
  working,  // the time is up: call advance() again
  waiting,  // the host must let something happen first
};

// Bytes from `offset` on of the image of the stores' first positions, at most the context's. The offset, and
// where they do not end the image their count, are multiples of 4.
struct ImageCopy {
  uint32_t positions;
  uint64_t offset;
  std::span<std::byte> bytes;
  bool to_stores;  // or from them
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Takes the parameters of the next step; the one before must be done.
  virtual Result<void> begin(const Step& step) = 0;
  // Works until the step is done or the clock reads `deadline`; ends between two ops, or parts of a long one.
  virtual Result<Progress> advance(double deadline) = 0;
  // Abandons a step between two advances; stores hold what was complete before it.
  virtual void abandon() = 0;

  // After a step is done. `row` counts output rows.
  virtual Result<CandidateList> candidates(uint32_t row) = 0;
  virtual Result<void> read_logits(uint32_t row, std::span<float> logits) = 0;  // after penalties, if any
  virtual Result<void> read_embedding(uint32_t row, std::span<float> embedding) = 0;

  // Whether SamplingInputs::draw makes steps of one token faster, if their rows are not asked for.
  virtual bool draws() const { return false; }
  // Between steps: copies part of the image (store_image.h) of the stores. The answer `waiting` is as of
  // advance(): call again with the same arguments.
  virtual Result<Progress> copy_image(const ImageCopy& copy) = 0;
  virtual uint64_t image_bytes(uint32_t positions) const = 0;

  // Whether a step can begin at this position, which was stored before: not where a ring has overwritten what
  // the step would see. At 0 it always can.
  virtual bool holds(uint32_t position) const = 0;

  // Whether a step can hold several texts.
  virtual bool takes_texts() const { return false; }

  // Whether the results for a token have the same bits, however many others are in its step.
  virtual bool is_exact() const = 0;

  virtual uint64_t store_bytes() const = 0;
  virtual uint64_t scratch_bytes() const = 0;
};

// Whose memory an address is of: the device's own, where the numbers are, or this program's.
enum class Plane : uint8_t { data, control };

// Put bytes [offset, offset + length) of the file at `address`.
struct PlacementRequest {
  uint64_t offset;
  uint64_t length;
  uint64_t address;
  Plane plane = Plane::data;
};

class Device {
 public:
  virtual ~Device() = default;

  // Loading. Requests ascend in file order and do not overlap; nothing: all weights are placed.
  virtual Result<std::optional<PlacementRequest>> want() = 0;
  // The first `length` (at least 1) bytes of the wanted request are in place.
  virtual Result<void> supply(uint64_t length) = 0;
  // Puts bytes that the host already has into the wanted request's place; supply() still follows.
  virtual void write(uint64_t address, std::span<const std::byte> bytes) = 0;
  // Reads what is there, before supply().
  virtual void read(uint64_t address, std::span<std::byte> bytes) = 0;

  virtual Result<std::unique_ptr<Executor>> open(const ExecutorOptions& options) = 0;

  // What runs the ops: "scalar", "avx2", "wasm-simd128" …
  virtual std::string_view kernels() const = 0;
  virtual uint64_t weight_bytes() const = 0;
};

}  // namespace chord::plan
