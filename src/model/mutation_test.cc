// That the comparison with llama.cpp's logits (tests/program/references.test.mjs, NMSE at most 1e-10, or 1e-5
// where there is GELU) would see a mistake in a plan: each mistake here moves the logits by far more than
// that.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "model/architecture.h"
#include "model/decoder_file.h"
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

void forget_windows(plan::Plan& plan) {
  change_each<plan::Attention>(plan, [](plan::Attention& op) { op.window = 0; });
}

void put_windows_everywhere(plan::Plan& plan) {
  change_each<plan::Attention>(plan, [](plan::Attention& op) { op.window = 4; });
}

void widen_windows(plan::Plan& plan) {
  change_each<plan::Attention>(plan, [](plan::Attention& op) { op.window += op.window != 0 ? 1 : 0; });
}

void rotate_all_alike(plan::Plan& plan) {
  change_each<plan::Rope>(plan, [](plan::Rope& op) { op.settings = 0; });
}

void forget_to_stretch(plan::Plan& plan) {
  for (double& frequency : plan.rope_settings[0].frequencies) frequency *= 8;
}

void forget_the_cap_on_scores(plan::Plan& plan) {
  change_each<plan::Attention>(plan, [](plan::Attention& op) { op.soft_cap = 0; });
}

void forget_the_cap_on_logits(plan::Plan& plan) {
  change_each<plan::SoftCap>(plan, [](plan::SoftCap& op) { op.cap = 1e6f; });
}

void forget_the_scale(plan::Plan& plan) {
  change_each<plan::Scale>(plan, [](plan::Scale& op) { op.factor = 1; });
}

void forget_the_magnitude(plan::Plan& plan) {
  plan.rope_settings[0].magnitude = 1;
}

void take_the_long_factors(plan::Plan& plan) {
  plan.rope_settings[0].factors = plan.rope_settings[0].long_factors;
}

void swap_gate_and_up(plan::Plan& plan) {
  for (size_t i = 0; i + 1 < plan.weights.size(); ++i) {
    plan::WeightInfo& gate = plan.weights[i];
    plan::WeightInfo& up = plan.weights[i + 1];
    if (gate.name.contains("ffn_up") && up.name == gate.name) std::swap(gate.offset, up.offset);
  }
}

// In the layers, too, that have no rotation.
void rotate_every_layer(plan::Plan& plan) {
  std::vector<plan::Op> ops;
  std::vector<bool> is_rotated(plan.values.size());
  const auto rotated = [&](plan::Value x) {
    if (is_rotated[x.id]) return x;
    const plan::Value out = {static_cast<uint32_t>(plan.values.size())};
    const plan::ValueInfo info = plan[x];
    plan.values.push_back(info);
    ops.emplace_back(plan::Rope{.x = x, .settings = 0, .out = out});
    return out;
  };
  for (plan::Op op : plan.ops) {
    if (const auto* rope = std::get_if<plan::Rope>(&op)) is_rotated[rope->out.id] = true;
    if (auto* store = std::get_if<plan::StoreKv>(&op)) store->k = rotated(store->k);
    if (auto* attention = std::get_if<plan::Attention>(&op)) attention->q = rotated(attention->q);
    ops.push_back(op);
  }
  plan.ops = std::move(ops);
}

void use_silu(plan::Plan& plan) {
  change_each<plan::Activation>(plan, [](plan::Activation& op) { op.kind = plan::ActivationKind::silu; });
}

void forget_norms(plan::Plan& plan, std::string_view name) {
  for (plan::Op& op : plan.ops) {
    const auto* norm = std::get_if<plan::Norm>(&op);
    if (norm != nullptr && plan[norm->weight].name.contains(name)) {
      op = plan::Scale{.x = norm->x, .factor = 1, .out = norm->out};
    }
  }
}

void forget_post_attention_norms(plan::Plan& plan) {
  forget_norms(plan, "post_attention_norm");
}

void forget_post_ffw_norms(plan::Plan& plan) {
  forget_norms(plan, "post_ffw_norm");
}

void forget_head_norms(plan::Plan& plan) {
  forget_norms(plan, "attn_q_norm");
}

void forget_to_normalize(plan::Plan& plan) {
  change_each<plan::RouterWeights>(plan, [](plan::RouterWeights& op) { op.normalized = !op.normalized; });
}

void choose_fewer(plan::Plan& plan) {
  change_each<plan::TopK>(plan, [](plan::TopK& op) { op.count -= 1; });
}

void ignore_the_weights(plan::Plan& plan) {
  std::vector<plan::Op> ops;
  for (plan::Op& op : plan.ops) {
    if (auto* weights = std::get_if<plan::RouterWeights>(&op)) {
      const plan::Value zeros = {static_cast<uint32_t>(plan.values.size())};
      plan.values.push_back(plan[weights->logits]);
      ops.emplace_back(plan::Scale{.x = weights->logits, .factor = 0, .out = zeros});
      weights->logits = zeros;
    }
    ops.push_back(op);
  }
  plan.ops = std::move(ops);
}

