#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

// A matrix product with everything that it reads.
struct Product {
  Type type;
  uint32_t tokens;
  uint32_t columns;
  uint32_t rows;
  std::vector<float> x;
  std::vector<uint8_t> weights;  // behind `shift` bytes
  uint32_t shift;
  uint64_t row_bytes;
  std::vector<float> bias;
  std::vector<float> residual;
  std::vector<int32_t> experts;
  uint64_t expert_bytes = 0;

  std::vector<float> run(Run run, uint32_t first = 0, uint32_t count = ~0U) const {
    if (count == ~0U) count = tokens;
    std::vector<float> out(size_t{count} * rows);
    const MatMul op = {.x = address(&x[size_t{first} * columns]),
                       .w = address(weights.data() + shift),
                       .out = address(out),
                       .bias = address(bias),
                       .residual = address(residual),
                       .experts = address(experts),
                       .expert_bytes = expert_bytes,
                       .row_bytes = row_bytes,
                       .rows = Rows::tokens,
                       .type = static_cast<uint32_t>(type),
                       .columns = columns,
                       .row_count = rows};
    const Step step = {.token_count = count};
    run_op(run, step, Op::matmul, &Command::matmul, op);
    return out;
  }
};

// Rows are further apart than their bytes, and begin at an address that has only the alignment of the type.
Product random_product(Type type, uint32_t tokens, uint32_t columns, uint32_t rows, float scale = 0.01F) {
  const BlockSize size = block_size(type);
  Random random(tokens * 131 + columns * 17 + rows);
  const uint32_t blocks = columns / size.length;
  Product product = {.type = type,
                     .tokens = tokens,
                     .columns = columns,
                     .rows = rows,
                     .x = random.values(size_t{tokens} * columns),
                     .weights = {},
                     .shift = type == Type::f32 || type == Type::q8_k ? 4U : 2U,
                     .row_bytes = uint64_t{blocks + 1} * size.bytes};
  const auto data = random.blocks(type, size_t{blocks + 1} * rows, scale);
  product.weights.resize(product.shift);
  product.weights.insert(product.weights.end(), data.begin(), data.end());
  return product;
}

// Lengths that are and are not multiples of the vectors and of the tile.
std::vector<uint32_t> columns_of(Type type) {
  const uint32_t length = block_size(type).length;
  if (length == 1) return {1, 3, 4, 7, 8, 9, 31, 255, 256, 257, 300, 515};
  if (length == 32) return {32, 64, 224, 256, 288, 544};
  return {256, 512, 768};
}

// For the rounding of a sum of f32 products that are larger than their sum.
double tolerance(const Product& product) {
  double largest = 0;
  for (const float y : product.run(std::prev(variants().end())->run)) {
    largest = std::max(largest, std::abs(static_cast<double>(y)));
  }
  return 1e-5 * std::max(largest, 1.0);
}

class MatMulTest : public KernelTest {};
CHORD_TEST_EVERY_VARIANT(MatMulTest);

TEST_P(MatMulTest, ComputesBySpecification) {
  Product product = {.type = Type::f32,
                     .tokens = 2,
                     .columns = 3,
                     .rows = 2,
                     .x = {1, 2, 3, -1, 0, 2},
                     .weights = std::vector<uint8_t>(24),
                     .shift = 0,
                     .row_bytes = 12};
  const float w[] = {1, 10, 100, 2, 4, 8};
  std::memcpy(product.weights.data(), w, sizeof w);
  EXPECT_THAT(product.run(variant()), testing::ElementsAre(321, 34, 199, 14));
  product.bias = {1, 2};
  EXPECT_THAT(product.run(variant()), testing::ElementsAre(322, 36, 200, 16));
  product.residual = {1000, 2000, 3000, 4000};
  EXPECT_THAT(product.run(variant()), testing::ElementsAre(1322, 2036, 3200, 4016));
}

