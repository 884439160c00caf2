#include <cstdio>
#include <span>
#include <string>

#include "arguments.h"
#include "commands.h"
#include "constraint.h"
#include "generation.h"
#include "model_file.h"
#include "session_file.h"

namespace chord::cli {
namespace {

struct RunOptions {
  std::string prompt;
  std::string prompt_file;
  std::string system;
  std::string chat_template;
  PlaceOptions place;
  ConstraintOptions constraint;
  std::vector<std::string> stops;
  std::string session_file;
  uint32_t count = 1;
  bool stats = false;
  chord_session_options session{};
  chord_generation_options generation{};
};

// Text on stdout, the rest on stderr.
void print_stats(const chord_session* session) {
  chord_session_info info{};
  chord_session_get_info(session, &info);
  const uint32_t computed = info.prompt_tokens - info.reused_tokens;
  std::fprintf(
      stderr,
      "prompt: %u tokens (%u reused), %.1f tok/s; generated: %u tokens, %.1f tok/s; context: %u of %u\n",
      info.prompt_tokens, info.reused_tokens, computed * 1000.0 / info.prefill_ms, info.generated_tokens,
      info.decode_ms > 0 ? (info.generated_tokens - 1) * 1000.0 / info.decode_ms : 0.0, info.context_used,
      info.context_length);
}

// The raw prompt, or one question in a named template.
std::optional<std::string> build_prompt(const RunOptions& options) {
  std::string prompt = options.prompt;
  if (!options.prompt_file.empty()) {
    auto content = read_file(options.prompt_file);
    if (!content) return std::nullopt;
    prompt = std::move(*content);
  }
  if (options.chat_template.empty()) return prompt;
  std::string text(prompt.size() + options.system.size() + 1024, '\0');
  size_t length = 0;
  const chord_code code = chord_format_chat(
      options.chat_template.c_str(), options.system.empty() ? nullptr : options.system.data(),
      options.system.size(), prompt.data(), prompt.size(), text.data(), text.size(), &length);
  if (code != CHORD_OK) {
    print_error(code);
    return std::nullopt;
  }
  text.resize(length);
  return text;
}

// Before a token: forbids what the constraint does not allow.
chord_code filter_logits(chord_session* session, chord_constraint* constraint, uint32_t max_tokens) {
  chord_filter filter{};
  if (const chord_code code = chord_get_filter(session, &filter)) return code;
  const uint32_t remaining = max_tokens == 0 ? 0 : max_tokens - filter.generated_tokens;
  return chord_constraint_filter(constraint, filter.logits, filter.vocab_size, remaining);
}

// Writes one text, and what it took.
chord_code write_text(chord_session* session, std::span<const int32_t> tokens,
                      const chord_generation_options& generation, chord_constraint* constraint, bool stats) {
  if (const chord_code code = chord_generate(session, tokens.data(), tokens.size(), &generation)) return code;
  const chord_code code = finish_steps(session, [&](uint32_t event) {
    if (event == CHORD_FILTER) return filter_logits(session, constraint, generation.max_tokens);
    if (event != CHORD_TOKEN && event != CHORD_DONE) return CHORD_OK;
    chord_piece piece{};
    if (const chord_code failed = chord_get_piece(session, &piece)) return failed;
    if (constraint != nullptr && event == CHORD_TOKEN) {
      if (const chord_code failed = chord_constraint_accept(constraint, piece.token)) return failed;
    }
    std::fwrite(piece.text, 1, piece.length, stdout);
    std::fflush(stdout);
    return CHORD_OK;
  });
  std::fputc('\n', stdout);
  if (stats && code == CHORD_OK) print_stats(session);
  return code;
}

int generate(const ModelFile& model, const std::string& prompt, const RunOptions& options,
             chord_constraint* constraint) {
  const uint32_t flags = CHORD_TEXT_SPECIAL | (model.info().add_bos != 0 ? CHORD_TEXT_BOS : 0);
  const auto tokens = model.tokenize(prompt, flags);
  if (!tokens) return kFailure;

  chord_session* opened = nullptr;
  if (const chord_code code = chord_session_new(model.get(), &options.session, &opened))
    return print_error(code);
  const SessionHandle session(opened);
  if (!options.session_file.empty() && !load_session(opened, options.session_file)) return kFailure;
  std::vector<const char*> stops;
  stops.reserve(options.stops.size());
  for (const std::string& stop : options.stops) stops.push_back(stop.c_str());
  chord_generation_options generation = options.generation;
  generation.stops = stops.data();
  generation.stop_count = static_cast<uint32_t>(stops.size());
  generation.filter_logits = constraint != nullptr ? 1 : 0;
  for (uint32_t i = 0; i < options.count; ++i, ++generation.seed) {
    if (i > 0) std::fputs("---\n", stdout);
    if (constraint != nullptr) chord_constraint_reset(constraint);
    // All but the first find the prompt in the cache.
    const chord_code code = write_text(opened, *tokens, generation, constraint, options.stats);
    if (code != CHORD_OK) return print_error(code);
  }
  if (!options.session_file.empty() && !save_session(opened, options.session_file)) return kFailure;
  return kSuccess;
}

}  // namespace

int run(int argc, char** argv) {
  RunOptions options;
  chord_generation_defaults(&options.generation);
  Arguments arguments("run MODEL --prompt TEXT [options]",
                      "Writes the text that follows a prompt to stdout, as it is generated.", 1);
  arguments.text("prompt", "TEXT", options.prompt, "the prompt");
  arguments.text("prompt-file", "FILE", options.prompt_file, "the prompt, from a file");
  arguments.text("chat", "TEMPLATE", options.chat_template,
                 "the prompt is a question: chatml, llama2, llama3, alpaca, mistral, gemma, phi3, zephyr");
  arguments.text("system", "TEXT", options.system, "a system message, with --chat");
  arguments.number("max-tokens", options.generation.max_tokens,
                   "tokens at most; 0: to the context's end (100)");
  arguments.number("temperature", options.generation.temperature, "0: greedy (0)");
  arguments.number("top-k", options.generation.top_k, "0: all (0)");
  arguments.number("top-p", options.generation.top_p, "1: all (1)");
  arguments.number("min-p", options.generation.min_p, "0: all (0)");
  arguments.number("repetition-penalty", options.generation.repetition_penalty, "1: none (1)");
  arguments.number("frequency-penalty", options.generation.frequency_penalty, "0: none (0)");
  arguments.number("presence-penalty", options.generation.presence_penalty, "0: none (0)");
  arguments.number("penalty-window", options.generation.penalty_window,
                   "tokens that the penalties look at (64)");
  arguments.number("seed", options.generation.seed, "of the sampling (0)");
  arguments.texts("stop", "TEXT", options.stops, "end before this text; may be repeated");
  arguments.number("draft", options.generation.draft_tokens,
                   "tokens guessed for each step by prompt lookup, at most 15; 0: none (0)");
  arguments.number("context", options.session.context_length, "tokens; 0: the model's, at most 4096 (0)");
  arguments.number("batch", options.session.batch_length, "prompt tokens computed together (128)");
  arguments.choice("kv", {"f16", "f32", "q8_0"}, options.session.kv_type, "type of the KV cache (f16)");
  arguments.choice("overflow", {"stop", "refuse", "shift"}, options.session.overflow,
                   "at the context's end (stop)");
  arguments.number("keep", options.session.keep, "tokens that a shift keeps (0)");
  options.constraint.add_to(arguments);
  arguments.text("session", "FILE", options.session_file,
                 "keep the computed context there: a run whose prompt begins with its text goes on from it");
  options.place.add_to(arguments);
  arguments.number("n", options.count, "texts, with --- between them, the seed one higher each time (1)");
  arguments.flag("stats", options.stats, "print counts and speeds to stderr");
  if (const auto code = arguments.parse(argc, argv)) return *code;

  auto model = ModelFile::open(arguments.operands()[0]);
  if (!model) return kFailure;
  const auto prompt = build_prompt(options);
  if (!prompt) return kFailure;
  ConstraintHandle constraint;
  if (options.constraint.is_set()) {
    auto opened = open_constraint(options.constraint, *model);
    if (!opened) return kFailure;
    constraint = std::move(*opened);
  }
  if (!model->place(options.place)) return kFailure;
  return generate(*model, *prompt, options, constraint.get());
}

}  // namespace chord::cli
