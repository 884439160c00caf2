// add, multiply, unary, gated, norm and select_rows.
#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

// The vectors' lengths, with one less and one more.
constexpr uint32_t kColumns[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 64, 100, 129};

class ElementwiseTest : public KernelTest {
 protected:
  static std::vector<float> add(kernels::Run run, const std::vector<float>& a, const std::vector<float>& b,
                                uint32_t rows, bool broadcast) {
    std::vector<float> out(a.size());
    const Step step = {.token_count = rows};
    run_op(run, step, Op::add, &Command::add,
           {.a = address(a),
            .b = address(b),
            .out = address(out),
            .rows = Rows::tokens,
            .columns = static_cast<uint32_t>(a.size() / rows),
            .broadcast = broadcast ? 1U : 0U});
    return out;
  }

  static std::vector<float> multiply(kernels::Run run, const std::vector<float>& a,
                                     const std::vector<float>& b) {
    std::vector<float> out(a.size());
    const Step step = {.output_count = 1};
    run_op(run, step, Op::multiply, &Command::multiply,
           {.a = address(a),
            .b = address(b),
            .out = address(out),
            .rows = Rows::outputs,
            .columns = static_cast<uint32_t>(a.size())});
    return out;
  }

  static std::vector<float> unary(kernels::Run run, UnaryKind kind, const std::vector<float>& x,
                                  float parameter) {
    std::vector<float> out = x;
    const Step step = {.token_count = 1};
    run_op(run, step, Op::unary, &Command::unary,
           {.x = address(out),
            .out = address(out),
            .rows = Rows::tokens,
            .columns = static_cast<uint32_t>(x.size()),
            .kind = kind,
            .parameter = parameter});
    return out;
  }

  static std::vector<float> gated(kernels::Run run, UnaryKind kind, const std::vector<float>& gate,
                                  const std::vector<float>& up) {
    std::vector<float> out(gate.size());
    const Step step = {.token_count = 1};
    run_op(run, step, Op::gated, &Command::gated,
           {.gate = address(gate),
            .up = address(up),
            .out = address(out),
            .rows = Rows::tokens,
            .columns = static_cast<uint32_t>(gate.size()),
            .kind = kind});
    return out;
  }

  struct NormCase {
    std::vector<float> x;
    std::vector<float> weight;
    std::vector<float> bias;
    uint32_t rows;
    uint32_t groups;
    bool layer;

    std::vector<float> run(kernels::Run run, bool in_place = false) const {
      std::vector<float> out = in_place ? x : std::vector<float>(x.size());
      const Step step = {.token_count = rows};
      run_op(run, step, Op::norm, &Command::norm,
             {.x = in_place ? address(out) : address(x),
              .weight = address(weight),
              .bias = address(bias),
              .out = address(out),
              .rows = Rows::tokens,
              .columns = static_cast<uint32_t>(x.size() / rows),
              .groups = groups,
              .epsilon = 1e-5F,
              .layer = layer ? 1U : 0U});
      return out;
    }
  };
};
CHORD_TEST_EVERY_VARIANT(ElementwiseTest);

TEST_P(ElementwiseTest, Adds) {
  EXPECT_THAT(add(variant(), {1, 2, 3, 4}, {10, 20, 30, 40}, 2, false), testing::ElementsAre(11, 22, 33, 44));
  EXPECT_THAT(add(variant(), {1, 2, 3, 4}, {10, 20}, 2, true), testing::ElementsAre(11, 22, 13, 24));
  for (const uint32_t columns : kColumns) {
    Random random(columns);
    const auto a = random.values(size_t{columns} * 3);
    const auto b = random.values(size_t{columns} * 3);
    expect_equal_bits(add(variant(), a, b, 3, false), add(reference(), a, b, 3, false));
    expect_equal_bits(add(variant(), a, b, 3, true), add(reference(), a, b, 3, true));
  }
}

TEST_P(ElementwiseTest, Multiplies) {
  EXPECT_THAT(multiply(variant(), {1, 2, 3}, {10, 20, -30}), testing::ElementsAre(10, 40, -90));
  for (const uint32_t columns : kColumns) {
    Random random(columns);
    const auto a = random.values(columns);
    const auto b = random.values(columns);
    expect_equal_bits(multiply(variant(), a, b), multiply(reference(), a, b));
  }
}

TEST_P(ElementwiseTest, AppliesFunctions) {
  // Values of the definitions, to ten digits.
  expect_near(unary(variant(), UnaryKind::silu, {0, 1, -2, 20}, 0),
              std::vector<float>{0, 0.7310585786F, -0.2384058440F, 19.99999996F}, 2e-7);
  expect_near(unary(variant(), UnaryKind::sigmoid, {0, 1, -2, 20}, 0),
              std::vector<float>{0.5F, 0.7310585786F, 0.1192029220F, 0.9999999979F}, 2e-7);
  expect_near(unary(variant(), UnaryKind::gelu, {0, 1, -2, 3}, 0),
              std::vector<float>{0, 0.8411919906F, -0.0454023059F, 2.9963627078F}, 2e-7);
  EXPECT_THAT(unary(variant(), UnaryKind::scale, {0, 1, -2, 3, 5}, 3), testing::ElementsAre(0, 3, -6, 9, 15));
  expect_near(unary(variant(), UnaryKind::soft_cap, {0, 1, -60, 1e9F}, 30),
              std::vector<float>{0, 0.9996299069F, -28.9208274024F, 30}, 2e-7);
}