TEST_P(MatMulTest, AgreesWithTheReferenceForEveryTypeAndShape) {
  for (const Type type : kTypes) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    for (const uint32_t columns : columns_of(type)) {
      for (const uint32_t rows : {1U, 3U, 4U, 9U}) {
        for (const uint32_t tokens : {1U, 2U, 5U}) {
          const Product product = random_product(type, tokens, columns, rows);
          expect_near(product.run(variant()), product.run(reference()), tolerance(product));
        }
      }
    }
  }
}

TEST_P(MatMulTest, AgreesWithTheReferenceForManyTokens) {
  for (const uint32_t tokens : {31U, 32U, 33U, 67U}) {
    const Product product = random_product(Type::q8_0, tokens, 288, 6);
    expect_near(product.run(variant()), product.run(reference()), tolerance(product));
  }
}

TEST_P(MatMulTest, AgreesUnderTheLargestAndTheSmallestScales) {
  for (const Type type : kTypes) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    for (const float scale : {65504.0F, 1e-7F}) {
      const Product product = random_product(type, 2, 256, 5, scale);
      expect_near(product.run(variant()), product.run(reference()), tolerance(product));
    }
  }
}

TEST_P(MatMulTest, GivesTheClassOfTheReferenceForNanAndInfinity) {
  for (const float special : {kNan, kInfinity, -kInfinity}) {
    for (const uint32_t where : {0U, 255U, 287U}) {
      Product product = random_product(Type::q4_0, 3, 288, 5);
      product.x[288 + where] = special;
      expect_near(product.run(variant()), product.run(reference()), tolerance(product));
    }
  }
}

TEST_P(MatMulTest, MultipliesZeroBlocksWithInfinityToNan) {
  Product product = random_product(Type::q8_0, 1, 32, 2);
  std::ranges::fill(product.weights, uint8_t{0});
  expect_near(product.run(variant()), std::vector<float>{0, 0}, 0);
  product.x[5] = kInfinity;
  expect_near(product.run(variant()), std::vector<float>{kNan, kNan}, 0);
}

TEST_P(MatMulTest, DoesNotDependOnHowTheTokensWereCut) {
  for (const Type type : {Type::f32, Type::q4_k, Type::q8_0}) {
    const Product product = random_product(type, 37, 512, 7);
    const std::vector<float> whole = product.run(variant());
    std::vector<float> pieces;
    for (const auto& [first, count] : {std::pair(0U, 1U), std::pair(1U, 2U), std::pair(3U, 34U)}) {
      const auto piece = product.run(variant(), first, count);
      pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    expect_equal_bits(pieces, whole);
  }
}

TEST_P(MatMulTest, GivesEachTokenItsExpert) {
  constexpr uint32_t kRows = 6;
  const Product all = random_product(Type::q8_0, 4, 64, kRows * 3);
  Product chosen = all;
  chosen.rows = kRows;
  chosen.experts = {2, 0, 1, 2};
  chosen.expert_bytes = kRows * all.row_bytes;
  chosen.bias = {1, 2, 3, 4, 5, 6};
  const auto every = all.run(reference());
  std::vector<float> expected;
  for (uint32_t t = 0; t < 4; ++t) {
    for (uint32_t j = 0; j < kRows; ++j) {
      const auto expert = static_cast<uint32_t>(chosen.experts[t]);
      expected.push_back(every[t * kRows * 3 + expert * kRows + j] + chosen.bias[j]);
    }
  }
  expect_near(chosen.run(variant()), expected, 1e-6);
}

TEST_P(MatMulTest, AddsTheOutputWhenItIsTheResidual) {
  Product product = random_product(Type::f16, 3, 40, 5);
  const auto before = Random(9).values(15);
  product.residual = before;
  const auto expected = product.run(reference());
  std::vector<float> out = before;
  const MatMul op = {.x = address(product.x),
                     .w = address(product.weights.data() + product.shift),
                     .out = address(out),
                     .residual = address(out),
                     .row_bytes = product.row_bytes,
                     .rows = Rows::outputs,
                     .type = static_cast<uint32_t>(product.type),
                     .columns = 40,
                     .row_count = 5};
  const Step step = {.output_count = 3};
  run_op(variant(), step, Op::matmul, &Command::matmul, op);
  expect_near(out, expected, 1e-5);
}

}  // namespace
}  // namespace chord::cpu::kernels
