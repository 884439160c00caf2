#include "model/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "model/decoder_file.h"
#include "model/rope.h"

namespace chord::model {
namespace {

using testing::HasSubstr;

TEST(Describe, EveryArchitectureOfTheTable) {
  for (const Architecture& architecture : architectures()) {
    if (architecture.is_encoder) continue;  // encoder_test.cc
    const auto model = describe(DecoderFile(std::string(architecture.name)).header);
    ASSERT_TRUE(model) << architecture.name << ": " << model.error().message();
    EXPECT_EQ(count<plan::Attention>(model->plan), DecoderFile::kBlocks);
    ASSERT_TRUE(model->plan.logits);
    EXPECT_EQ(model->plan[*model->plan.logits].columns, DecoderFile::kVocab);
    EXPECT_EQ(count<plan::Bias>(model->plan),
              architecture.name.starts_with("qwen2") ? 3 * DecoderFile::kBlocks : 0);
    EXPECT_EQ(count<plan::Norm>(model->plan),
              DecoderFile::norms_per_block(architecture.name) * DecoderFile::kBlocks + 1);
  }
}

TEST(Describe, RotaryOrderIsTheArchitectures) {
  EXPECT_EQ(describe(DecoderFile("llama").header)->plan.rope_settings[0].order, plan::RopeOrder::adjacent);
  EXPECT_EQ(describe(DecoderFile("qwen2").header)->plan.rope_settings[0].order, plan::RopeOrder::halves);
  EXPECT_EQ(describe(DecoderFile("qwen3").header)->plan.rope_settings[0].order, plan::RopeOrder::halves);
}

TEST(Describe, TiedOutputIsTheEmbedding) {
  DecoderFile file("llama");
  file.remove("output.weight");
  const auto model = describe(file.header);
  ASSERT_TRUE(model);
  const auto& logits = std::get<plan::MatMul>(model->plan.ops[model->plan.ops.size() - 3]);
  EXPECT_EQ(model->plan[logits.w].name, "token_embd.weight");
}

TEST(Describe, BiasesOfTheFileAreApplied) {
  DecoderFile file("llama");
  file.add("blk.1.attn_output.bias", DecoderFile::kEmbedding);
  EXPECT_EQ(count<plan::Bias>(describe(file.header)->plan), 1);
}

TEST(Describe, BiasOfTheOutputIsApplied) {
  DecoderFile file("qwen2");
  const size_t without = count<plan::Bias>(describe(file.header)->plan);
  file.add("output.bias", DecoderFile::kVocab);
  EXPECT_EQ(count<plan::Bias>(describe(file.header)->plan), without + 1);
}

TEST(Describe, FusedQueriesKeysAndValuesAreTakenApart) {
  constexpr uint64_t kKv = uint64_t{DecoderFile::kEmbedding} / DecoderFile::kHeads * DecoderFile::kHeadsKv;
  constexpr uint64_t kAll = DecoderFile::kEmbedding + 2 * kKv;
  DecoderFile file("qwen2");
  for (const char* name : {"blk.1.attn_q", "blk.1.attn_k", "blk.1.attn_v"}) {
    file.remove(concat(name, ".weight"));
    file.remove(concat(name, ".bias"));
  }
  file.add("blk.1.attn_qkv.weight", DecoderFile::kEmbedding, kAll);
  file.add("blk.1.attn_qkv.bias", kAll);
  const auto model = describe(file.header);
  ASSERT_TRUE(model) << model.error().message();

  const auto ranges = [&](std::string_view name) {
    const uint64_t begin = file.header.find_tensor(name)->offset;
    std::vector<std::pair<uint64_t, uint64_t>> found;
    for (const plan::WeightInfo& weight : model->plan.weights) {
      if (weight.name == name) found.emplace_back(weight.offset - begin, weight.bytes);
    }
    return found;
  };
  constexpr uint64_t kRow = uint64_t{DecoderFile::kEmbedding} * 4;
  EXPECT_THAT(ranges("blk.1.attn_qkv.weight"),
              testing::ElementsAre(testing::Pair(0, 32 * kRow), testing::Pair(32 * kRow, kKv * kRow),
                                   testing::Pair((32 + kKv) * kRow, kKv * kRow)));
  EXPECT_THAT(ranges("blk.1.attn_qkv.bias"),
              testing::ElementsAre(testing::Pair(0, 32 * 4), testing::Pair(32 * 4, kKv * 4),
                                   testing::Pair((32 + kKv) * 4, kKv * 4)));

  file.remove("blk.1.attn_qkv.weight");
  file.add("blk.1.attn_qkv.weight", DecoderFile::kEmbedding, kAll + 1);
  EXPECT_EQ(file.error().message(),
            "tensor blk.1.attn_qkv.weight has the shape [32, 65]; the metadata asks for [32, 64]");
}

std::vector<plan::Attention> attentions(const DecoderFile& file) {
  std::vector<plan::Attention> found;
  for (const plan::Op& op : describe(file.header)->plan.ops) {
    if (const auto* attention = std::get_if<plan::Attention>(&op)) found.push_back(*attention);
  }
  return found;
}

TEST(Gemma, WindowsAreAsOftenAsThePapersSay) {
  const auto windows = [](const DecoderFile& file) {
    std::vector<uint32_t> windows;
    for (const plan::Attention& op : attentions(file)) windows.push_back(op.window);
    return windows;
  };
  EXPECT_THAT(windows(DecoderFile("gemma", 3)), testing::Each(0));
  EXPECT_THAT(windows(DecoderFile("gemma2", 5)), testing::ElementsAre(4, 0, 4, 0, 4));
  EXPECT_THAT(windows(DecoderFile("gemma3", 8)), testing::ElementsAre(4, 4, 4, 4, 4, 0, 4, 4));
  DecoderFile file("gemma3", 6);
  file.set("attention.sliding_window", uint32_t{0});
  EXPECT_THAT(windows(file), testing::Each(0));
}

TEST(Gemma, LargestModelsDivideByTheLengthThatHeadsWouldHave) {
  DecoderFile file("gemma2", 2);
  file.set("attention.key_length", uint32_t{8});
  EXPECT_EQ(attentions(file)[0].scale, 1 / std::sqrt(8.0f));
  for (const auto& [name, blocks] : {std::pair("gemma2", 46u), std::pair("gemma3", 62u)}) {
    DecoderFile largest(name, blocks);
    largest.set("embedding_length", DecoderFile::kEmbedding);
    EXPECT_EQ(attentions(largest)[0].scale, 1 / std::sqrt(8.0f));
  }
}

TEST(Gemma, FirstFilesOfGemma2NameNeitherCapsNorWindow) {
  DecoderFile file("gemma2");
  for (const char* key : {"attn_logit_softcapping", "final_logit_softcapping", "attention.sliding_window"}) {
    file.unset(key);
  }
  EXPECT_EQ(attentions(file)[0].soft_cap, 50);
  EXPECT_EQ(attentions(file)[0].window, 4096u);
  const auto model = describe(file.header);
  for (const plan::Op& op : model->plan.ops) {
    if (const auto* cap = std::get_if<plan::SoftCap>(&op)) EXPECT_EQ(cap->cap, 30);
  }
}

TEST(Gemma, LocalLayersOfGemma3RotateByTheirOwnBaseUnstretched) {
  DecoderFile file("gemma3", 6);
  file.set("rope.freq_base", 1e6f);
  file.set("rope.scaling.factor", 8.0f);
  const auto model = describe(file.header);
  ASSERT_EQ(model->plan.rope_settings.size(), 2u);
  EXPECT_EQ(model->plan.rope_settings[0].frequencies[0], 1.0 / 8);
  EXPECT_EQ(model->plan.rope_settings[1].frequencies[0], 1.0);
  EXPECT_NEAR(model->plan.rope_settings[1].frequencies[1], 0.1, 1e-15);
}

TEST(Olmo2, StretchesOnlyTheLayersWithoutAWindow) {
  DecoderFile file("olmo2", 4);
  file.set("rope.scaling.type", std::string("yarn"));
  file.set("rope.scaling.factor", 8.0f);
  const auto model = describe(file.header);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_GT(model->plan.rope_settings[0].magnitude, 1);
  EXPECT_EQ(model->plan.rope_settings[1].magnitude, 1);
  EXPECT_NEAR(model->plan.rope_settings[1].frequencies[3], 0.001, 1e-15);
  file.unset("attention.sliding_window");
  EXPECT_EQ(attentions(file)[0].window, 0u);
}

TEST(Granite, DoesNotRotateWhereTheFileSaysSo) {
  DecoderFile file("granite");
  EXPECT_EQ(count<plan::Rope>(describe(file.header)->plan), 2 * DecoderFile::kBlocks);
  file.set("rope.scaling.finetuned", false);
  EXPECT_EQ(count<plan::Rope>(describe(file.header)->plan), 0);
}

TEST(Phi3, TakesFusedMatricesApart) {
  DecoderFile file("phi3");
  const auto model = describe(file.header);
  ASSERT_TRUE(model) << model.error().message();
  const uint64_t begin = file.header.find_tensor("blk.1.ffn_up.weight")->offset;
  std::vector<uint64_t> offsets;
  for (const plan::WeightInfo& weight : model->plan.weights) {
    if (weight.name == "blk.1.ffn_up.weight") offsets.push_back(weight.offset - begin);
  }
  EXPECT_THAT(offsets,
              testing::ElementsAre(0, uint64_t{DecoderFile::kFeedForward} * DecoderFile::kEmbedding * 4));
  file.remove("blk.1.ffn_up.weight");
  EXPECT_THAT(file.error().message(), HasSubstr("no tensor blk.1.ffn_gate.weight"));
}

TEST(Phi3, HasAWindowWhereTheFileNamesOne) {
  DecoderFile file("phi3");
  EXPECT_EQ(attentions(file)[0].window, 0u);
  file.set("attention.sliding_window", uint32_t{0});
  EXPECT_EQ(attentions(file)[0].window, 0u);
  file.set("attention.sliding_window", uint32_t{2047});
  EXPECT_EQ(attentions(file)[0].window, 2047u);
  EXPECT_EQ(attentions(file)[1].window, 2047u);
}

TEST(Phi3, ChoosesFactorsByTheContext) {
  const auto model = describe(DecoderFile("phi3").header);
  const plan::RopeSettings& rope = model->plan.rope_settings[0];
  EXPECT_EQ(rope.magnitude, 1.2f);
  EXPECT_EQ(model->plan[*rope.factors_for(32)].name, "rope_factors_short.weight");
  EXPECT_EQ(model->plan[*rope.factors_for(33)].name, "rope_factors_long.weight");
}

TEST(Describe, UnknownArchitectureIsNamed) {
  DecoderFile file("llama");
  file.header.metadata.set("general.architecture", {std::string("mamba")});
  const auto model = describe(file.header);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code(), ErrorCode::unsupported_architecture);
  EXPECT_THAT(model.error().message(),
              HasSubstr("the file's architecture is \"mamba\"; supported are llama, qwen2, qwen3, "));
}

TEST(Describe, MissingTensorIsNamed) {
  DecoderFile file("llama");
  file.remove("blk.1.ffn_up.weight");
  EXPECT_THAT(file.error().message(), HasSubstr("no tensor blk.1.ffn_up.weight"));
}

TEST(Describe, MissingBiasOfQwen2IsNamed) {
  DecoderFile file("qwen2");
  file.remove("blk.0.attn_k.bias");
  EXPECT_THAT(file.error().message(), HasSubstr("no tensor blk.0.attn_k.bias"));
}

TEST(Describe, MisshapenTensorIsNamedWithBothShapes) {
  DecoderFile file("llama");
  file.remove("blk.0.ffn_down.weight");
  file.add("blk.0.ffn_down.weight", DecoderFile::kFeedForward, 31);
  EXPECT_EQ(file.error().message(),
            "tensor blk.0.ffn_down.weight has the shape [48, 31]; the metadata asks for [48, 32]");
}

TEST(Config, ImpossibleValuesAreRefused) {
  DecoderFile file("llama");
  file.set("attention.head_count_kv", uint32_t{3});
  EXPECT_EQ(file.error().message(),
            "llama.attention.head_count is 4, not a multiple of llama.attention.head_count_kv, 3");
  file = DecoderFile("llama");
  file.set("block_count", uint32_t{0});
  EXPECT_EQ(file.error().message(), "llama.block_count is 0; it must be 1 to 1024");
  file = DecoderFile("llama");
  file.set("attention.head_count", uint32_t{64});
  file.set("attention.head_count_kv", uint32_t{64});
  EXPECT_THAT(file.error().message(),
              HasSubstr("llama.attention.head_count is 64, more than the embedding_length of 32"));
  file = DecoderFile("llama");
  file.set("rope.dimension_count", uint32_t{7});
  EXPECT_EQ(file.error().message(),
            "llama.rope.dimension_count is 7; it must be even and at most the head's length, 8");
  file = DecoderFile("llama");
  file.set("rope.scaling.type", std::string("dynamic"));
  EXPECT_THAT(file.error().message(), HasSubstr("\"dynamic\"; known are none, linear, yarn and longrope"));
}

TEST(Mixture, IsWhatAFileSays) {
  DecoderFile file("qwen2moe");
  auto model = describe(file.header);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(count<plan::TopK>(model->plan), 2);
  EXPECT_EQ(count<plan::WeightedSum>(model->plan), 4);
  const auto weights = [&] {
    for (const plan::Op& op : describe(file.header)->plan.ops) {
      if (const auto* found = std::get_if<plan::RouterWeights>(&op)) return *found;
    }
    return plan::RouterWeights{};
  };
  EXPECT_FALSE(weights().normalized);
  EXPECT_EQ(weights().factor, 1);
  file.set("expert_weights_norm", true);
  file.set("expert_weights_scale", 2.5f);
  EXPECT_TRUE(weights().normalized);
  EXPECT_EQ(weights().factor, 2.5f);

  // The first files say nothing about lengths.
  file.unset("expert_feed_forward_length");
  file.unset("expert_shared_feed_forward_length");
  EXPECT_TRUE(describe(file.header));
  // A shared expert without a router of its own counts as it is.
  file.remove("blk.0.ffn_gate_inp_shexp.weight");
  EXPECT_EQ(count<plan::WeightedSum>(describe(file.header)->plan), 3);
}

TEST(Mixture, OfAnyDecoderOfItsKind) {
  DecoderFile file("llama");
  file.set_experts();
  EXPECT_EQ(file.error().message(),
            "the file has no tensor blk.0.ffn_gate_inp.weight, which its architecture needs");
  for (const char* prefix : {"blk.0.", "blk.1."}) file.add_experts(prefix);
  EXPECT_EQ(count<plan::TopK>(describe(file.header)->plan), 2);
  file = DecoderFile("gemma");
  file.set_experts();
  EXPECT_THAT(file.error().message(), HasSubstr("mixture of experts, which no gemma is"));
}

TEST(Mixture, RefusesWhatCannotBe) {
  DecoderFile file("olmoe");
  file.set("expert_used_count", uint32_t{7});
  EXPECT_EQ(file.error().message(), "olmoe.expert_used_count is 7; it must be 1 to 6");
  file = DecoderFile("olmoe");
  file.unset("expert_used_count");
  EXPECT_THAT(file.error().message(), HasSubstr("no olmoe.expert_used_count"));
  file = DecoderFile("olmoe");
  file.remove("blk.1.ffn_up_exps.weight");
  file.add("blk.1.ffn_up_exps.weight", 32, 6, 24);
  EXPECT_EQ(file.error().message(),
            "tensor blk.1.ffn_up_exps.weight has the shape [32, 6, 24]; the metadata asks for [32, 24, 6]");
  file = DecoderFile("olmoe");
  file.set("expert_count", uint32_t{2000});
  file.set("expert_used_count", uint32_t{1});
  for (const char* prefix : {"blk.0.ffn_", "blk.1.ffn_"}) {
    for (const char* name : {"gate_inp", "gate_exps", "up_exps", "down_exps"}) {
      file.remove(concat(prefix, name, ".weight"));
    }
    file.add(concat(prefix, "gate_inp.weight"), 32, 2000);
    file.add(concat(prefix, "gate_exps.weight"), 32, 24, 2000);
    file.add(concat(prefix, "up_exps.weight"), 32, 24, 2000);
    file.add(concat(prefix, "down_exps.weight"), 24, 32, 2000);
  }
  EXPECT_THAT(file.error().message(), HasSubstr("number of experts is 2000, wanted 1 to 1024"));
  file = DecoderFile("olmoe");
  file.add("blk.0.ffn_gate.0.weight", 32, 24);
  EXPECT_THAT(file.error().message(), HasSubstr("every expert has tensors of its own"));
}

TEST(Config, ScalingFactorWithoutATypeIsLinear) {
  DecoderFile file("llama");
  file.set("rope.scaling.factor", 4.0f);
  EXPECT_EQ(describe(file.header)->plan.rope_settings[0].frequencies[0], 0.25);
}

TEST(Config, OnlyTheAttentionFactorThatMultipliesIsRead) {
  DecoderFile file("qwen2");
  file.set("rope.scaling.type", std::string("yarn"));
  file.set("rope.scaling.factor", 4.0f);
  file.set("rope.scaling.yarn_attn_factor", 1.1386294f);
  EXPECT_NEAR(describe(file.header)->plan.rope_settings[0].magnitude, 1 + 0.1 * std::log(4.0), 1e-7);
  file.set("rope.scaling.attn_factor", 2.0f);
  EXPECT_NEAR(describe(file.header)->plan.rope_settings[0].magnitude, 2 * (1 + 0.1 * std::log(4.0)), 1e-6);
}

TEST(Config, MissingKeyIsNamed) {
  DecoderFile file("llama");
  file.header.metadata.remove("llama.context_length");
  EXPECT_EQ(file.error().message(), "the file has no llama.context_length, which its architecture needs");
}

RopeConfig plain_rope() {
  return {.dimension_count = 8,
          .freq_base = 10000,
          .scaling = RopeScaling::none,
          .factor = 1,
          .original_context_length = 4096,
          .beta_fast = 32,
          .beta_slow = 1,
          .attention_factor = 1};
}

TEST(Rope, FrequenciesFallFromOne) {
  const auto settings = rope_settings(plain_rope(), 8, plan::RopeOrder::halves);
  EXPECT_THAT(settings.frequencies,
              testing::ElementsAre(1.0, testing::DoubleNear(0.1, 1e-16), testing::DoubleNear(0.01, 1e-17),
                                   testing::DoubleNear(0.001, 1e-18)));
  EXPECT_EQ(settings.magnitude, 1.0f);
}

TEST(Rope, LinearScalingDividesThemAll) {
  RopeConfig rope = plain_rope();
  rope.scaling = RopeScaling::linear;
  rope.factor = 4;
  EXPECT_EQ(rope_settings(rope, 8, plan::RopeOrder::halves).frequencies[0], 0.25);
}

TEST(Rope, AttentionFactorNeedsNoScaling) {
  RopeConfig rope = plain_rope();
  rope.attention_factor = 1.5;
  EXPECT_EQ(rope_settings(rope, 8, plan::RopeOrder::halves).magnitude, 1.5f);
}

TEST(Rope, YarnThatDoesNotStretchKeepsTheMagnitude) {
  RopeConfig rope = plain_rope();
  rope.scaling = RopeScaling::yarn;
  rope.factor = 0.5;
  EXPECT_EQ(rope_settings(rope, 8, plan::RopeOrder::halves).magnitude, 1.0f);
}

// The formula of the paper's section 3.2, written once more.
TEST(Rope, YarnKeepsFastPairsAndDividesSlowOnes) {
  RopeConfig rope = plain_rope();
  rope.dimension_count = 128;
  rope.scaling = RopeScaling::yarn;
  rope.factor = 4;
  const auto settings = rope_settings(rope, 128, plan::RopeOrder::halves);
  const auto pair_of = [&](double rotations) {
    return 128 * std::log(4096 / (rotations * 2 * M_PI)) / (2 * std::log(10000.0));
  };
  const double low = std::floor(pair_of(32));
  const double high = std::ceil(pair_of(1));
  for (int pair = 0; pair < 64; ++pair) {
    const double frequency = std::pow(10000.0, -pair / 64.0);
    const double slow = std::min(1.0, std::max(0.0, (pair - low) / (high - low)));
    EXPECT_NEAR(settings.frequencies[static_cast<size_t>(pair)],
                frequency * (1 - slow) + frequency / 4 * slow, 1e-15);
  }
  EXPECT_GT(settings.frequencies[0], 0.999);
  EXPECT_NEAR(settings.frequencies[63] * 4, std::pow(10000.0, -63 / 64.0), 1e-15);
  EXPECT_NEAR(settings.magnitude, 1 + 0.1 * std::log(4.0), 1e-7);
}

}  // namespace
}  // namespace chord::model
