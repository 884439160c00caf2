#include "model/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "model/rope.h"

namespace chord::model {
namespace {

using testing::HasSubstr;

// A header such as a converter writes, of two blocks.
class Files {
 public:
  explicit Files(std::string architecture) : architecture_(std::move(architecture)) {
    header.metadata.set("general.architecture", {architecture_});
    set("context_length", 64);
    set("embedding_length", kEmbedding);
    set("block_count", kBlocks);
    set("feed_forward_length", kFeedForward);
    set("attention.head_count", kHeads);
    set("attention.head_count_kv", kHeadsKv);
    header.metadata.set(architecture_ + ".attention.layer_norm_rms_epsilon", {1e-5f});
    add("token_embd.weight", kEmbedding, kVocab);
    add("output_norm.weight", kEmbedding);
    add("output.weight", kEmbedding, kVocab);
    for (uint32_t i = 0; i < kBlocks; ++i) add_block(concat("blk.", i, "."));
  }

  void set(const std::string& name, uint32_t value) {
    header.metadata.set(architecture_ + "." + name, {value});
  }
  void set_number(const std::string& name, float value) {
    header.metadata.set(architecture_ + "." + name, {value});
  }
  void set_text(const std::string& name, std::string value) {
    header.metadata.set(architecture_ + "." + name, {std::move(value)});
  }

  void add(const std::string& name, uint64_t columns, uint64_t rows = 1) {
    header.tensors.push_back(
        {name, quant::Type::f32, rows == 1 ? 1u : 2u, {columns, rows, 1, 1}, next_, columns * rows * 4});
    next_ += columns * rows * 4;
  }
  void remove(const std::string& name) {
    std::erase_if(header.tensors, [&](const gguf::TensorInfo& tensor) { return tensor.name == name; });
  }

  std::string error() const {
    const auto model = describe(header);
    return model ? "" : model.error().message();
  }

  static constexpr uint32_t kEmbedding = 32, kBlocks = 2, kFeedForward = 48, kHeads = 4, kHeadsKv = 2,
                            kVocab = 100;
  gguf::Header header{};

 private:
  void add_block(const std::string& prefix) {
    constexpr uint32_t kKv = kEmbedding / kHeads * kHeadsKv;
    add(prefix + "attn_norm.weight", kEmbedding);
    add(prefix + "attn_q.weight", kEmbedding, kEmbedding);
    add(prefix + "attn_k.weight", kEmbedding, kKv);
    add(prefix + "attn_v.weight", kEmbedding, kKv);
    add(prefix + "attn_output.weight", kEmbedding, kEmbedding);
    add(prefix + "ffn_norm.weight", kEmbedding);
    add(prefix + "ffn_gate.weight", kEmbedding, kFeedForward);
    add(prefix + "ffn_up.weight", kEmbedding, kFeedForward);
    add(prefix + "ffn_down.weight", kFeedForward, kEmbedding);
    if (architecture_ == "qwen2") {
      add(prefix + "attn_q.bias", kEmbedding);
      add(prefix + "attn_k.bias", kKv);
      add(prefix + "attn_v.bias", kKv);
    }
    if (architecture_ == "qwen3") {
      add(prefix + "attn_q_norm.weight", kEmbedding / kHeads);
      add(prefix + "attn_k_norm.weight", kEmbedding / kHeads);
    }
  }

