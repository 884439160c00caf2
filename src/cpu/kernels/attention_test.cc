// store_kv and attention, over the same cache.
#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

struct Settings {
  KvType type = KvType::f32;
  uint32_t head_count = 1;
  uint32_t kv_head_count = 1;
  uint32_t key_length = 4;
  uint32_t value_length = 4;
  uint32_t cell_count = 16;
  uint32_t window = 0;
  float scale = 1;
  float soft_cap = 0;
  std::vector<float> sinks;
  bool causal = true;
};

size_t bytes_of_cell(KvType type, uint32_t length) {
  if (type == KvType::q8_0) return size_t{length} / 32 * 34;
  return size_t{length} * (type == KvType::f16 ? 2 : 4);
}

// A cache of two slots, of which the second is used.
class Model {
 public:
  Model(Run run, const Settings& settings, uint32_t threads = 1) : run_(run), settings_(settings) {
    team_.thread_count = threads;
    key_slot_bytes_ =
        bytes_of_cell(settings.type, settings.key_length) * settings.cell_count * settings.kv_head_count;
    value_slot_bytes_ =
        bytes_of_cell(settings.type, settings.value_length) * settings.cell_count * settings.kv_head_count;
    keys.resize(key_slot_bytes_ * 2);
    values.resize(value_slot_bytes_ * 2);
  }

  // Stores keys and values of `tokens` tokens and returns what their queries see.
  std::vector<float> step(uint32_t first_position, uint32_t tokens, const std::vector<float>& q,
                          const std::vector<float>& k, const std::vector<float>& v) {
    const Step step = {.token_count = tokens, .first_position = first_position, .slot = 1};
    const Cache cache = {.keys = address(keys),
                         .values = address(values),
                         .slot_bytes = key_slot_bytes_,
                         .head_count = settings_.kv_head_count,
                         .key_length = settings_.key_length,
                         .value_length = settings_.value_length,
                         .cell_count = settings_.cell_count,
                         .type = settings_.type,
                         .reserved = 0};
    run_op(run_, step, Op::store_kv, &Command::store_kv, {.cache = cache, .k = address(k), .v = address(v)});
    std::vector<float> out(size_t{tokens} * settings_.head_count * settings_.value_length);
    run_op(run_, step, Op::attention, &Command::attention,
           {.cache = cache,
            .q = address(q),
            .out = address(out),
            .sinks = address(settings_.sinks),
            .head_count = settings_.head_count,
            .window = settings_.window,
            .scale = settings_.scale,
            .soft_cap = settings_.soft_cap,
            .causal = settings_.causal ? 1U : 0U},
           &team_);
    return out;
  }

  std::vector<uint8_t> keys;
  std::vector<uint8_t> values;

 private:
  Run run_;
  Settings settings_;
  Team team_;
  size_t key_slot_bytes_;
  size_t value_slot_bytes_;
};

// The inputs of a whole sequence, and its outputs when run in pieces of the given lengths.
struct Sequence {
  Settings settings;
  uint32_t length;
  std::vector<float> q;
  std::vector<float> k;
  std::vector<float> v;

  Sequence(const Settings& chosen, uint32_t tokens, float scale = 1) : settings(chosen), length(tokens) {
    Random random(tokens + chosen.key_length);
    q = random.values(size_t{tokens} * chosen.head_count * chosen.key_length, scale);
    k = random.values(size_t{tokens} * chosen.kv_head_count * chosen.key_length, scale);
    v = random.values(size_t{tokens} * chosen.kv_head_count * chosen.value_length);
  }

  std::vector<float> run(Run run, const std::vector<uint32_t>& pieces, uint32_t threads = 1) const {
    Model model(run, settings, threads);
    std::vector<float> result;
    uint32_t position = 0;
    const auto rows = [&](const std::vector<float>& all, uint32_t count) {
      const size_t width = all.size() / length;
      const auto* first = all.data() + position * width;
      return std::vector<float>(first, first + count * width);
    };
    for (const uint32_t count : pieces) {
      const auto out = model.step(position, count, rows(q, count), rows(k, count), rows(v, count));
      result.insert(result.end(), out.begin(), out.end());
      position += count;
    }
    return result;
  }
};

class AttentionTest : public KernelTest {};
CHORD_TEST_EVERY_VARIANT(AttentionTest);

TEST_P(AttentionTest, WeighsValuesBySoftmax) {
  Model model(variant(), {.key_length = 1, .value_length = 2});
  // Scores 0 and log 3: weights 1/4 and 3/4.
  expect_near(model.step(0, 2, {1, 1}, {0, 1.09861228866811F}, {4, 8, 12, -8}),
              std::vector<float>{4, 8, 10, -4}, 1e-6);
}

TEST_P(AttentionTest, ScalesAndCapsScores) {
  // 2 tanh(6 / 2) = 1.990110, against 0.
  Model model(variant(), {.key_length = 1, .value_length = 1, .scale = 3, .soft_cap = 2});
  expect_near(model.step(0, 2, {1, 1}, {0, 2}, {0, 1}), std::vector<float>{0, 0.879755F}, 1e-6);
}

