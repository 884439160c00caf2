#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "model/architecture.h"
#include "model/test_header.h"

namespace chord::model {
namespace {

using testing::HasSubstr;

class EncoderFile : public TestHeader {
 public:
  explicit EncoderFile(std::string name) : TestHeader(std::move(name)) {
    set("attention.layer_norm_epsilon", 1e-12f);
    set("attention.causal", false);
    set("pooling_type", uint32_t{1});
    add("token_types.weight", kEmbedding, 2);
    add_norm("token_embd_norm");
    const bool bert = architecture() == "bert";
    if (bert) add("position_embd.weight", kEmbedding, 64);
    for (uint32_t i = 0; i < kBlocks; ++i) {
      const std::string prefix = concat("blk.", i, ".");
      if (bert) {
        for (const char* part : {"attn_q", "attn_k", "attn_v"})
          add_matrix(prefix + part, kEmbedding, kEmbedding, true);
      } else {
        add_matrix(prefix + "attn_qkv", kEmbedding, uint64_t{3} * kEmbedding, false);
        add_matrix(prefix + "ffn_gate", kEmbedding, kFeedForward, false);
      }
      add_matrix(prefix + "attn_output", kEmbedding, kEmbedding, bert);
      add_norm(prefix + "attn_output_norm");
      add_matrix(prefix + "ffn_up", kEmbedding, kFeedForward, bert);
      add_matrix(prefix + "ffn_down", kFeedForward, kEmbedding, bert);
      add_norm(prefix + "layer_output_norm");
    }
  }

 private:
  void add_matrix(const std::string& name, uint64_t columns, uint64_t rows, bool bias) {
    add(name + ".weight", columns, rows);
    if (bias) add(name + ".bias", rows);
  }
  void add_norm(const std::string& name) {
    add(name + ".weight", kEmbedding);
    add(name + ".bias", kEmbedding);
  }
};

bool reads(const plan::Plan& plan, std::string_view name) {
  return std::ranges::any_of(plan.weights,
                             [name](const plan::WeightInfo& weight) { return weight.name == name; });
}

TEST(Encoder, DescribesBert) {
  const auto model = describe(EncoderFile("bert").header);
  ASSERT_TRUE(model) << model.error().message();
  const plan::Plan& plan = model->plan;
  EXPECT_FALSE(model->config.causal);
  EXPECT_EQ(model->config.pooling, Pooling::mean);
  EXPECT_FALSE(plan.logits);
  ASSERT_TRUE(plan.embeddings);
  EXPECT_EQ(plan[*plan.embeddings].columns, EncoderFile::kEmbedding);
  EXPECT_EQ(count<plan::Embed>(plan), 2);
  EXPECT_EQ(count<plan::Rope>(plan), 0);
  EXPECT_EQ(count<plan::Norm>(plan), 1 + 2 * EncoderFile::kBlocks);
  EXPECT_EQ(count<plan::Bias>(plan), 1 + 6 * EncoderFile::kBlocks);
  EXPECT_EQ(count<plan::Multiply>(plan), 0);
  for (const plan::Op& op : plan.ops) {
    if (const auto* attention = std::get_if<plan::Attention>(&op)) EXPECT_FALSE(attention->causal);
  }
}

TEST(Encoder, DescribesNomicBert) {
  const auto model = describe(EncoderFile("nomic-bert").header);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(count<plan::Embed>(model->plan), 1);
  EXPECT_EQ(count<plan::Rope>(model->plan), 2 * EncoderFile::kBlocks);
  EXPECT_EQ(model->plan.rope_settings[0].order, plan::RopeOrder::halves);
  EXPECT_EQ(count<plan::Bias>(model->plan), 1);
  EXPECT_EQ(count<plan::Multiply>(model->plan), EncoderFile::kBlocks);
}

TEST(Encoder, TakesBiasesAsTheFileHasThem) {
  EncoderFile files("bert");
  files.remove("blk.0.ffn_up.bias");
  files.remove("blk.1.layer_output_norm.bias");
  files.remove("token_types.weight");
  const auto model = describe(files.header);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(count<plan::Bias>(model->plan), 6 * EncoderFile::kBlocks - 1);
  EXPECT_FALSE(reads(model->plan, "blk.1.layer_output_norm.bias"));
}

TEST(Encoder, SeesWholeTextsWhateverTheFileSays) {
  EncoderFile files("bert");
  files.unset("attention.causal");
  EXPECT_FALSE(describe(files.header)->config.causal);
}

TEST(Encoder, RefusesWhatIsMissing) {
  EncoderFile files("bert");
  files.remove("position_embd.weight");
  EXPECT_THAT(files.error().message(), HasSubstr("position_embd.weight"));
  files = EncoderFile("bert");
  files.unset("attention.layer_norm_epsilon");
  EXPECT_THAT(files.error().message(), HasSubstr("no bert.attention.layer_norm_epsilon"));
  files = EncoderFile("bert");
  files.set("context_length", uint32_t{65});
  EXPECT_THAT(files.error().message(), HasSubstr("position_embd.weight has the shape [32, 64]"));
}

TEST(Encoder, RefusesPoolingThatItDoesNotKnow) {
  EncoderFile files("nomic-bert");
  files.set("pooling_type", uint32_t{4});
  EXPECT_EQ(files.error().code(), ErrorCode::unsupported_architecture);
  EXPECT_THAT(files.error().message(), HasSubstr("nomic-bert.pooling_type is 4"));
  files.set("pooling_type", uint32_t{5});
  EXPECT_EQ(files.error().code(), ErrorCode::invalid_model);
}

}  // namespace
}  // namespace chord::model
