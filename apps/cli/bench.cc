#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.h"
#include "bench_machine.h"
#include "bench_report.h"
#include "commands.h"
#include "generation.h"
#include "model_file.h"

namespace chord::cli {
namespace {

struct BenchOptions {
  std::string prompts = "64";
  uint32_t generated = 32;
  uint32_t runs = 5;
  uint32_t draft_tokens = 0;
  bool repeats = false;
  PlaceOptions place;
  bool json = false;
  chord_session_options session{};
};

constexpr const char* kKvTypes[] = {"f16", "f32", "q8_0"};  // by chord_kv_type

// "64,512"; nothing if that is not what it is.
std::optional<std::vector<uint32_t>> parse_lengths(std::string_view text) {
  std::vector<uint32_t> lengths;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    uint32_t length = 0;
    const auto [after, error] = std::from_chars(at, end, length);
    if (error != std::errc{} || length == 0) return std::nullopt;
    lengths.push_back(length);
    if (after == end) return lengths;
    if (*after != ',') return std::nullopt;
    at = after + 1;
  }
}

std::string file_name(const std::string& path) {
  return path.substr(path.find_last_of('/') + 1);
}

// Of the embedding, decoding reads one row, unless it is the output matrix, too; of experts, those that a
// token passes.
uint64_t decode_bytes(const ModelFile& model, const chord_model_info& facts) {
  const uint64_t used_experts = model.number_of("expert_used_count");
  uint64_t unread = 0;
  uint64_t embedding_bytes = 0;
  bool output_is_separate = false;
  for (uint32_t i = 0; i < facts.tensor_count; ++i) {
    chord_tensor tensor{};
    chord_model_get_tensor(model.get(), i, &tensor);
    const std::string_view name = tensor.name;
    if (name == "token_embd.weight") embedding_bytes = tensor.bytes;
    if (name == "output.weight") output_is_separate = true;
    if (tensor.dimension_count == 3 && tensor.dims[2] > used_experts) {
      unread += tensor.bytes / tensor.dims[2] * (tensor.dims[2] - used_experts);
    }
  }
  return facts.weight_bytes - unread - (output_is_separate ? embedding_bytes : 0);
}

class Measurement {
 public:
  Measurement(chord_session* session, const BenchOptions& options, uint32_t vocab_size)
      : session_(session), options_(options), vocab_size_(vocab_size) {}

  // Appends the speeds of `runs` generations, after one that does not count.
  chord_code run(uint32_t prompt_length, uint32_t runs, std::vector<PromptSpeeds>& speeds) {
    std::vector<double> prefill;
    std::vector<double> decode;
    for (uint32_t i = 0; i <= runs; ++i) {
      if (const chord_code code = generate(prompt_length)) return code;
      if (i == 0) continue;
      chord_session_info info{};
      chord_session_get_info(session_, &info);
      prefill.push_back(info.prompt_tokens * 1000.0 / info.prefill_ms);
      decode.push_back((info.generated_tokens - 1) * 1000.0 / info.decode_ms);
    }
    speeds.push_back({prompt_length, spread_of(std::move(prefill)), spread_of(std::move(decode))});
    return CHORD_OK;
  }

 private:
  // From an emptied context. The same arbitrary ids every time: speed does not depend on them, unless they
  // are guessed by.
  chord_code generate(uint32_t prompt_length) {
    std::vector<int32_t> prompt(prompt_length);
    for (uint32_t i = 0; i < prompt_length; ++i)
      prompt[i] =
          static_cast<int32_t>((uint64_t{options_.repeats ? i % kPeriod : i} * 7919 + 11) % vocab_size_);
    chord_generation_options options;
    chord_generation_defaults(&options);
    options.max_tokens = options_.generated;
    options.draft_tokens = options_.draft_tokens;
    options.ignore_eos = 1;
    if (const chord_code code = chord_session_clear(session_)) return code;
    if (const chord_code code = chord_generate(session_, prompt.data(), prompt.size(), &options)) return code;
    return finish_steps(session_, [](uint32_t) { return CHORD_OK; });
  }

