// That the comparison with llama.cpp's logits (tests/program/references.test.mjs, NMSE at most 1e-10) would
// see a mistake in a plan: each mistake here moves the logits by far more than that.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "model/architecture.h"
#include "plan/interpreter.h"

namespace chord::model {
namespace {

using Mistake = void (*)(plan::Plan& plan);

std::vector<std::byte> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> content{std::istreambuf_iterator<char>(in), {}};
  const auto bytes = std::as_bytes(std::span(content));
  return {bytes.begin(), bytes.end()};
}

plan::Interpreter::Matrix logits_of(const plan::Plan& plan, std::span<const std::byte> file) {
  const std::vector<int32_t> tokens = {7, 47, 93, 145, 43, 107, 17, 93, 15, 103, 37, 137};
  std::vector<uint32_t> rows(tokens.size());
  std::iota(rows.begin(), rows.end(), 0u);
  plan::Interpreter interpreter(plan, file);
  interpreter.run({.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}});
  return interpreter.logits();
}

// Σ (a − b)² / Σ a²
double normalized_error(const plan::Interpreter::Matrix& a, const plan::Interpreter::Matrix& b) {
  double error = 0;
  double power = 0;
  for (size_t r = 0; r < a.size(); ++r) {
    for (size_t i = 0; i < a[r].size(); ++i) {
      error += (a[r][i] - b[r][i]) * (a[r][i] - b[r][i]);
      power += a[r][i] * a[r][i];
    }
  }
  return error / power;
}

template <class OpType, class Change>
void change_each(plan::Plan& plan, Change change) {
  for (plan::Op& op : plan.ops) {
    if (auto* found = std::get_if<OpType>(&op)) change(*found);
  }
}

void leave_out_rope(plan::Plan& plan) {
  for (double& frequency : plan.rope_settings[0].frequencies) frequency = 0;
}

void pair_wrongly(plan::Plan& plan) {
  plan::RopeOrder& order = plan.rope_settings[0].order;
  order = order == plan::RopeOrder::halves ? plan::RopeOrder::adjacent : plan::RopeOrder::halves;
}

void mistake_the_base(plan::Plan& plan) {
  double power = 1;
  for (double& frequency : plan.rope_settings[0].frequencies) {
    frequency *= power;
    power *= 0.9;
  }
}

// Every query head reads the first keys and values.
void group_wrongly(plan::Plan& plan) {
  for (plan::StoreInfo& store : plan.stores) store.head_count = 1;
}

void mask_too_much(plan::Plan& plan) {
  change_each<plan::Attention>(plan, [](plan::Attention& op) { op.window = 4; });
}

void scale_wrongly(plan::Plan& plan) {
  change_each<plan::Attention>(plan, [](plan::Attention& op) { op.scale *= 1.1f; });
}

class Mistakes : public testing::TestWithParam<const char*> {};

TEST_P(Mistakes, MoveTheLogits) {
  const std::string path = std::string(CHORD_SOURCE_DIR) + "/../shared/archs/" + GetParam() + ".gguf";
  const std::vector<std::byte> file = read_file(path);
  if (file.empty()) GTEST_SKIP() << path << " is absent";
  const auto header = gguf::read(file);
  ASSERT_TRUE(header) << header.error().message();
  const auto model = describe(*header);
  ASSERT_TRUE(model) << model.error().message();
  const auto right = logits_of(model->plan, file);

  constexpr std::pair<const char*, Mistake> kMistakes[] = {
      {"leave out rope", leave_out_rope},     {"pair wrongly", pair_wrongly},
      {"mistake the base", mistake_the_base}, {"group wrongly", group_wrongly},
      {"mask too much", mask_too_much},       {"scale wrongly", scale_wrongly}};
  for (const auto& [name, mistake] : kMistakes) {
    plan::Plan wrong = model->plan;
    mistake(wrong);
    EXPECT_GT(normalized_error(right, logits_of(wrong, file)), 1e-6) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Architectures, Mistakes,
                         testing::Values("llama", "llama3-rope-freqs", "llama-linear-scaling", "qwen2",
                                         "qwen3"),
                         [](const auto& name) {
                           std::string identifier = name.param;
                           std::ranges::replace(identifier, '-', '_');
                           return identifier;
                         });

}  // namespace
}  // namespace chord::model
