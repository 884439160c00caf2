#include "cpu/kernels/testing.h"
#include "quant/decode.h"

namespace chord::cpu::kernels {
namespace {

// A matrix product with everything that it reads.
struct Product {
  Type type;
  uint32_t tokens;
  uint32_t columns;
  uint32_t rows;
  std::vector<float> x;
  std::vector<uint8_t> weights;  // as in a file
  std::vector<float> bias;
  std::vector<float> residual;
  std::vector<int32_t> experts;
  uint32_t expert_count = 1;
  uint32_t choices = 1;
  bool separate = false;

  // Tokens [first, first + count), quantized and packed by the variant.
  std::vector<float> run(Run run, uint32_t first = 0, uint32_t count = ~0U) const {
    if (count == ~0U) count = tokens;
    std::vector<float> out(size_t{count} * choices * rows);
    std::vector<uint8_t> packed;
    const size_t matrix_bytes = weights.size() / expert_count;
    for (auto at = weights.begin(); at != weights.end(); at += static_cast<ptrdiff_t>(matrix_bytes)) {
      const auto matrix = pack(run, type, columns, {at, at + static_cast<ptrdiff_t>(matrix_bytes)});
      packed.insert(packed.end(), matrix.begin(), matrix.end());
    }
    const uint32_t x_choices = separate ? choices : 1;
    const size_t x_columns = size_t{columns} * x_choices;
    const auto quantized =
        quantize(run, type, columns, std::span(x).subspan(first * x_columns, count * x_columns), x_choices);
    const MatMul op = {.x = address(quantized),
                       .w = address(packed),
                       .out = address(out),
                       .bias = address(bias),
                       .residual = address(residual),
                       .experts = address(experts),
                       .expert_bytes = packed_bytes(type, columns, rows),
                       .rows = Rows::tokens,
                       .type = static_cast<uint32_t>(type),
                       .columns = columns,
                       .row_count = rows,
                       .expert_count = expert_count,
                       .choices = choices,
                       .separate = separate ? 1U : 0U};
    const Step step = {.token_count = count};
    run_op(run, step, Op::matmul, &Command::matmul, op);
    return out;
  }
};

Product random_product(Type type, uint32_t tokens, uint32_t columns, uint32_t rows, float scale = 0.01F) {
  Random random(tokens * 131 + columns * 17 + rows);
  return {.type = type,
          .tokens = tokens,
          .columns = columns,
          .rows = rows,
          .x = random.values(size_t{tokens} * columns),
          .weights = random.blocks(type, size_t{columns} / block_size(type).length * rows, scale)};
}

// Lengths that are and are not multiples of the vectors and of the tile.
std::vector<uint32_t> columns_of(Type type) {
  const uint32_t length = block_size(type).length;
  if (length == 1) return {1, 3, 4, 7, 8, 9, 31, 255, 256, 257, 300, 515};
  if (length == 32) return {32, 64, 224, 256, 288, 544};
  return {256, 512, 768};
}

std::vector<Type> quantized_types() {
  std::vector<Type> types;
  for (const Type type : kTypes) {
    if (quantization_of(type) != Quantization::none) types.push_back(type);
  }
  return types;
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
                     .weights = std::vector<uint8_t>(24)};
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
      for (const uint32_t rows : {1U, 3U, 8U, 9U, 19U}) {
        for (const uint32_t tokens : {1U, 2U, 3U, 4U, 5U}) {
          const Product product = random_product(type, tokens, columns, rows);
          expect_near(product.run(variant()), product.run(reference()), tolerance(product));
        }
      }
    }
  }
}

TEST_P(MatMulTest, AgreesWithTheReferenceForManyTokens) {
  for (const Type type : {Type::f16, Type::q8_0, Type::q4_k}) {
    for (const uint32_t tokens : {31U, 32U, 33U, 67U, 130U}) {
      const Product product = random_product(type, tokens, 256, 6);
      expect_near(product.run(variant()), product.run(reference()), tolerance(product));
    }
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

// Every bit of the weights set, and activations that become -127 and 127: the largest integers there are. One
// token may have kernels of its own.
TEST_P(MatMulTest, HasRoomForTheLargestIntegers) {
  for (const Type type : quantized_types()) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    for (const uint8_t byte : {uint8_t{0xff}, uint8_t{0x80}, uint8_t{0x7f}, uint8_t{0}}) {
      for (const auto& [tokens, sign] : {std::pair{1U, 1.0F}, {1U, -1.0F}, {5U, 1.0F}, {5U, -1.0F}}) {
        Product product = random_product(type, tokens, 512, 8);
        const auto scaled = product.weights;
        const uint32_t block = block_size(type).bytes;
        Random random(3);
        std::ranges::fill(product.weights, byte);
        // The blocks' own scales, which are finite.
        visit_type(type, [&]<class Block>(Block filled) {
          for (size_t i = 0; i < product.weights.size(); i += block) {
            Block original;
            std::memcpy(&original, &scaled[i], block);
            std::memcpy(&filled, &product.weights[i], block);
            if constexpr (requires { filled.d; }) filled.d = original.d;
            if constexpr (requires { filled.m; }) filled.m = original.m;
            if constexpr (requires { filled.dmin; }) filled.dmin = original.dmin;
            std::memcpy(&product.weights[i], &filled, block);
          }
        });
        for (size_t i = 0; i < product.x.size(); ++i) {
          product.x[i] = i < product.columns ? sign : random.below(2) == 0 ? sign : -sign;
        }
        expect_near(product.run(variant()), product.run(reference()), tolerance(product));
      }
    }
  }
}

// What eight bits of activations are worth: an error of half a step for each, at random.
TEST_P(MatMulTest, IsCloseToTheProductWithoutQuantization) {
  for (const Type type : quantized_types()) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    const Product product = random_product(type, 3, 1024, 24);
    std::vector<float> w(size_t{product.columns} * product.rows);
    quant::decode(static_cast<quant::Type>(type), std::as_bytes(std::span(product.weights)), w);
    const auto actual = product.run(variant());
    double error = 0;
    double power = 0;
    for (uint32_t t = 0; t < product.tokens; ++t) {
      for (uint32_t j = 0; j < product.rows; ++j) {
        double exact = 0;
        for (uint32_t i = 0; i < product.columns; ++i) {
          exact += static_cast<double>(w[size_t{j} * product.columns + i]) *
                   static_cast<double>(product.x[size_t{t} * product.columns + i]);
        }
        const double difference = static_cast<double>(actual[size_t{t} * product.rows + j]) - exact;
        error += difference * difference;
        power += exact * exact;
      }
    }
    EXPECT_LT(error / power, 1e-4);
  }
}