  static constexpr uint32_t kPeriod = 16;

  chord_session* session_;
  const BenchOptions& options_;
  uint32_t vocab_size_;
};

// Everything but the bandwidth, whose memory must not count as the model's. Nothing after an error, which is
// printed.
std::optional<BenchReport> measure_model(const std::string& path, const std::vector<uint32_t>& prompt_lengths,
                                         BenchOptions& options) {
  const double started = now_ms();
  auto model = ModelFile::open(path);
  if (!model || !model->place(options.place)) return std::nullopt;
  BenchReport report{};
  report.load_ms = now_ms() - started;

  const chord_model_info facts = model->info();
  size_t length = 0;
  const char* name = chord_model_metadata(model->get(), "general.name", &length);
  report.engine = std::string("chord ") + chord_version();
  report.kernels = chord_model_kernels(model->get());
  report.threads = chord_model_threads(model->get());
  report.model = name == nullptr ? "" : std::string(name, length);
  report.file = file_name(path);
  report.weight_bytes = facts.weight_bytes;
  report.decode_bytes = decode_bytes(*model, facts);
  report.kv_type = kKvTypes[options.session.kv_type];
  report.generated_tokens = options.generated;
  report.runs = options.runs;

  options.session.context_length = std::ranges::max(prompt_lengths) + options.generated;
  chord_session* opened = nullptr;
  if (const chord_code code = chord_session_new(model->get(), &options.session, &opened)) {
    print_error(code);
    return std::nullopt;
  }
  const SessionHandle session(opened);
  chord_session_info session_facts{};
  chord_session_get_info(opened, &session_facts);
  report.kv_bytes = session_facts.kv_bytes;
  Measurement measurement(opened, options, facts.vocab_size);
  for (const uint32_t prompt_length : prompt_lengths) {
    if (const chord_code code = measurement.run(prompt_length, options.runs, report.speeds)) {
      print_error(code);
      return std::nullopt;
    }
  }
  report.peak_bytes = peak_memory();
  return report;
}

}  // namespace

int bench(int argc, char** argv) {
  BenchOptions options;
  Arguments arguments(
      "bench MODEL [options]",
      "Measures loading, prefill and decoding: medians and ranges over several runs, after one\n"
      "that does not count; and how much of the memory's bandwidth decoding takes up.",
      1);
  arguments.text("prompt", "N,...", options.prompts, "tokens of the prompt, several lengths in turn (64)");
  arguments.number("generate", options.generated, "tokens generated (32)");
  arguments.number("runs", options.runs, "how many (5)");
  arguments.flag("repeat", options.repeats, "the prompt repeats its first 16 tokens");
  arguments.number("draft", options.draft_tokens, "tokens guessed for each step by prompt lookup (0)");
  arguments.choice("kv", {std::begin(kKvTypes), std::end(kKvTypes)}, options.session.kv_type,
                   "type of the KV cache (f16)");
  options.place.add_to(arguments);
  arguments.flag("json", options.json, "print JSON instead of a table");
  if (const auto code = arguments.parse(argc, argv)) return *code;
  const auto prompt_lengths = parse_lengths(options.prompts);
  if (!prompt_lengths) {
    print_error("--prompt cannot be '" + options.prompts + "'; it takes lengths of at least 1, as in 64,512");
    return kUsage;
  }
  if (options.generated < 2 || options.runs == 0) {
    print_error("--runs must be at least 1, --generate at least 2");
    return kUsage;
  }

  auto report = measure_model(arguments.operands()[0], *prompt_lengths, options);
  if (!report) return kFailure;
  report->bandwidth = measure_bandwidth(report->threads);
  std::fputs((options.json ? to_json(*report) : to_table(*report)).c_str(), stdout);
  return kSuccess;
}

}  // namespace chord::cli