TEST_P(AttentionTest, LetsASinkTakeItsShare) {
  Model model(variant(), {.key_length = 1, .value_length = 1, .sinks = {1.09861228866811F}});
  expect_near(model.step(0, 1, {1}, {0}, {8}), std::vector<float>{2}, 1e-6);
}

TEST_P(AttentionTest, SeesOnlyTheWindow) {
  Model model(variant(), {.key_length = 1, .value_length = 1, .cell_count = 3, .window = 2});
  // All scores are equal; the ring of three cells wraps at position 3.
  expect_near(model.step(0, 2, {0, 0}, {1, 1}, {1, 2}), std::vector<float>{1, 1.5F}, 1e-6);
  expect_near(model.step(2, 2, {0, 0}, {1, 1}, {4, 8}), std::vector<float>{3, 6}, 1e-6);
}

TEST_P(AttentionTest, ReadsTheKeyHeadOfTheGroup) {
  Model model(variant(), {.head_count = 4, .kv_head_count = 2, .key_length = 1, .value_length = 1});
  expect_near(model.step(0, 1, {1, 2, 3, 4}, {1, 1}, {5, 7}), std::vector<float>{5, 5, 7, 7}, 1e-6);
}

TEST_P(AttentionTest, AgreesForEveryTypeAndLength) {
  for (const KvType type : {KvType::f16, KvType::f32, KvType::q8_0}) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    const std::vector<uint32_t> lengths = type == KvType::q8_0
                                              ? std::vector<uint32_t>{32, 64, 96}
                                              : std::vector<uint32_t>{1, 5, 8, 31, 33, 64, 100};
    for (const uint32_t key_length : lengths) {
      for (const uint32_t value_length : {lengths.front(), lengths.back()}) {
        const Sequence sequence({.type = type,
                                 .head_count = 4,
                                 .kv_head_count = 2,
                                 .key_length = key_length,
                                 .value_length = value_length,
                                 .cell_count = 70,
                                 .scale = 0.7F},
                                67);
        expect_near(sequence.run(variant(), {67}), sequence.run(reference(), {67}), 3e-6);
      }
    }
  }
}

TEST_P(AttentionTest, AgreesWithWindowCapAndSinks) {
  const Sequence sequence({.head_count = 2,
                           .key_length = 16,
                           .value_length = 16,
                           .cell_count = 100,
                           .window = 70,
                           .scale = 2,
                           .soft_cap = 5,
                           .sinks = {0.5F, -kInfinity}},
                          180);
  const std::vector<uint32_t> pieces = {30, 1, 30, 30, 30, 30, 29};
  expect_near(sequence.run(variant(), pieces), sequence.run(reference(), pieces), 3e-6);
}

TEST_P(AttentionTest, AgreesForEveryGroupOfHeads) {
  for (uint32_t group = 1; group <= 9; ++group) {
    SCOPED_TRACE(group);
    const Sequence sequence({.type = KvType::f16,
                             .head_count = 2 * group,
                             .kv_head_count = 2,
                             .key_length = 72,
                             .value_length = 40,
                             .cell_count = 100,
                             .window = group % 2 == 0 ? 41U : 0,
                             .scale = 0.5F},
                            75);
    const std::vector<uint32_t> pieces = {33, 1, 41};
    expect_near(sequence.run(variant(), pieces), sequence.run(reference(), pieces), 3e-6);
  }
}

TEST_P(AttentionTest, AgreesForLongHeads) {
  for (const KvType type : {KvType::f16, KvType::f32, KvType::q8_0}) {
    for (const uint32_t length : {128, 256, 288}) {
      const Sequence sequence({.type = type,
                               .head_count = 3,
                               .key_length = length,
                               .value_length = length,
                               .cell_count = 50,
                               .scale = 0.1F},
                              40);
      expect_near(sequence.run(variant(), {40}), sequence.run(reference(), {40}), 3e-6);
    }
  }
}

// Nor on the threads, which are only said to be there: the first one does without them.
TEST_P(AttentionTest, DoesNotDependOnHowTheTokensWereCut) {
  for (const KvType type : {KvType::f16, KvType::f32, KvType::q8_0}) {
    for (const uint32_t group : {1U, 2U, 3U, 8U}) {
      for (const uint32_t window : {0U, 50U}) {
        const uint32_t length = type == KvType::q8_0 ? 32 : 37;
        const Sequence sequence({.type = type,
                                 .head_count = 2 * group,
                                 .kv_head_count = 2,
                                 .key_length = length,
                                 .value_length = length,
                                 .cell_count = 150,
                                 .window = window,
                                 .sinks = std::vector<float>(size_t{2} * group, 0.25F)},
                                110);
        const std::vector<float> expected = sequence.run(variant(), std::vector<uint32_t>(110, 1));
        expect_equal_bits(sequence.run(variant(), {110}), expected);
        expect_equal_bits(sequence.run(variant(), {1, 2, 64, 43}), expected);
        expect_equal_bits(sequence.run(variant(), {1, 2, 64, 43}, 7), expected);
      }
    }
  }
}