TEST_P(MatMulTest, MakesNanOfNanAndInfinity) {
  for (const Type type : quantized_types()) {
    for (const float special : {kNan, kInfinity, -kInfinity}) {
      for (const uint32_t where : {0U, 255U, 511U}) {
        Product product = random_product(type, 3, 512, 5);
        product.x[512 + where] = special;
        const auto actual = product.run(variant());
        for (uint32_t i = 0; i < actual.size(); ++i) EXPECT_EQ(std::isnan(actual[i]), i / 5 == 1) << i;
      }
    }
  }
}

TEST_P(MatMulTest, MultipliesZeros) {
  for (const Type type : quantized_types()) {
    Product product = random_product(type, 2, 256, 9);
    std::ranges::fill(std::span(product.x).first(256), 0.0F);
    auto actual = product.run(variant());
    EXPECT_THAT(std::span(actual).first(9), testing::Each(0.0F));
    std::ranges::fill(product.weights, uint8_t{0});
    actual = product.run(variant());
    EXPECT_THAT(actual, testing::Each(0.0F));
  }
}

TEST_P(MatMulTest, DoesNotDependOnHowTheTokensWereCut) {
  for (const Type type : kTypes) {
    const Product product = random_product(type, 37, 512, 11);
    const std::vector<float> whole = product.run(variant());
    std::vector<float> pieces;
    for (const auto& [first, count] : {std::pair(0U, 1U), std::pair(1U, 2U), std::pair(3U, 34U)}) {
      const auto piece = product.run(variant(), first, count);
      pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    expect_equal_bits(pieces, whole);
  }
}

// The bits of an ordinary product with the expert's matrix.
void expect_experts(Run run, Type type, uint32_t tokens, uint32_t choices, bool separate) {
  constexpr uint32_t kRows = 11;
  constexpr uint32_t kExperts = 5;
  const uint32_t columns = std::max(block_size(type).length, 9U);
  const uint32_t x_rows = separate ? tokens * choices : tokens;
  Product product = random_product(type, x_rows, columns, kRows * kExperts);
  std::vector<std::vector<float>> of_expert;
  const size_t matrix_bytes = product.weights.size() / kExperts;
  for (size_t e = 0; e < kExperts; ++e) {
    Product plain = product;
    plain.rows = kRows;
    const auto matrix = std::span(product.weights).subspan(e * matrix_bytes, matrix_bytes);
    plain.weights.assign(matrix.begin(), matrix.end());
    of_expert.push_back(plain.run(run));
  }
  product.tokens = tokens;
  product.rows = kRows;
  product.expert_count = kExperts;
  product.choices = choices;
  product.separate = separate;
  Random random(choices);
  std::vector<float> expected;
  for (uint32_t i = 0; i < tokens * choices; ++i) {
    const uint32_t expert = random.below(kExperts - 1);  // the last one has no rows
    product.experts.push_back(static_cast<int32_t>(expert));
    const auto row = std::span(of_expert[expert]).subspan(size_t{separate ? i : i / choices} * kRows, kRows);
    expected.insert(expected.end(), row.begin(), row.end());
  }
  expect_equal_bits(product.run(run), expected);
}

TEST_P(MatMulTest, GivesEveryChoiceItsExpert) {
  for (const Type type : {Type::f32, Type::bf16, Type::q8_0, Type::q4_k}) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    for (const bool separate : {false, true}) {
      expect_experts(variant(), type, 1, 1, separate);
      expect_experts(variant(), type, 1, 3, separate);
      expect_experts(variant(), type, 2, 2, separate);
      expect_experts(variant(), type, 130, 3, separate);
    }
  }
  expect_experts(variant(), Type::q8_0, 2100, 2, false);  // more rows than are sorted at a time
}

TEST_P(MatMulTest, AddsTheOutputWhenItIsTheResidual) {
  Product product = random_product(Type::f16, 3, 40, 5);
  const auto before = Random(9).values(15);
  product.residual = before;
  const auto expected = product.run(reference());
  std::vector<float> out = before;
  const MatMul op = {.x = address(product.x),
                     .w = address(product.weights),
                     .out = address(out),
                     .residual = address(out),
                     .rows = Rows::outputs,
                     .type = static_cast<uint32_t>(product.type),
                     .columns = 40,
                     .row_count = 5,
                     .choices = 1};
  const Step step = {.output_count = 3};
  run_op(variant(), step, Op::matmul, &Command::matmul, op);
  expect_near(out, expected, 1e-5);
}

}  // namespace
}  // namespace chord::cpu::kernels
