#include <algorithm>
#include <chrono>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "generation.h"
#include "model_file.h"

namespace chord::cli {
namespace {

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

struct Speeds {
  std::vector<double> prefill;  // tokens a second, one a run
  std::vector<double> decode;
};

struct Summary {
  double median, least, most;
};

Summary summarize(std::vector<double> values) {
  std::ranges::sort(values);
  return {values[values.size() / 2], values.front(), values.back()};
}

// One generation from an emptied context. The same arbitrary ids every time: speed does not depend on them.
chord_code measure(chord_session* session, uint32_t prompt_length, uint32_t generated, uint32_t vocab_size,
                   Speeds* speeds) {
  std::vector<int32_t> prompt(prompt_length);
  for (uint32_t i = 0; i < prompt_length; ++i)
    prompt[i] = static_cast<int32_t>((i * 7919u + 11) % vocab_size);
  chord_generation_options options;
  chord_generation_defaults(&options);
  options.max_tokens = generated;
  options.ignore_eos = 1;
  if (const chord_code code = chord_session_clear(session)) return code;
  if (const chord_code code = chord_generate(session, prompt.data(), prompt.size(), &options)) return code;
  if (const chord_code code = finish_steps(session, [](uint32_t) { return CHORD_OK; })) return code;
  if (speeds == nullptr) return CHORD_OK;
  chord_session_info info{};
  chord_session_get_info(session, &info);
  speeds->prefill.push_back(info.prompt_tokens * 1000.0 / info.prefill_ms);
  speeds->decode.push_back((info.generated_tokens - 1) * 1000.0 / info.decode_ms);
  return CHORD_OK;
}

}  // namespace

int bench(int argc, char** argv) {
  uint32_t prompt_length = 64;
  uint32_t generated = 32;
  uint32_t runs = 5;
  std::string kernels;
  chord_session_options session_options{};
  Arguments arguments(
      "bench MODEL [options]",
      "Measures loading, prefill and decoding: medians and ranges over several runs, after one that\n"
      "does not count.",
      1);
  arguments.number("prompt", prompt_length, "tokens of the prompt (64)");
  arguments.number("generate", generated, "tokens generated (32)");
  arguments.number("runs", runs, "how many (5)");
  arguments.choice("kv", {"f16", "f32", "q8_0"}, session_options.kv_type, "type of the KV cache (f16)");
  arguments.text("kernels", "NAME", kernels, "force a kernel variant");
  if (const auto code = arguments.parse(argc, argv)) return *code;
  if (prompt_length == 0 || generated < 2 || runs == 0) {
    print_error("--prompt and --runs must be at least 1, --generate at least 2");
    return kUsage;
  }

  const double started = now_ms();
  auto model = ModelFile::open(arguments.operands()[0]);
  if (!model || !model->place(kernels)) return kFailure;
  const double load_ms = now_ms() - started;

  session_options.context_length = prompt_length + generated;
  chord_session* opened = nullptr;
  if (const chord_code code = chord_session_new(model->get(), &session_options, &opened))
    return print_error(code);
  const SessionHandle session(opened);
  const chord_model_info facts = model->info();
  Speeds speeds;
  for (uint32_t i = 0; i <= runs; ++i) {
    const chord_code code =
        measure(opened, prompt_length, generated, facts.vocab_size, i == 0 ? nullptr : &speeds);
    if (code != CHORD_OK) return print_error(code);
  }

  const Summary prefill = summarize(speeds.prefill);
  const Summary decode = summarize(speeds.decode);
  std::printf("kernels   %s\n", chord_model_kernels(model->get()));
  std::printf("load      %.0f ms\n", load_ms);
  std::printf("prefill   %8.1f tok/s  (%.1f to %.1f; %u tokens)\n", prefill.median, prefill.least,
              prefill.most, prompt_length);
  std::printf("decode    %8.1f tok/s  (%.1f to %.1f; %u tokens; %.2f GB/s of weights)\n", decode.median,
              decode.least, decode.most, generated,
              decode.median * static_cast<double>(facts.weight_bytes) * 1e-9);
  return kSuccess;
}

}  // namespace chord::cli
