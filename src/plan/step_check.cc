#include "plan/step_check.h"

#include <algorithm>
#include <variant>

namespace chord::plan {
namespace {

// How many ids, or positions, the plan's tables have rows for.
uint64_t table_rows(const Plan& plan, EmbedBy by) {
  uint64_t rows = UINT32_MAX;
  for (const Op& op : plan.ops) {
    const auto* embed = std::get_if<Embed>(&op);
    if (embed != nullptr && embed->by == by) rows = std::min(rows, plan[embed->table].rows);
  }
  return rows;
}

Result<void> check_id(std::string_view what, int64_t id, uint64_t count) {
  if (id >= 0 && static_cast<uint64_t>(id) < count) return {};
  return fail(ErrorCode::invalid_argument, what, " ", id, " is outside 0 to ", count - 1);
}

Result<void> check_tokens(const Plan& plan, const ExecutorOptions& options, const Step& step) {
  if (step.tokens.empty() || step.tokens.size() > options.max_tokens) {
    return fail(ErrorCode::invalid_argument, "a step of ", step.tokens.size(), " tokens, wanted 1 to ",
                options.max_tokens);
  }
  const uint64_t end = uint64_t{step.first_position} + step.tokens.size();
  const uint64_t limit = std::min<uint64_t>(options.context_length, table_rows(plan, EmbedBy::position));
  if (end > limit) {
    return fail(ErrorCode::context_overflow, "a step ends at position ", end, ", the context at ", limit);
  }
  if (step.slot != 0) {
    return fail(ErrorCode::invalid_argument, "slot ", step.slot, " does not exist; there is 1");
  }
  const uint64_t count = table_rows(plan, EmbedBy::token);
  for (const int32_t token : step.tokens) CHORD_CHECK(check_id("token", token, count));
  return {};
}

Result<void> check_outputs(const ExecutorOptions& options, const Step& step) {
  if (step.output_rows.size() > options.max_outputs) {
    return fail(ErrorCode::invalid_argument, step.output_rows.size(), " output rows, wanted at most ",
                options.max_outputs);
  }
  int64_t last = -1;
  for (const uint32_t row : step.output_rows) {
    if (row <= last || row >= step.tokens.size()) {
      return fail(ErrorCode::invalid_argument, "output row ", row, " after ", last, " in a step of ",
                  step.tokens.size(), " tokens; rows ascend and are rows of the step");
    }
    last = row;
  }
  return {};
}

Result<void> check_sampling(const Plan& plan, const Step& step) {
  if (step.embeddings_only && !(plan.embeddings && step.sampling.empty())) {
    return fail(ErrorCode::invalid_argument, "a step for embeddings only, ",
                plan.embeddings ? "with sampling inputs" : "of a plan that has none");
  }
  if (step.sampling.empty()) return {};
  if (!plan.logits) return fail(ErrorCode::invalid_argument, "sampling from a plan without logits");
  if (step.sampling.size() != step.output_rows.size()) {
    return fail(ErrorCode::invalid_argument, step.sampling.size(), " sampling inputs for ",
                step.output_rows.size(), " output rows");
  }
  const uint32_t logit_count = plan[*plan.logits].columns;
  for (const SamplingInputs& inputs : step.sampling) {
    if (inputs.candidate_count > kMaxCandidates) {
      return fail(ErrorCode::invalid_argument, inputs.candidate_count, " candidates, wanted at most ",
                  kMaxCandidates);
    }
    if (!(inputs.repetition_penalty > 0)) {
      return fail(ErrorCode::invalid_argument, "repetition penalty ", double{inputs.repetition_penalty},
                  ", wanted above 0");
    }
    for (const TokenCount& entry : inputs.penalized) {
      CHORD_CHECK(check_id("penalized token", entry.token, logit_count));
    }
    for (const TokenBias& entry : inputs.biases) {
      CHORD_CHECK(check_id("biased token", entry.token, logit_count));
    }
  }
  return {};
}

// Indices of experts must be below the number that everything has that reads them.
uint64_t index_limit(const Plan& plan, Value input) {
  uint64_t limit = uint64_t{INT32_MAX} + 1;
  for (const Op& op : plan.ops) {
    const auto* matmul = std::get_if<MatMul>(&op);
    if (matmul != nullptr && matmul->experts == input) limit = std::min(limit, plan[matmul->w].experts);
    const auto* weights = std::get_if<RouterWeights>(&op);
    if (weights != nullptr && weights->experts == input)
      limit = std::min<uint64_t>(limit, plan[weights->logits].columns);
  }
  return limit;
}

Result<void> check_input(const Plan& plan, const Input& input, const Step& step) {
  const auto found = std::ranges::find(step.inputs, input.name, &NamedInput::name);
  if (found == step.inputs.end()) {
    return fail(ErrorCode::invalid_argument, "input ", input.name, " is missing");
  }
  const ValueInfo& info = plan[input.out];
  const uint64_t row_count = info.rows == Rows::tokens ? step.tokens.size() : step.output_rows.size();
  const uint64_t size = bytes_of(*found).size() / sizeof(float);
  if (size != row_count * info.columns) {
    return fail(ErrorCode::invalid_argument, "input ", input.name, " has ", size, " values, wanted ",
                row_count * info.columns);
  }
  const auto* indices = std::get_if<std::span<const int32_t>>(&found->values);
  if ((indices != nullptr) != (info.element == Element::i32)) {
    return fail(ErrorCode::invalid_argument, "input ", input.name, " has ",
                indices != nullptr ? "i32 values, wanted f32" : "f32 values, wanted i32");
  }
  if (indices == nullptr) return {};
  const uint64_t limit = index_limit(plan, input.out);
  for (const int32_t index : *indices) CHORD_CHECK(check_id(input.name, index, limit));
  return {};
}

Result<void> check_inputs(const Plan& plan, const Step& step) {
  size_t count = 0;
  for (const Op& op : plan.ops) {
    const auto* input = std::get_if<Input>(&op);
    if (input == nullptr) continue;
    CHORD_CHECK(check_input(plan, *input, step));
    ++count;
  }
  if (count == step.inputs.size()) return {};
  return fail(ErrorCode::invalid_argument, step.inputs.size(), " inputs, wanted ", count);
}

}  // namespace

Result<void> check_step(const Plan& plan, const ExecutorOptions& options, const Step& step) {
  CHORD_CHECK(check_tokens(plan, options, step));
  CHORD_CHECK(check_outputs(options, step));
  CHORD_CHECK(check_sampling(plan, step));
  return check_inputs(plan, step);
}

}  // namespace chord::plan
