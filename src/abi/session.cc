// chord_session_* and what runs in a session.
#include "session/session.h"

#include <algorithm>
#include <new>

#include "abi/gpu.h"
#include "abi/handles.h"
#include "abi/last_error.h"
#include "abi/platform.h"
#include "cpu/executor.h"
#include "cpu/placement.h"
#include "model/architecture.h"

namespace chord::abi {
namespace {

constexpr uint32_t kDefaultContextLength = 4096;
constexpr uint32_t kDefaultBatchLength = 128;
constexpr uint32_t kMaxBatchLength = 2048;
// Rows of logits that an evaluation keeps: at 150 000 tokens each is 600 KB.
constexpr uint32_t kMaxOutputs = 16;

template <class Enum>
Result<Enum> checked_enum(uint32_t value, Enum last, std::string_view name) {
  if (value <= static_cast<uint32_t>(last)) return static_cast<Enum>(value);
  return fail(ErrorCode::invalid_argument, name, " is ", value, "; it must be 0 to ",
              static_cast<uint32_t>(last));
}

Result<plan::KvType> kv_type(uint32_t value) {
  switch (value) {
    case CHORD_KV_F16:
      return plan::KvType::f16;
    case CHORD_KV_F32:
      return plan::KvType::f32;
    case CHORD_KV_Q8_0:
      return plan::KvType::q8_0;
    default:
      return fail(ErrorCode::invalid_argument, "kv_type is ", value,
                  "; it must be one of chord_kv_type, 0 to 2");
  }
}

// Of a session and its executor: what the options say, and the defaults for what they leave open.
struct Wanted {
  session::Settings session;
  plan::ExecutorOptions executor;
};

Result<Wanted> to_wanted(const model::Config& config, const chord_session_options& options) {
  if (options.batch_length > kMaxBatchLength) {
    return fail(ErrorCode::invalid_argument, "batch_length is ", options.batch_length,
                "; it must be at most ", kMaxBatchLength);
  }
  if (options.context_length > config.context_length) {
    return fail(ErrorCode::invalid_argument, "context_length is ", options.context_length,
                ", more than the model was trained for: ", config.context_length);
  }
  Wanted wanted{};
  session::Settings& settings = wanted.session;
  settings.context_length = options.context_length != 0
                                ? options.context_length
                                : std::min(config.context_length, kDefaultContextLength);
  settings.batch_length = std::min(options.batch_length != 0 ? options.batch_length : kDefaultBatchLength,
                                   settings.context_length);
  settings.max_outputs = std::min(kMaxOutputs, settings.batch_length);
  if (!config.causal) settings.batch_length = settings.max_outputs = settings.context_length;
  settings.vocab_size = config.vocab_size;
  settings.embedding_length = config.embedding_length;
  settings.pooling = config.pooling;
  settings.is_encoder = !config.causal;
  settings.keep = options.keep;
  CHORD_ASSIGN(settings.overflow, checked_enum(options.overflow, session::Overflow::shift, "overflow"));

  wanted.executor.context_length = settings.context_length;
  wanted.executor.max_tokens = settings.batch_length;
  wanted.executor.max_outputs = settings.max_outputs;
  CHORD_ASSIGN(wanted.executor.kv_type, kv_type(options.kv_type));
  // They live for one step, so that storing them small would only cost time and precision.
  if (!config.causal) wanted.executor.kv_type = plan::KvType::f32;
  settings.kv_type = wanted.executor.kv_type;
  return wanted;
}

Result<chord_memory> estimate(const chord_model* model, const chord_place_options* place,
                              const chord_session_options& options) {
  CHORD_ASSIGN(const model::Model* described, loaded_description(model));
  CHORD_ASSIGN(const Wanted wanted, to_wanted(described->config, options));
  if (place != nullptr && place->kernels != nullptr && kGpuKernels == place->kernels) {
    return estimate_gpu(described->plan, wanted.executor);
  }
  CHORD_ASSIGN(const cpu::Placement placement, cpu::Placement::create(described->plan));
  CHORD_ASSIGN(const cpu::SessionBytes session, cpu::session_bytes(described->plan, wanted.executor));
  return chord_memory{placement.bytes(), session.stores, session.scratch};
}

Result<chord_session*> open_session(chord_model* model, const chord_session_options& options) {
  if (model == nullptr || !model->loader.placed()) {
    return fail(
        ErrorCode::invalid_argument,
        "the model's weights are not placed; call chord_model_place and answer chord_model_want to its end");
  }
  CHORD_ASSIGN(Wanted wanted, to_wanted((*model->description)->config, options));
  wanted.session.model = model->loader.fingerprint();
  CHORD_ASSIGN(auto executor, model->device->open(wanted.executor));
  const text::Tokenizer* tokenizer = *model->tokenizer ? &**model->tokenizer : nullptr;
  CHORD_ASSIGN(auto session, session::Session::create(std::move(executor), tokenizer, wanted.session, now));
  auto* opened = new (std::nothrow) chord_session{model, std::move(session)};
  if (opened == nullptr) return fail(ErrorCode::out_of_memory, "no memory for a session handle");
  return opened;
}

session::GenerationOptions to_options(const chord_generation_options& from) {
  session::GenerationOptions options{};
  options.sampling.seed = from.seed;
  options.sampling.temperature = from.temperature;
  options.sampling.top_k = from.top_k;
  options.sampling.top_p = from.top_p;
  options.sampling.min_p = from.min_p;
  options.sampling.repetition_penalty = from.repetition_penalty;
  options.sampling.frequency_penalty = from.frequency_penalty;
  options.sampling.presence_penalty = from.presence_penalty;
  options.sampling.penalty_window = from.penalty_window;
  for (uint32_t i = 0; i < from.logit_bias_count; ++i) {
    options.sampling.biases.push_back({from.logit_biases[i].token, from.logit_biases[i].bias});
  }
  options.max_tokens = from.max_tokens;
  options.ignore_eos = from.ignore_eos != 0;
  options.special_text = from.special_text != 0;
  for (uint32_t i = 0; i < from.stop_count; ++i) options.stops.emplace_back(from.stops[i]);
  options.stop_tokens.assign(from.stop_tokens, from.stop_tokens + from.stop_token_count);
  options.candidates = from.candidates;
  options.draft_tokens = from.draft_tokens;
  options.filter_logits = from.filter_logits != 0;
  return options;
}

}  // namespace

Result<void> check(const chord_session* session) {
  if (session == nullptr) return fail(ErrorCode::invalid_argument, "the session is NULL");
  return {};
}

}  // namespace chord::abi