// The sum with the sigmoid of a logit.
void scale_the_shared_expert(plan::Plan& plan, float factor) {
  for (plan::Op& op : plan.ops) {
    const auto* sum = std::get_if<plan::WeightedSum>(&op);
    if (sum != nullptr && plan[sum->weights].columns == 1)
      op = plan::Scale{.x = sum->x, .factor = factor, .out = sum->out};
  }
}

void leave_out_the_shared_expert(plan::Plan& plan) {
  scale_the_shared_expert(plan, 0);
}

void forget_the_shared_router(plan::Plan& plan) {
  scale_the_shared_expert(plan, 1);
}

// Those of DecoderFile.
void forget_scale(plan::Plan& plan, float factor) {
  change_each<plan::Scale>(plan, [factor](plan::Scale& op) {
    if (op.factor == factor) op.factor = 1;
  });
}

void forget_the_embedding_scale(plan::Plan& plan) {
  forget_scale(plan, 6);
}

void forget_the_residual_scale(plan::Plan& plan) {
  forget_scale(plan, 0.4f);
}

void forget_the_logit_scale(plan::Plan& plan) {
  forget_scale(plan, 1 / 3.0f);
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

struct Family {
  const char* name;
  uint32_t blocks;
  std::vector<std::pair<const char*, Mistake>> mistakes;
};

// 10 times what the comparison allows.
TEST(RandomWeights, MistakesMoveTheLogits) {
  const std::pair<const char*, Mistake> gelu = {"use silu", use_silu};
  const std::pair<const char*, Mistake> scale = {"forget the scale", forget_the_scale};
  const std::pair<const char*, Mistake> norm = {"normalize weights otherwise", forget_to_normalize};
  const std::pair<const char*, Mistake> fewer = {"choose fewer", choose_fewer};
  const std::pair<const char*, Mistake> weights = {"ignore the weights", ignore_the_weights};
  const Family families[] = {
      {"olmoe", 2, {norm, fewer, weights, {"forget norms", forget_head_norms}}},
      {"qwen2moe",
       2,
       {norm,
        fewer,
        weights,
        {"leave out the shared expert", leave_out_the_shared_expert},
        {"forget its router", forget_the_shared_router}}},
      {"qwen3moe", 2, {norm, fewer, weights, {"forget head norms", forget_head_norms}}},
      {"granitemoe",
       2,
       {norm,
        fewer,
        weights,
        {"scale scores wrongly", scale_wrongly},
        {"forget the embedding scale", forget_the_embedding_scale},
        {"forget the residual scale", forget_the_residual_scale},
        {"forget the logit scale", forget_the_logit_scale}}},
      {"gemma", 2, {gelu, scale, {"leave out rope", leave_out_rope}}},
      {"phi3",
       2,
       {{"leave out rope", leave_out_rope},
        {"forget the magnitude", forget_the_magnitude},
        {"take the long factors", take_the_long_factors},
        {"swap gate and up", swap_gate_and_up}}},
      {"gemma2",
       2,
       {gelu,
        scale,
        {"forget windows", forget_windows},
        {"put windows everywhere", put_windows_everywhere},
        {"widen windows", widen_windows},
        {"forget the cap on scores", forget_the_cap_on_scores},
        {"forget the cap on logits", forget_the_cap_on_logits},
        {"forget norms behind attention", forget_post_attention_norms},
        {"forget norms behind feed-forward", forget_post_ffw_norms}}},
      {"smollm3", 4, {{"rotate every layer", rotate_every_layer}}},
      {"olmo2",
       4,
       {{"forget norms of heads", forget_head_norms},
        {"rotate all alike", rotate_all_alike},
        {"forget windows", forget_windows},
        {"forget norms behind attention", forget_post_attention_norms},
        {"forget norms behind feed-forward", forget_post_ffw_norms}}},
      {"gemma3",
       6,
       {gelu,
        scale,
        {"forget windows", forget_windows},
        {"put windows everywhere", put_windows_everywhere},
        {"widen windows", widen_windows},
        {"rotate all alike", rotate_all_alike},
        {"forget to stretch", forget_to_stretch},
        {"forget head norms", forget_head_norms},
        {"forget norms behind attention", forget_post_attention_norms},
        {"forget norms behind feed-forward", forget_post_ffw_norms}}},
  };
  for (const Family& family : families) {
    DecoderFile decoder(family.name, family.blocks);
    if (family.blocks > 2) {
      decoder.set("rope.freq_base", 1e6f);
      decoder.set("rope.scaling.type", std::string("linear"));
      decoder.set("rope.scaling.factor", 8.0f);
    }
    const auto model = describe(decoder.header);
    ASSERT_TRUE(model) << model.error().message();
    const std::vector<std::byte> file = decoder.random_weights();
    const auto right = logits_of(model->plan, file);
    for (const auto& [name, mistake] : family.mistakes) {
      plan::Plan wrong = model->plan;
      mistake(wrong);
      EXPECT_GT(normalized_error(right, logits_of(wrong, file)), 1e-4) << family.name << ": " << name;
    }
  }
}

}  // namespace
}  // namespace chord::model