TEST_P(ElementwiseTest, AgreesOnFunctionsOfAnyArgument) {
  std::vector<float> x = {kNan,    kInfinity, -kInfinity, 3e38F, -3e38F, 1e-40F,
                          -1e-40F, 88.8F,     -88.8F,     -103,  -104};
  for (const double value : arithmetic(-110, 110, 0.137)) x.push_back(static_cast<float>(value));
  for (const double value : geometric(1e-8, 1, 1.7)) x.push_back(static_cast<float>(value));
  for (const UnaryKind kind :
       {UnaryKind::silu, UnaryKind::gelu, UnaryKind::sigmoid, UnaryKind::scale, UnaryKind::soft_cap}) {
    SCOPED_TRACE(static_cast<uint32_t>(kind));
    expect_near(unary(variant(), kind, x, 30), unary(reference(), kind, x, 30), 3e-7);
  }
  const std::vector<float> up = Random(5).values(x.size(), 3);
  for (const UnaryKind kind : {UnaryKind::silu, UnaryKind::gelu}) {
    expect_near(gated(variant(), kind, x, up), gated(reference(), kind, x, up), 6e-7);
  }
}

TEST_P(ElementwiseTest, KeepsSmallArgumentsOfTheSoftCap) {
  for (const double exact : geometric(1e-9, 60, 1.3)) {
    const auto value = static_cast<float>(exact);
    const float capped = unary(variant(), UnaryKind::soft_cap, {value}, 30)[0];
    const double expected = 30 * std::tanh(static_cast<double>(value) / 30);
    EXPECT_NEAR(static_cast<double>(capped) / expected, 1, 4e-7) << value;
  }
}

TEST_P(ElementwiseTest, GatesEveryLength) {
  for (const uint32_t columns : kColumns) {
    Random random(columns);
    const auto gate = random.values(columns, 4);
    const auto up = random.values(columns);
    expect_near(gated(variant(), UnaryKind::silu, gate, up), gated(reference(), UnaryKind::silu, gate, up),
                5e-7);
  }
}

TEST_P(ElementwiseTest, NormalizesBySpecification) {
  // Mean square of 3 and 4: 12.5; ε shifts the result in the seventh digit.
  const NormCase rms = {.x = {3, 4}, .weight = {1, 10}, .bias = {}, .rows = 1, .groups = 1, .layer = false};
  expect_near(rms.run(variant()), std::vector<float>{0.848528F, 11.313704F}, 1e-6);
  const NormCase layer = {
      .x = {3, 5}, .weight = {1, 10}, .bias = {1, 2}, .rows = 1, .groups = 1, .layer = true};
  expect_near(layer.run(variant()), std::vector<float>{0.000005F, 11.99995F}, 1e-6);
  const NormCase groups = {
      .x = {3, 3, 7, 7}, .weight = {1, 2}, .bias = {}, .rows = 1, .groups = 2, .layer = false};
  expect_near(groups.run(variant()), std::vector<float>{1, 2, 1, 2}, 1e-6);
}

TEST_P(ElementwiseTest, NormalizesEveryLength) {
  for (const uint32_t columns : kColumns) {
    for (const bool layer : {false, true}) {
      Random random(columns);
      const NormCase norm = {.x = random.values(size_t{columns} * 6, 50),
                             .weight = random.values(columns),
                             .bias = layer ? random.values(columns) : std::vector<float>{},
                             .rows = 3,
                             .groups = 2,
                             .layer = layer};
      // A layer norm of one element is ε's alone.
      expect_near(norm.run(variant()), norm.run(reference()), 2e-6);
      expect_equal_bits(norm.run(variant(), true), norm.run(variant()));
    }
  }
}

TEST_P(ElementwiseTest, NormalizesExtremes) {
  for (const float special : {kNan, kInfinity, 1e15F, 1e-30F, 0.0F}) {
    NormCase norm = {.x = std::vector<float>(19, 0),
                     .weight = std::vector<float>(19, 1),
                     .bias = {},
                     .rows = 1,
                     .groups = 1,
                     .layer = false};
    norm.x[17] = special;
    expect_near(norm.run(variant()), norm.run(reference()), 1e-6);
  }
}

TEST_P(ElementwiseTest, SelectsRows) {
  const std::vector<float> x = {0, 1, 10, 11, 20, 21, 30, 31};
  const std::vector<uint32_t> rows = {1, 3};
  std::vector<float> out(4);
  const Step step = {.output_rows = address(rows), .token_count = 4, .output_count = 2};
  run_op(variant(), step, Op::select_rows, &Command::select_rows,
         {.x = address(x), .out = address(out), .columns = 2});
  EXPECT_THAT(out, testing::ElementsAre(10, 11, 30, 31));
}

}  // namespace
}  // namespace chord::cpu::kernels