  std::string architecture_;
  uint64_t next_ = 4096;
};

template <class OpType>
size_t count(const plan::Plan& plan) {
  return static_cast<size_t>(
      std::ranges::count_if(plan.ops, [](const plan::Op& op) { return std::holds_alternative<OpType>(op); }));
}

TEST(Describe, EveryArchitectureOfTheTable) {
  for (const Architecture& architecture : architectures()) {
    if (architecture.is_encoder) continue;  // encoder_test.cc
    const auto model = describe(Files(std::string(architecture.name)).header);
    ASSERT_TRUE(model) << architecture.name << ": " << model.error().message();
    EXPECT_EQ(count<plan::Attention>(model->plan), Files::kBlocks);
    ASSERT_TRUE(model->plan.logits);
    EXPECT_EQ(model->plan[*model->plan.logits].columns, Files::kVocab);
    EXPECT_EQ(count<plan::Bias>(model->plan), architecture.name == "qwen2" ? 3 * Files::kBlocks : 0);
    EXPECT_EQ(count<plan::Norm>(model->plan),
              2 * Files::kBlocks + 1 + (architecture.name == "qwen3" ? 4 : 0));
  }
}

TEST(Describe, RotaryOrderIsTheArchitectures) {
  EXPECT_EQ(describe(Files("llama").header)->plan.rope_settings[0].order, plan::RopeOrder::adjacent);
  EXPECT_EQ(describe(Files("qwen2").header)->plan.rope_settings[0].order, plan::RopeOrder::halves);
  EXPECT_EQ(describe(Files("qwen3").header)->plan.rope_settings[0].order, plan::RopeOrder::halves);
}

TEST(Describe, TiedOutputIsTheEmbedding) {
  Files file("llama");
  file.remove("output.weight");
  const auto model = describe(file.header);
  ASSERT_TRUE(model);
  const auto& logits = std::get<plan::MatMul>(model->plan.ops[model->plan.ops.size() - 3]);
  EXPECT_EQ(model->plan[logits.w].name, "token_embd.weight");
}

TEST(Describe, BiasesOfTheFileAreApplied) {
  Files file("llama");
  file.add("blk.1.attn_output.bias", Files::kEmbedding);
  EXPECT_EQ(count<plan::Bias>(describe(file.header)->plan), 1);
}

TEST(Describe, BiasOfTheOutputIsApplied) {
  Files file("qwen2");
  const size_t without = count<plan::Bias>(describe(file.header)->plan);
  file.add("output.bias", Files::kVocab);
  EXPECT_EQ(count<plan::Bias>(describe(file.header)->plan), without + 1);
}

TEST(Describe, FusedQueriesKeysAndValuesAreTakenApart) {
  constexpr uint64_t kKv = uint64_t{Files::kEmbedding} / Files::kHeads * Files::kHeadsKv;
  constexpr uint64_t kAll = Files::kEmbedding + 2 * kKv;
  Files file("qwen2");
  for (const char* name : {"blk.1.attn_q", "blk.1.attn_k", "blk.1.attn_v"}) {
    file.remove(concat(name, ".weight"));
    file.remove(concat(name, ".bias"));
  }
  file.add("blk.1.attn_qkv.weight", Files::kEmbedding, kAll);
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
  constexpr uint64_t kRow = uint64_t{Files::kEmbedding} * 4;
  EXPECT_THAT(ranges("blk.1.attn_qkv.weight"),
              testing::ElementsAre(testing::Pair(0, 32 * kRow), testing::Pair(32 * kRow, kKv * kRow),
                                   testing::Pair((32 + kKv) * kRow, kKv * kRow)));
  EXPECT_THAT(ranges("blk.1.attn_qkv.bias"),
              testing::ElementsAre(testing::Pair(0, 32 * 4), testing::Pair(32 * 4, kKv * 4),
                                   testing::Pair((32 + kKv) * 4, kKv * 4)));

  file.remove("blk.1.attn_qkv.weight");
  file.add("blk.1.attn_qkv.weight", Files::kEmbedding, kAll + 1);
  EXPECT_EQ(file.error(),
            "tensor blk.1.attn_qkv.weight has the shape [32, 65]; the metadata asks for [32, 64]");
}

TEST(Describe, UnknownArchitectureIsNamed) {
  Files file("llama");
  file.header.metadata.set("general.architecture", {std::string("mamba")});
  const auto model = describe(file.header);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code(), ErrorCode::unsupported_architecture);
  EXPECT_EQ(model.error().message(),
            "the file's architecture is \"mamba\"; supported are llama, qwen2, qwen3, bert, nomic-bert");
}

TEST(Describe, MissingTensorIsNamed) {
  Files file("llama");
  file.remove("blk.1.ffn_up.weight");
  EXPECT_THAT(file.error(), HasSubstr("no tensor blk.1.ffn_up.weight"));
}

TEST(Describe, MissingBiasOfQwen2IsNamed) {
  Files file("qwen2");
  file.remove("blk.0.attn_k.bias");
  EXPECT_THAT(file.error(), HasSubstr("no tensor blk.0.attn_k.bias"));
}

TEST(Describe, MisshapenTensorIsNamedWithBothShapes) {
  Files file("llama");
  file.remove("blk.0.ffn_down.weight");
  file.add("blk.0.ffn_down.weight", Files::kFeedForward, 31);
  EXPECT_EQ(file.error(),
            "tensor blk.0.ffn_down.weight has the shape [48, 31]; the metadata asks for [48, 32]");
}

TEST(Config, ImpossibleValuesAreRefused) {
  Files file("llama");
  file.set("attention.head_count_kv", 3);
  EXPECT_EQ(file.error(),
            "llama.attention.head_count is 4, not a multiple of llama.attention.head_count_kv, 3");
  file = Files("llama");
  file.set("block_count", 0);
  EXPECT_EQ(file.error(), "llama.block_count is 0; it must be 1 to 1024");
  file = Files("llama");
  file.set("attention.head_count", 64);
  file.set("attention.head_count_kv", 64);
  EXPECT_THAT(file.error(),
              HasSubstr("llama.attention.head_count is 64, more than the embedding_length of 32"));
  file = Files("llama");
  file.set("rope.dimension_count", 7);
  EXPECT_EQ(file.error(),
            "llama.rope.dimension_count is 7; it must be even and at most the head's length, 8");
  file = Files("llama");
  file.set_text("rope.scaling.type", "longrope");
  EXPECT_THAT(file.error(), HasSubstr("\"longrope\"; known are none, linear and yarn"));
  file = Files("llama");
  file.set("expert_count", 8);
  EXPECT_THAT(file.error(), HasSubstr("mixture of experts"));
}

TEST(Config, ScalingFactorWithoutATypeIsLinear) {
  Files file("llama");
  file.set_number("rope.scaling.factor", 4);
  EXPECT_EQ(describe(file.header)->plan.rope_settings[0].frequencies[0], 0.25);
}

TEST(Config, OnlyTheAttentionFactorThatMultipliesIsRead) {
  Files file("qwen2");
  file.set_text("rope.scaling.type", "yarn");
  file.set_number("rope.scaling.factor", 4);
  file.set_number("rope.scaling.yarn_attn_factor", 1.1386294f);
  EXPECT_NEAR(describe(file.header)->plan.rope_settings[0].magnitude, 1 + 0.1 * std::log(4.0), 1e-7);
  file.set_number("rope.scaling.attn_factor", 2);
  EXPECT_NEAR(describe(file.header)->plan.rope_settings[0].magnitude, 2 * (1 + 0.1 * std::log(4.0)), 1e-6);
}

TEST(Config, MissingKeyIsNamed) {
  Files file("llama");
  file.header.metadata.remove("llama.context_length");
  EXPECT_EQ(file.error(), "the file has no llama.context_length, which its architecture needs");
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
  const auto settings = rope_settings(plain_rope(), 8, plan::RopeOrder::halves, std::nullopt);
  EXPECT_THAT(settings.frequencies,
              testing::ElementsAre(1.0, testing::DoubleNear(0.1, 1e-16), testing::DoubleNear(0.01, 1e-17),
                                   testing::DoubleNear(0.001, 1e-18)));
  EXPECT_EQ(settings.magnitude, 1.0f);
}

TEST(Rope, LinearScalingDividesThemAll) {
  RopeConfig rope = plain_rope();
  rope.scaling = RopeScaling::linear;
  rope.factor = 4;
  EXPECT_EQ(rope_settings(rope, 8, plan::RopeOrder::halves, std::nullopt).frequencies[0], 0.25);
}

TEST(Rope, AttentionFactorNeedsNoScaling) {
  RopeConfig rope = plain_rope();
  rope.attention_factor = 1.5;
  EXPECT_EQ(rope_settings(rope, 8, plan::RopeOrder::halves, std::nullopt).magnitude, 1.5f);
}

TEST(Rope, YarnThatDoesNotStretchKeepsTheMagnitude) {
  RopeConfig rope = plain_rope();
  rope.scaling = RopeScaling::yarn;
  rope.factor = 0.5;
  EXPECT_EQ(rope_settings(rope, 8, plan::RopeOrder::halves, std::nullopt).magnitude, 1.0f);
}

// The formula of the paper's section 3.2, written once more.
TEST(Rope, YarnKeepsFastPairsAndDividesSlowOnes) {
  RopeConfig rope = plain_rope();
  rope.dimension_count = 128;
  rope.scaling = RopeScaling::yarn;
  rope.factor = 4;
  const auto settings = rope_settings(rope, 128, plan::RopeOrder::halves, std::nullopt);
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
