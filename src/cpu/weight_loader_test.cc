#include "cpu/weight_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpu/kernels/command.h"
#include "cpu/saturating.h"
#include "cpu/test_model.h"

namespace chord::cpu {
namespace {

using quant::Type;

// An embedding, a norm and a matrix of experts.
TestModel model_of(Type type, uint64_t columns, uint64_t rows, uint64_t experts = 1) {
  plan::Builder b;
  TestWeights weights;
  const plan::Weight table = weights.add(b, "token_embd.weight", columns, rows, 1, type);
  const plan::Value x = b.rms_norm(b.embed(table), weights.add(b, "norm", columns), 1e-5F);
  const plan::Weight output = weights.add(b, "output.weight", columns, rows, experts, type);
  const plan::Value selected = b.select_rows(x);
  if (experts == 1) {
    b.logits(b.matmul(selected, output));
  } else {
    b.logits(b.matmul(selected, output, b.input("experts", plan::Rows::outputs, 1)));
  }
  return weights.finish(std::move(b));
}

// A plan's weights on their way into memory.
class Loading {
 public:
  explicit Loading(const TestModel& model) : model_(model), placement_(*Placement::create(model.plan)) {
    weights_ = *Allocation::create(data_plane, placement_.bytes(), "weights");
    placement_.set_base(weights_.address());
    const std::vector<std::byte> marks(placement_.bytes(), std::byte{0xee});
    data_plane.write(weights_.address(), marks);
    loader.emplace(*WeightLoader::create(placement_, data_plane));
  }

  // Supplies what is wanted in pieces of at most `piece` bytes.
  void run(uint64_t piece) {
    uint64_t end = 0;
    while (const auto wanted = loader->want()) {
      EXPECT_GE(wanted->offset, end);
      EXPECT_LE(wanted->length, kMaxRequestBytes);
      const uint64_t length = std::min(wanted->length, piece);
      data_plane.write(wanted->address, std::span(model_.file).subspan(wanted->offset, length));
      ASSERT_TRUE(loader->supply(length));
      end = wanted->offset + length;
    }
  }

  std::vector<std::byte> memory() {
    std::vector<std::byte> bytes(placement_.bytes());
    data_plane.read(placement_.base(), bytes);
    return bytes;
  }

  // What the memory must be when each matrix is packed by itself, in one piece.
  std::vector<std::byte> expected() {
    std::vector<std::byte> all(placement_.bytes(), std::byte{0xee});
    for (const PlacedTensor& tensor : placement_.tensors()) {
      const uint64_t packed = kernels::packed_bytes(tensor.type, tensor.columns, tensor.rows);
      for (uint64_t e = 0; e < tensor.experts; ++e) {
        const uint64_t bytes = tensor.bytes / tensor.experts;
        const auto matrix = std::span(all).subspan(tensor.place + e * packed, packed);
        const auto rows = std::span(model_.file).subspan(tensor.offset + e * bytes, bytes);
        if (kernels::panel_rows(tensor.type) == 1) {
          std::ranges::copy(rows, matrix.begin());
        } else {
          pack(tensor, rows, matrix);
        }
      }
    }
    return all;
  }

  CountingDataPlane data_plane;
  std::optional<WeightLoader> loader;

 private:
  void pack(const PlacedTensor& tensor, std::span<const std::byte> rows, std::span<std::byte> matrix) {
    const auto source = *Allocation::create(data_plane, rows.size(), "rows");
    const auto out = *Allocation::create(data_plane, matrix.size(), "panels");
    data_plane.write(source.address(), rows);
    const kernels::Step step = {};
    kernels::Command command = {};
    command.op = kernels::Op::pack;
    command.pack = {.source = source.address(),
                    .out = out.address(),
                    .type = static_cast<uint32_t>(tensor.type),
                    .columns = static_cast<uint32_t>(tensor.columns),
                    .rows = static_cast<uint32_t>(tensor.rows)};
    ASSERT_TRUE(
        data_plane.run(reinterpret_cast<uintptr_t>(&step), reinterpret_cast<uintptr_t>(&command), 0, 1));
    data_plane.read(out.address(), matrix);
  }

