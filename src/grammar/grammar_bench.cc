// What a constraint costs with a vocabulary of 128 000 tokens. Needs ../shared (vocabularies).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "gguf/reader.h"
#include "grammar/constraint.h"
#include "grammar/test_grammar.h"
#include "text/tokenizer.h"

namespace chord::grammar {
namespace {

struct Tokens {
  text::Tokenizer tokenizer;
  std::string bytes;
  std::vector<uint32_t> ends;
};

std::unique_ptr<Tokens> read_tokens() {
  std::ifstream file(std::string(CHORD_SOURCE_DIR) + "/../shared/vocab/ggml-vocab-llama-bpe.gguf",
                     std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  if (content.empty()) return nullptr;
  const auto header = gguf::read(std::as_bytes(std::span(content)));
  auto tokens = std::make_unique<Tokens>(Tokens{*text::Tokenizer::create(header->metadata), {}, {}});
  for (int32_t token = 0; token < tokens->tokenizer.vocab_size(); ++token) {
    tokens->tokenizer.append_piece(token, false, tokens->bytes);
    tokens->ends.push_back(static_cast<uint32_t>(tokens->bytes.size()));
  }
  return tokens;
}

std::shared_ptr<const Vocabulary> vocabulary_of(const Tokens& tokens) {
  return std::make_shared<const Vocabulary>(tokens.bytes, tokens.ends,
                                            tokens.tokenizer.end_of_generation_tokens());
}

struct Example {
  std::string_view name;
  std::string_view schema;
  std::string_view text;
};

constexpr Example kExamples[] = {
    {"any", R"({})",
     R"({"title": "Über die Brücke — 橋を渡る 🌉", "tags": ["a", "b\n", "c"], "deep": [[[[{"x": [1.5e3, null, true]}]]]], "n": -12})"},
    {"person",
     R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":150},
      "email":{"type":"string","format":"email"},"tags":{"type":"array","items":{"enum":["new","old","été"]}},
      "address":{"type":"object","properties":{"street":{"type":"string","maxLength":100},"zip":{"type":"string",
      "pattern":"^\\d{5}$"}},"required":["street","zip"],"additionalProperties":false}},
      "required":["name","age","email","address"],"additionalProperties":false})",
     R"({"name": "Zoë Łukasiewicz 山田", "age": 42, "email": "zoe@example.com", "tags": ["new", "été"], "address": {"street": "Straße des 17. Juni 135, Hinterhaus", "zip": "10623"}})"},
    {"tree",
     R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"label":{"type":"string"},
      "weight":{"type":"number"},"children":{"type":"array","items":{"$ref":"#/$defs/node"}}},
      "required":["label","children"],"additionalProperties":false}}})",
     R"({"label": "root", "weight": 1.25, "children": [{"label": "a", "children": [{"label": "b", "children": [{"label": "c", "children": [{"label": "d", "weight": 3, "children": []}]}]}]}, {"label": "e", "children": []}]})"},
};

// One text through a constraint: of the first text that it is used for, or of later ones.
void filter(benchmark::State& state, const Example& example, bool first) {
  const auto tokens = read_tokens();
  if (!tokens) {
    state.SkipWithError("no ../shared here");
    return;
  }
  const auto vocabulary = vocabulary_of(*tokens);
  const auto ids = tokens->tokenizer.encode(example.text, {.special = false});
  const std::vector<float> logits(vocabulary->size(), 1);
  std::vector<float> row;
  double slowest = 0;
  auto program = std::make_shared<const Program>(*schema(example.schema));
  auto constraint = std::make_unique<Constraint>(program, vocabulary);
  for ([[maybe_unused]] auto _ : state) {
    if (first) constraint = std::make_unique<Constraint>(program, vocabulary);
    constraint->reset();
    double total = 0;
    for (const int32_t id : ids) {
      row = logits;
      const auto begin = std::chrono::steady_clock::now();
      const bool filtered = constraint->filter(row, 0).has_value();
      const bool accepted = constraint->accept(id).has_value();
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
      if (!filtered || !accepted) {
        state.SkipWithError("the text does not match");
        return;
      }
      total += taken.count();
      slowest = std::max(slowest, taken.count());
    }
    state.SetIterationTime(total / static_cast<double>(ids.size()));
  }
  state.counters["slowest ms"] = slowest * 1000;
}

void compile(benchmark::State& state, const Example& example) {
  for ([[maybe_unused]] auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(schema(example.schema));
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
}

// Benchmarks are registered before main, as BENCHMARK() does it.
[[maybe_unused]] const bool registered = [] {
  const auto add = [](const std::string& name, auto&&... function_and_arguments) {
    benchmark::RegisterBenchmark(name.c_str(), function_and_arguments...)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  };
  for (const Example& example : kExamples) {
    add(concat("compile/", example.name), compile, example);
    add(concat("filter a first text/", example.name), filter, example, true);
    add(concat("filter later texts/", example.name), filter, example, false);
  }
  return true;
}();

}  // namespace
}  // namespace chord::grammar
