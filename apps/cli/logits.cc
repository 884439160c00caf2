#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "arguments.h"
#include "commands.h"
#include "evaluation.h"

namespace chord::cli {
namespace {

// "1,2,3"; nothing if it is anything else.
std::optional<std::vector<int32_t>> parse_tokens(const std::string& text) {
  std::vector<int32_t> tokens;
  const char* at = text.c_str();
  while (true) {
    char* end = nullptr;
    const long token = std::strtol(at, &end, 10);
    if (end == at || token < 0 || token > INT32_MAX) return std::nullopt;
    tokens.push_back(static_cast<int32_t>(token));
    if (*end == '\0') return tokens;
    if (*end != ',') return std::nullopt;
    at = end + 1;
  }
}

// Nine digits give a float back exactly. JSON has no infinities; null stands for what is not finite.
void print_row(std::span<const float> logits) {
  for (size_t i = 0; i < logits.size(); ++i) {
    std::fputs(i == 0 ? "[" : ",", stdout);
    if (std::isfinite(logits[i])) {
      std::printf("%.9g", double{logits[i]});
    } else {
      std::fputs("null", stdout);
    }
  }
  std::fputs("]", stdout);
}

}  // namespace

int logits(int argc, char** argv) {
  std::string token_list;
  PlaceOptions place;
  bool json = false;
  chord_session_options options{};
  options.kv_type = CHORD_KV_F32;
  Arguments arguments(
      "logits MODEL --tokens 1,2,3 [--json]",
      "Prints the logits of every position: as JSON, {\"n_vocab\":...,\"logits\":[[...],...]}, or the\n"
      "five largest of each.",
      1);
  arguments.text("tokens", "1,2,3", token_list, "the token ids");
  arguments.flag("json", json, "all logits, as JSON");
  arguments.choice("kv", {"f16", "f32", "q8_0"}, options.kv_type, "type of the KV cache (f32)");
  arguments.number("context", options.context_length, "tokens (as many as are given)");
  arguments.number("batch", options.batch_length, "tokens computed together (128)");
  place.add_to(arguments);
  if (const auto code = arguments.parse(argc, argv)) return *code;
  const auto tokens = parse_tokens(token_list);
  if (!tokens) {
    print_error("--tokens takes ids separated by commas, such as 1,2,3, and not '" + token_list + "'");
    return kUsage;
  }

  auto model = ModelFile::open(arguments.operands()[0]);
  if (!model || !model->place(place)) return kFailure;
  if (options.context_length == 0) options.context_length = static_cast<uint32_t>(tokens->size());
  chord_session* opened = nullptr;
  if (const chord_code code = chord_session_new(model->get(), &options, &opened)) return print_error(code);
  const SessionHandle session(opened);

  const uint32_t vocab_size = model->info().vocab_size;
  if (json) std::printf("{\"n_vocab\":%u,\"logits\":[", vocab_size);
  const bool done = evaluate(opened, *tokens, vocab_size, [&](size_t position, std::span<const float> row) {
    if (json) {
      std::fputs(position == 0 ? "\n" : ",\n", stdout);
      print_row(row);
      return;
    }
    std::vector<int32_t> ids(row.size());
    for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int32_t>(i);
    const size_t shown = std::min<size_t>(5, ids.size());
    std::partial_sort(
        ids.begin(), ids.begin() + static_cast<ptrdiff_t>(shown), ids.end(),
        [&](int32_t a, int32_t b) { return row[static_cast<size_t>(a)] > row[static_cast<size_t>(b)]; });
    std::printf("%zu:", position);
    for (size_t i = 0; i < shown; ++i)
      std::printf(" %d (%.4f)", ids[i], double{row[static_cast<size_t>(ids[i])]});
    std::printf("\n");
  });
  if (json) std::printf("\n]}\n");
  return done ? kSuccess : kFailure;
}

}  // namespace chord::cli
