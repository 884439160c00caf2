#include <algorithm>
#include <cmath>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "evaluation.h"

namespace chord::cli {
namespace {

// −ln softmax(logits)[token]
double negative_log_likelihood(std::span<const float> logits, int32_t token) {
  const float largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(double{logit} - largest);
  return std::log(sum) + largest - logits[static_cast<size_t>(token)];
}

}  // namespace

int perplexity(int argc, char** argv) {
  std::string file;
  PlaceOptions place;
  bool no_special = false;
  chord_session_options options{};
  options.context_length = 512;
  Arguments arguments(
      "perplexity MODEL --file F [options]",
      "The perplexity of a text, in windows of the context's length that do not overlap. Each begins\n"
      "with the model's BOS token, if it wants one; the second half of each window counts.",
      1);
  arguments.text("file", "F", file, "the text");
  arguments.flag("no-special", no_special, "the text of special tokens is ordinary text");
  arguments.number("context", options.context_length, "tokens of a window (512)");
  arguments.number("batch", options.batch_length, "tokens computed together (128)");
  arguments.choice("kv", {"f16", "f32", "q8_0"}, options.kv_type, "type of the KV cache (f16)");
  place.add_to(arguments);
  if (const auto code = arguments.parse(argc, argv)) return *code;

  auto model = ModelFile::open(arguments.operands()[0]);
  const auto text = model ? read_file(file) : std::nullopt;
  if (!text) return kFailure;
  const auto tokens = model->tokenize(*text, no_special ? 0 : CHORD_TEXT_SPECIAL);
  if (!tokens) return kFailure;
  const chord_model_info facts = model->info();
  options.context_length = std::min(options.context_length, facts.context_length);
  const size_t window = options.context_length;
  const size_t bos = facts.add_bos != 0 ? 1 : 0;
  if (window < 2 + bos || tokens->size() + bos < window) {
    return print_error("the text has " + std::to_string(tokens->size()) + " tokens and the window " +
                       std::to_string(window) + ": use a longer text or a smaller --context");
  }

  if (!model->place(place)) return kFailure;
  chord_session* opened = nullptr;
  if (const chord_code code = chord_session_new(model->get(), &options, &opened)) return print_error(code);
  const SessionHandle session(opened);

  double sum = 0;
  double sum_of_squares = 0;
  size_t count = 0;
  const size_t taken = window - bos;
  for (size_t begin = 0; begin + taken <= tokens->size(); begin += taken) {
    std::vector<int32_t> part(tokens->begin() + static_cast<ptrdiff_t>(begin),
                              tokens->begin() + static_cast<ptrdiff_t>(begin + taken));
    if (bos != 0) part.insert(part.begin(), facts.bos_token);
    const bool done =
        evaluate(opened, part, facts.vocab_size, [&](size_t position, std::span<const float> logits) {
          if (position < window / 2 || position + 1 == part.size()) return;
          const double loss = negative_log_likelihood(logits, part[position + 1]);
          sum += loss;
          sum_of_squares += loss * loss;
          ++count;
        });
    if (!done) return kFailure;
    std::fprintf(stderr, "\r%zu of %zu tokens: %.4f ", begin + taken, tokens->size(),
                 std::exp(sum / static_cast<double>(count)));
  }
  std::fprintf(stderr, "\n");
  const double n = static_cast<double>(count);
  const double mean = sum / n;
  const double deviation = std::sqrt(std::max(0.0, sum_of_squares / n - mean * mean) / std::max(1.0, n - 1));
  std::printf("perplexity %.4f ± %.4f over %zu tokens\n", std::exp(mean), std::exp(mean) * deviation, count);
  return kSuccess;
}

}  // namespace chord::cli