  const TestModel& model_;
  Placement placement_;
  Allocation weights_;
};

void expect_packed(const TestModel& model, uint64_t piece) {
  Loading loading(model);
  loading.run(piece);
  EXPECT_EQ(loading.memory(), loading.expected()) << "pieces of " << piece;
}

TEST(WeightLoader, PacksPanelsHoweverTheirBytesCome) {
  for (const Type type : {Type::f32, Type::f16, Type::q4_0, Type::q8_0, Type::q4_k, Type::q6_k}) {
    const TestModel model = model_of(type, 256, 19);
    for (const uint64_t piece : {1, 7, 1000, 4096, 1 << 20}) expect_packed(model, piece);
  }
}

TEST(WeightLoader, PacksMoreThanTheStagingAreaHolds) {
  // Panels that do not divide the area, and a last one with three rows.
  const TestModel model = model_of(Type::q8_0, 1792, 1203);
  for (const uint64_t piece : {9973, 65536, 1 << 23}) expect_packed(model, piece);
}

TEST(WeightLoader, PacksAPanelThatIsLargerThanTheUsualArea) {
  const TestModel model = model_of(Type::q8_0, 130'048, 9);
  for (const uint64_t piece : {65536, 1 << 23}) expect_packed(model, piece);
}

TEST(WeightLoader, PacksExpertsEachByItself) {
  const TestModel model = model_of(Type::q4_0, 64, 13, 5);
  for (const uint64_t piece : {1, 37, 500, 1 << 20}) expect_packed(model, piece);
}

TEST(WeightLoader, TakesFewerBytesThanItAskedForButNotMore) {
  const TestModel model = model_of(Type::f32, 8, 10);
  Loading loading(model);
  EXPECT_EQ(loading.loader->supply(321).error().message(),
            "321 bytes of weights were supplied, wanted 1 to 320");
  EXPECT_FALSE(loading.loader->supply(0));
  const auto before = *loading.loader->want();
  ASSERT_TRUE(loading.loader->supply(5));
  const auto after = *loading.loader->want();
  EXPECT_EQ(after.offset, before.offset + 5);
  EXPECT_EQ(after.length, before.length - 5);
  EXPECT_EQ(after.address, before.address + 5);
}

TEST(WeightLoader, AsksFor8MiBAtATimeOfWhatIsNotPacked) {
  const TestModel model = model_of(Type::f32, 1024, 5000);
  Loading loading(model);
  std::vector<uint64_t> lengths;
  while (const auto wanted = loading.loader->want()) {
    lengths.push_back(wanted->length);
    ASSERT_TRUE(loading.loader->supply(wanted->length));
  }
  constexpr uint64_t kMost = 8 << 20;
  constexpr uint64_t kRest = 20'480'000 - 2 * kMost;
  EXPECT_THAT(lengths, testing::ElementsAre(kMost, kMost, kRest, 4096, kMost, kMost, kRest));
}

TEST(WeightLoader, SaysWhenThereIsNoRoomForStaging) {
  const TestModel model = model_of(Type::q8_0, 256, 8);
  const Placement placement = *Placement::create(model.plan);
  CountingDataPlane data_plane;
  data_plane.limit = 1000;
  const auto loader = WeightLoader::create(placement, data_plane);
  ASSERT_FALSE(loader);
  EXPECT_EQ(loader.error().code(), ErrorCode::out_of_memory);
  EXPECT_THAT(loader.error().message(),
              testing::MatchesRegex("staging of weights: [0-9]+ bytes wanted, 1000 .*"));
}

TEST(WeightLoader, GivesItsMemoryBackWhenAllIsInPlace) {
  const TestModel model = model_of(Type::q8_0, 256, 8);
  CountingDataPlane data_plane;
  const auto device = *make_device(model.plan, data_plane, no_time);
  EXPECT_EQ(data_plane.live, 2);
  load(*device, model);
  EXPECT_EQ(data_plane.live, 1);
  EXPECT_EQ(device->supply(1).error().message(), "1 bytes were supplied and all weights are in place");
}

}  // namespace
}  // namespace chord::cpu