using namespace chord;
using namespace chord::abi;

static_assert(static_cast<int>(session::Event::done) == CHORD_DONE);
static_assert(static_cast<int>(session::Event::logits) == CHORD_EVENT_LOGITS);
static_assert(static_cast<int>(session::Event::filter) == CHORD_FILTER);
static_assert(static_cast<int>(session::Event::bytes) == CHORD_BYTES);
static_assert(static_cast<int>(session::Finish::error) == CHORD_FINISH_ERROR);
static_assert(static_cast<int>(session::Overflow::shift) == CHORD_OVERFLOW_SHIFT);

extern "C" {

chord_code chord_model_estimate(const chord_model* model, const chord_place_options* place,
                                const chord_session_options* options, chord_memory* memory) {
  return deliver(estimate(model, place, options != nullptr ? *options : chord_session_options{}), memory);
}

chord_code chord_session_new(chord_model* model, const chord_session_options* options,
                             chord_session** session) {
  return deliver(open_session(model, options != nullptr ? *options : chord_session_options{}), session);
}

void chord_session_free(chord_session* session) {
  delete session;
}

void chord_generation_defaults(chord_generation_options* options) {
  const session::GenerationOptions defaults;
  *options = {};
  options->max_tokens = defaults.max_tokens;
  options->temperature = defaults.sampling.temperature;
  options->top_k = defaults.sampling.top_k;
  options->top_p = defaults.sampling.top_p;
  options->min_p = defaults.sampling.min_p;
  options->repetition_penalty = defaults.sampling.repetition_penalty;
  options->frequency_penalty = defaults.sampling.frequency_penalty;
  options->presence_penalty = defaults.sampling.presence_penalty;
  options->penalty_window = defaults.sampling.penalty_window;
}

chord_code chord_generate(chord_session* session, const int32_t* tokens, size_t count,
                          const chord_generation_options* options) {
  if (const auto valid = check(session); !valid) return report(valid);
  return report(session->session.generate(
      {tokens, count}, options != nullptr ? to_options(*options) : session::GenerationOptions{}));
}

chord_code chord_evaluate(chord_session* session, const int32_t* tokens, size_t count) {
  if (const auto valid = check(session); !valid) return report(valid);
  return report(session->session.evaluate({tokens, count}));
}

chord_code chord_step(chord_session* session, double budget_ms, uint32_t* event) {
  if (const auto valid = check(session); !valid) return report(valid);
  const auto happened = session->session.step(budget_ms);
  if (!happened) return report(happened);
  *event = static_cast<uint32_t>(*happened);
  return CHORD_OK;
}

chord_code chord_get_piece(chord_session* session, chord_piece* piece) {
  if (const auto valid = check(session); !valid) return report(valid);
  const session::Piece& from = session->session.piece();
  *piece = {from.text.data(), static_cast<uint32_t>(from.text.size()), from.token, from.logprob, 0};
  return CHORD_OK;
}

chord_code chord_get_candidates(chord_session* session, chord_candidate* candidates, size_t capacity,
                                size_t* count) {
  if (const auto valid = check(session); !valid) return report(valid);
  const auto list = session->session.candidates();
  if (!list) return report(list);
  *count = std::min(capacity, list->largest.size());
  for (size_t i = 0; i < *count; ++i) {
    const plan::Candidate& from = list->largest[i];
    candidates[i] = {from.token, static_cast<float>(from.logit - list->log_sum_exp)};
  }
  return CHORD_OK;
}

chord_code chord_get_filter(chord_session* session, chord_filter* filter) {
  if (const auto valid = check(session); !valid) return report(valid);
  const std::span<float> row = session->session.filter();
  if (row.empty()) {
    return report({ErrorCode::invalid_argument, "there are logits to edit after CHORD_FILTER only"});
  }
  *filter = {row.data(), static_cast<uint32_t>(row.size()), session->session.info().generated_tokens};
  return CHORD_OK;
}

chord_code chord_get_rows(const chord_session* session, chord_rows* rows) {
  if (const auto valid = check(session); !valid) return report(valid);
  const session::Rows from = session->session.rows();
  *rows = {from.first, from.count};
  return CHORD_OK;
}

chord_code chord_get_logits(chord_session* session, uint64_t position, float* logits) {
  if (const auto valid = check(session); !valid) return report(valid);
  return report(
      session->session.read_logits(position, {logits, (*session->model->description)->config.vocab_size}));
}

void chord_cancel(chord_session* session) {
  if (session != nullptr) session->session.cancel();
}

chord_code chord_session_save(chord_session* session, uint64_t* size) {
  if (const auto valid = check(session); !valid) return report(valid);
  return deliver(session->session.save(), size);
}

chord_code chord_session_load(chord_session* session, uint64_t size) {
  if (const auto valid = check(session); !valid) return report(valid);
  return report(session->session.load(size));
}

chord_code chord_get_bytes(chord_session* session, chord_request* request) {
  if (const auto valid = check(session); !valid) return report(valid);
  const session::Bytes from = session->session.bytes();
  if (from.bytes.empty()) {
    return report({ErrorCode::invalid_argument, "there are bytes of a saved session after CHORD_BYTES only"});
  }
  *request = {from.offset, from.bytes.size(), reinterpret_cast<uintptr_t>(from.bytes.data()),
              CHORD_CONTROL_PLANE, 0};
  return CHORD_OK;
}

chord_code chord_session_clear(chord_session* session) {
  if (const auto valid = check(session); !valid) return report(valid);
  return report(session->session.clear());
}

chord_code chord_session_get_info(const chord_session* session, chord_session_info* info) {
  if (const auto valid = check(session); !valid) return report(valid);
  const session::Info from = session->session.info();
  *info = {
      from.context_length,   from.context_used,   from.prompt_tokens,   from.reused_tokens,
      from.generated_tokens, from.drafted_tokens, from.accepted_tokens, static_cast<uint32_t>(from.finish),
      from.prefill_ms,       from.decode_ms,      from.kv_bytes,        from.scratch_bytes};
  return CHORD_OK;
}

}  // extern "C"