TEST_P(AttentionTest, LetsNoQuerySeeWhatComesAfterIt) {
  Sequence sequence({.head_count = 4, .key_length = 32, .value_length = 40, .cell_count = 64}, 45);
  const std::vector<float> expected = sequence.run(variant(), {45});
  const size_t token = 20;
  sequence.k[token * 32 + 3] = kNan;
  sequence.v[token * 40 + 5] = kInfinity;
  sequence.v[token * 40 + 39] = kNan;
  const std::vector<float> actual = sequence.run(variant(), {45});
  const size_t before = token * 4 * 40;
  expect_equal_bits(std::span(actual).first(before), std::span(expected).first(before));
  EXPECT_TRUE(std::isnan(actual[before]));
}

TEST_P(AttentionTest, LetsEveryQuerySeeTheWholeStepWhereNothingIsCausal) {
  Model model(variant(), {.key_length = 1, .value_length = 1, .causal = false});
  // All scores are equal.
  expect_near(model.step(0, 3, {0, 0, 0}, {1, 1, 1}, {1, 2, 6}), std::vector<float>{3, 3, 3}, 1e-6);
  expect_near(model.step(3, 1, {0}, {1}, {11}), std::vector<float>{5}, 1e-6);
}

TEST_P(AttentionTest, AgreesWhereNothingIsCausal) {
  for (const uint32_t length : {1U, 4U, 63U, 64U, 65U, 131U}) {
    SCOPED_TRACE(length);
    const Sequence sequence({.head_count = 3,
                             .kv_head_count = 3,
                             .key_length = 20,
                             .value_length = 36,
                             .cell_count = 131,
                             .causal = false},
                            length);
    const std::vector<float> expected = sequence.run(reference(), {length});
    const std::vector<float> actual = sequence.run(variant(), {length});
    expect_near(actual, expected, 3e-6);
    expect_equal_bits(sequence.run(variant(), {length}, 7), actual);
  }
}

TEST_P(AttentionTest, AgreesOnLargeScores) {
  const Sequence sequence({.key_length = 32, .value_length = 32, .cell_count = 100}, 100, 100);
  expect_near(sequence.run(variant(), {100}), sequence.run(reference(), {100}), 1e-3);
}

TEST_P(AttentionTest, GivesTheClassOfTheReferenceForNanAndInfinity) {
  for (const KvType type : {KvType::f16, KvType::f32, KvType::q8_0}) {
    for (const float special : {kNan, kInfinity, -kInfinity}) {
      Sequence keys({.type = type, .key_length = 32, .value_length = 32}, 3);
      keys.k[40] = special;
      expect_near(keys.run(variant(), {3}), keys.run(reference(), {3}), 1e-5);
      Sequence values({.type = type, .key_length = 32, .value_length = 32}, 3);
      values.v[40] = special;
      expect_near(values.run(variant(), {3}), values.run(reference(), {3}), 1e-5);
      Sequence queries({.type = type, .key_length = 32, .value_length = 32}, 3);
      queries.q[40] = special;
      expect_near(queries.run(variant(), {3}), queries.run(reference(), {3}), 1e-5);
    }
  }
}

TEST_P(AttentionTest, StoresAsTheReference) {
  for (const KvType type : {KvType::f16, KvType::f32, KvType::q8_0}) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    const uint32_t length = type == KvType::q8_0 ? 96 : 45;
    const Settings settings = {.type = type,
                               .head_count = 2,
                               .kv_head_count = 2,
                               .key_length = length,
                               .value_length = length,
                               .cell_count = 5};
    for (const float scale : {1.0F, 1e5F, 1e-6F, 1e-44F, 0.0F}) {
      Random random(length);
      const auto k = random.values(size_t{3} * 2 * length, scale);
      const auto v = random.values(size_t{3} * 2 * length, scale);
      const std::vector<float> q(size_t{3} * 2 * length);
      Model actual(variant(), settings);
      Model expected(reference(), settings);
      actual.step(3, 3, q, k, v);
      expected.step(3, 3, q, k, v);
      EXPECT_EQ(actual.keys, expected.keys);
      EXPECT_EQ(actual.values, expected.values);
    }
  }
}

TEST_P(AttentionTest, StoresQ80WithinHalfAQuantum) {
  const Settings settings = {.type = KvType::q8_0, .key_length = 32, .value_length = 32, .cell_count = 1};
  Model model(variant(), settings);
  const auto k = Random(3).values(32);
  model.step(0, 1, std::vector<float>(32), k, k);
  Q80 block;
  std::memcpy(&block, model.keys.data() + 34, sizeof block);  // the second slot
  const float d = f16_to_f32(block.d);
  for (uint32_t i = 0; i < 32; ++i) EXPECT_NEAR(static_cast<float>(block.qs[i]) * d, k[i], d * 0.57F);
}

}  // namespace
}  // namespace chord::cpu::kernels
