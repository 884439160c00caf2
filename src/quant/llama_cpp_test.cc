// Against tensors of chord-tiny that llama.cpp quantized: the same bytes where ggml's rounding is simple, no
// greater error where both search.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/file.h"
#include "gguf/reader.h"
#include "quant/decode.h"
#include "quant/encode.h"

namespace chord::quant {
namespace {

constexpr std::string_view kShared = CHORD_SOURCE_DIR "/../shared/";

struct File {
  gguf::FileSource source;
  gguf::Header header;

  static File open(const std::string& name) {
    auto source = gguf::FileSource::open(std::string(kShared) + name).value();
    auto header = gguf::read(source).value();
    return {.source = std::move(source), .header = std::move(header)};
  }
  std::vector<std::byte> bytes(const gguf::TensorInfo& tensor) const {
    std::vector<std::byte> out(tensor.bytes);
    EXPECT_TRUE(source.read(tensor.offset, out));
    return out;
  }
};

std::vector<float> decoded(Type type, std::span<const std::byte> bytes) {
  const TypeTraits t = traits(type);
  std::vector<float> out(bytes.size() / t.block_bytes * t.block_length);
  decode(type, bytes, out);
  return out;
}

double squared_error(std::span<const float> weights, std::span<const float> approximation) {
  double sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double miss = static_cast<double>(approximation[i]) - static_cast<double>(weights[i]);
    sum += miss * miss;
  }
  return sum;
}

// Tensors of one type in a file, and what they were made from.
struct Sample {
  std::vector<float> weights;
  std::vector<std::byte> theirs;
};

// Every 1-in-`stride` tensor of `type`: the search is slow in a build with sanitizers.
std::vector<Sample> samples(const std::string& name, Type type, int stride) {
  const File original = File::open("models/chord-tiny/chord-tiny-f16.gguf");
  const File quantized = File::open("quants/chord-tiny-" + name + ".gguf");
  std::vector<Sample> out;
  int found = 0;
  for (const gguf::TensorInfo& tensor : quantized.header.tensors) {
    if (tensor.type != type || found++ % stride != 0) continue;
    const gguf::TensorInfo* source = original.header.find_tensor(tensor.name);
    out.push_back(
        {.weights = decoded(source->type, original.bytes(*source)), .theirs = quantized.bytes(tensor)});
  }
  EXPECT_FALSE(out.empty());
  return out;
}

struct FileCase {
  const char* file;
  Type type;
  double bound;
};

class LlamaCpp : public testing::TestWithParam<FileCase> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(std::string(kShared) + "quants")) {
      GTEST_SKIP() << kShared << "quants is absent: llama.cpp's tensors cannot be compared";
    }
  }
};

std::string case_name(const testing::TestParamInfo<FileCase>& test) {
  return std::string(traits(test.param.type).name);
}

// The bound is the relative error that llama.cpp's tensors have.
using LlamaCppDecode = LlamaCpp;
INSTANTIATE_TEST_SUITE_P(
    Types, LlamaCppDecode,
    testing::Values(FileCase{"q4_0", Type::q4_0, 0.0873}, FileCase{"q5_0", Type::q5_0, 0.0434},
                    FileCase{"q2_k", Type::q2_k, 0.295}, FileCase{"q2_k", Type::q3_k, 0.156},
                    FileCase{"q4_k_m", Type::q4_k, 0.0712}, FileCase{"iq4_nl", Type::q5_k, 0.0367},
                    FileCase{"q6_k", Type::q6_k, 0.0214}, FileCase{"iq4_nl", Type::iq4_nl, 0.0769}),
    case_name);

TEST_P(LlamaCppDecode, FindsTheWeights) {
  double error = 0;
  double total = 0;
  for (const auto& [weights, theirs] : samples(GetParam().file, GetParam().type, 1)) {
    error += squared_error(weights, decoded(GetParam().type, theirs));
    total += squared_error(weights, std::vector<float>(weights.size()));
  }
  EXPECT_NEAR(std::sqrt(error / total), GetParam().bound, 0.005 * GetParam().bound);
}

using LlamaCppBytes = LlamaCpp;
INSTANTIATE_TEST_SUITE_P(Types, LlamaCppBytes,
                         testing::Values(FileCase{"q4_0", Type::q4_0, 0}, FileCase{"q5_0", Type::q5_0, 0}),
                         case_name);

TEST_P(LlamaCppBytes, AreOurs) {
  for (const auto& [weights, theirs] : samples(GetParam().file, GetParam().type, 1)) {
    std::vector<std::byte> ours(theirs.size());
    encode(GetParam().type, weights, ours);
    EXPECT_TRUE(ours == theirs);
  }
}

// The bound is on the ratio of squared errors, just above what the search reaches: one that has lost a step
// is above it.
using LlamaCppError = LlamaCpp;
INSTANTIATE_TEST_SUITE_P(Types, LlamaCppError,
                         testing::Values(FileCase{"q2_k", Type::q2_k, 0.803},
                                         FileCase{"q2_k", Type::q3_k, 0.931},
                                         FileCase{"q4_k_m", Type::q4_k, 0.971},
                                         FileCase{"iq4_nl", Type::q5_k, 0.906},
                                         FileCase{"q6_k", Type::q6_k, 0.911}),
                         case_name);

TEST_P(LlamaCppError, IsMoreThanOurs) {
  double ours = 0;
  double theirs = 0;
  for (const auto& [weights, their_bytes] : samples(GetParam().file, GetParam().type, 8)) {
    std::vector<std::byte> our_bytes(their_bytes.size());
    encode(GetParam().type, weights, our_bytes);
    ours += squared_error(weights, decoded(GetParam().type, our_bytes));
    theirs += squared_error(weights, decoded(GetParam().type, their_bytes));
  }
  EXPECT_LT(ours / theirs, GetParam().bound);
}

}  // namespace
}  // namespace chord::quant
