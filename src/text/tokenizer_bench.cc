// How fast texts become tokens. Needs ../shared (vocabularies, and a text in English).
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gguf/reader.h"
#include "text/tokenizer.h"

namespace chord::text {
namespace {

const std::string shared_folder = std::string(CHORD_SOURCE_DIR) + "/../shared/";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

gguf::Metadata read_metadata(const std::string& vocab) {
  const std::string bytes = read_file(shared_folder + "vocab/ggml-vocab-" + vocab + ".gguf");
  auto header = gguf::read(std::as_bytes(std::span(bytes)));
  return header ? std::move(header->metadata) : gguf::Metadata();
}

std::string repeated(std::string_view unit, size_t size) {
  std::string text;
  while (text.size() < size) text += unit;
  return text;
}

std::string english() {
  const std::string text =
      read_file(shared_folder + "DESIGN.md") + read_file(shared_folder + "models/chord-tiny/eval.txt");
  return text.empty() ? text : repeated(text, 1 << 20);
}

void encode(benchmark::State& state, const std::string& vocab, const std::string& text) {
  const auto tokenizer = Tokenizer::create(read_metadata(vocab));
  if (!tokenizer || text.empty()) {
    state.SkipWithError("no ../shared here");
    return;
  }
  size_t tokens = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto ids = tokenizer->encode(text);
    tokens = ids.size();
    benchmark::DoNotOptimize(ids.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
  state.counters["bytes/token"] = static_cast<double>(text.size()) / static_cast<double>(tokens);
}

void create(benchmark::State& state, const std::string& vocab) {
  const gguf::Metadata metadata = read_metadata(vocab);
  for ([[maybe_unused]] auto _ : state) {
    auto tokenizer = Tokenizer::create(metadata);
    benchmark::DoNotOptimize(tokenizer);
  }
}

const std::vector<std::string> vocabs = {"gpt-2",          "llama-bpe", "qwen2",
                                         "deepseek-coder", "falcon",    "llama-spm"};

// Benchmarks are registered before main, as BENCHMARK() does it.
const bool registered = [] {
  for (const std::string& vocab : vocabs) {
    const auto add = [&](std::string_view name, const auto& run) {
      benchmark::RegisterBenchmark(concat(name, "/", vocab).c_str(), run)->Unit(benchmark::kMillisecond);
    };
    const auto add_text = [&](std::string_view name, std::string text) {
      add(name, [vocab, text = std::move(text)](benchmark::State& state) { encode(state, vocab, text); });
    };
    add("create", [vocab](benchmark::State& state) { create(state, vocab); });
    add_text("english", english());
    add_text("letters", repeated("a", 100'000));
    add_text("spaces", repeated(" ", 100'000));
    add_text("newlines", repeated("\n", 100'000));
    add_text("emoji", repeated("🦙", 100'000));
  }
  return true;
}();

}  // namespace
}  // namespace chord::text
