// What the tests of the kernels share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/command.h"
#include "cpu/kernels/half.h"
#include "cpu/kernels/layout.h"
#include "cpu/kernels/team.h"
#include "cpu/kernels/variants.h"

// Operands and steps have many fields, of which a test names those that matter to it.
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers"

namespace chord::cpu::kernels {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

inline constexpr Type kTypes[] = {Type::f32,  Type::f16,  Type::bf16,   Type::q4_0,  Type::q4_1, Type::q5_0,
                                  Type::q5_1, Type::q8_0, Type::q2_k,   Type::q3_k,  Type::q4_k, Type::q5_k,
                                  Type::q6_k, Type::q8_k, Type::iq4_nl, Type::iq4_xs};

template <class T>
Address address(const T* pointer) {
  return static_cast<Address>(reinterpret_cast<uintptr_t>(pointer));
}

template <class T>
Address address(const std::vector<T>& items) {
  return address(items.data());
}

struct BlockSize {
  uint32_t length;
  uint32_t bytes;
};

inline BlockSize block_size(Type type) {
  BlockSize size = {};
  visit_type(type, [&]<class Block>(Block) { size = {.length = Block::kLength, .bytes = sizeof(Block)}; });
  return size;
}

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(engine_()) % limit; }

  // Evenly distributed in [-1, 1).
  float value() { return static_cast<float>(static_cast<int32_t>(engine_())) * 0x1p-31f; }

  std::vector<float> values(size_t count, float scale = 1) {
    std::vector<float> result(count);
    for (float& x : result) x = value() * scale;
    return result;
  }

  // Any quanta, under scales of about `scale`.
  std::vector<uint8_t> blocks(Type type, size_t count, float scale = 0.01F) {
    const BlockSize size = block_size(type);
    std::vector<uint8_t> result(count * size.bytes);
    for (uint8_t& byte : result) byte = static_cast<uint8_t>(engine_());
    visit_type(type, [&]<class Block>(Block block) {
      for (size_t i = 0; i < count; ++i) {
        std::memcpy(&block, &result[i * sizeof block], sizeof block);
        set_scales(block, scale);
        std::memcpy(&result[i * sizeof block], &block, sizeof block);
      }
    });
    return result;
  }

 private:
  template <class Block>
  void set_scales(Block& block, float scale) {
    if constexpr (std::is_same_v<Block, F32>) block.value = value();
    if constexpr (std::is_same_v<Block, F16>) block.bits = f32_to_f16(value());
    if constexpr (std::is_same_v<Block, Bf16>) block.bits = static_cast<uint16_t>(bits_of(value()) >> 16);
    if constexpr (requires { block.d = uint16_t{}; } && sizeof(Block) != sizeof(Q8K)) {
      block.d = f32_to_f16(value() * scale);
    }
    if constexpr (std::is_same_v<Block, Q8K>) block.d = value() * scale;
    if constexpr (requires { block.m; }) block.m = f32_to_f16(value() * scale);
    if constexpr (requires { block.dmin; }) block.dmin = f32_to_f16(value() * scale);
  }

  std::mt19937 engine_;
};

// first, first + step, … below last.
inline std::vector<double> arithmetic(double first, double last, double step) {
  std::vector<double> result;
  while (first < last) {
    result.push_back(first);
    first += step;
  }
  return result;
}

// first, first * factor, … below last.
inline std::vector<double> geometric(double first, double last, double factor) {
  std::vector<double> result;
  while (first < last) {
    result.push_back(first);
    first *= factor;
  }
  return result;
}

// Runs one op. The member of Command is found by the type of the operands.
template <class Operands>
void run_op(Run run, const Step& step, Op op, Operands Command::* member, const Operands& operands,
            const Team* team = nullptr) {
  Command command = {};
  command.op = op;
  command.*member = operands;
  EXPECT_EQ(run(address(team), address(&step), address(&command), 0, 1), Outcome::done);
}

// A matrix as the kernels want it, of the rows of a file.
inline std::vector<uint8_t> pack(Run run, Type type, uint32_t columns, const std::vector<uint8_t>& source) {
  const auto rows = static_cast<uint32_t>(source.size() / row_bytes(type, columns));
  std::vector<uint8_t> out(static_cast<size_t>(packed_bytes(type, columns, rows)), 0xee);
  run_op(run, {}, Op::pack, &Command::pack,
         {.source = address(source),
          .out = address(out),
          .type = static_cast<uint32_t>(type),
          .columns = columns,
          .rows = rows});
  return out;
}

// Activations [rows, choices, columns] as a product with weights of the type wants them.
inline std::vector<uint8_t> quantize(Run run, Type type, uint32_t columns, std::span<const float> x,
                                     uint32_t choices = 1) {
  const Quantization quantization = quantization_of(type);
  if (quantization == Quantization::none) {
    const auto bytes = std::as_bytes(x);
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    return {data, data + bytes.size()};
  }
  const auto rows = static_cast<uint32_t>(x.size() / columns / choices);
  std::vector<uint8_t> out(static_cast<size_t>(rows * choices * quantized_bytes(quantization, columns)),
                           0xee);
  const Step step = {.token_count = rows};
  run_op(run, step, Op::quantize, &Command::quantize,
         {.x = address(x.data()),
          .out = address(out),
          .rows = Rows::tokens,
          .columns = columns,
          .choices = choices,
          .quantization = quantization});
  return out;
}

// Every test of a file runs once for each variant that this processor supports.
class KernelTest : public testing::TestWithParam<Variant> {
 protected:
  static kernels::Run variant() { return GetParam().run; }
  static kernels::Run reference() { return std::prev(variants().end())->run; }
};

inline std::vector<Variant> supported_variants() {
  std::vector<Variant> result;
  for (const Variant& variant : variants()) {
    if (variant.supported()) result.push_back(variant);
  }
  return result;
}

#define CHORD_TEST_EVERY_VARIANT(suite)                                              \
  INSTANTIATE_TEST_SUITE_P(Variants, suite, testing::ValuesIn(supported_variants()), \
                           [](const testing::TestParamInfo<Variant>& info) { return info.param.name; })

// Elements are of the same class (NaN, infinities by sign, finite); finite ones differ by at most `tolerance`
// times the larger of 1 and the expected element.
inline void expect_near(std::span<const float> actual, std::span<const float> expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(actual[i])) << "element " << i << " is " << actual[i];
    } else if (std::isinf(expected[i])) {
      EXPECT_EQ(actual[i], expected[i]) << "element " << i;
    } else {
      const double limit = tolerance * std::max(1.0, std::abs(static_cast<double>(expected[i])));
      EXPECT_NEAR(static_cast<double>(actual[i]), static_cast<double>(expected[i]), limit) << "element " << i;
    }
    if (testing::Test::HasFailure()) return;
  }
}

inline void expect_equal_bits(std::span<const float> actual, std::span<const float> expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i]) && std::isnan(actual[i])) continue;
    ASSERT_EQ(bits_of(actual[i]), bits_of(expected[i]))
        << "element " << i << ": " << actual[i] << " and " << expected[i];
  }
}

}  // namespace chord::cpu::kernels
