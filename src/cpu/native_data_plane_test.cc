#include "cpu/native_data_plane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "cpu/kernels/variants.h"

namespace chord::cpu {
namespace {

TEST(NativeDataPlane, RunsTheVariantThatIsAskedFor) {
  for (const kernels::Variant& variant : kernels::variants()) {
    const auto opened = open_native_data_plane(variant.name);
    EXPECT_EQ(opened.has_value(), variant.supported()) << variant.name;
    if (opened) EXPECT_EQ((*opened)->kernels(), variant.name);
  }
  for (const kernels::Variant& variant : kernels::variants()) {
    if (!variant.supported()) continue;
    EXPECT_EQ((*open_native_data_plane())->kernels(), variant.name) << "the first is the best";
    break;
  }
}

TEST(NativeDataPlane, NamesTheVariantsThereAre) {
  const auto opened = open_native_data_plane("mmx");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(opened.error().message(), testing::MatchesRegex("kernels \"mmx\" are not .*: .*scalar"));
}

TEST(NativeDataPlane, AllocatesAlignedMemoryOrSaysHowMuchItLacks) {
  const auto memory = *open_native_data_plane();
  for (const uint64_t bytes : {0, 1, 63, 64, 1000}) {
    const uint64_t address = *memory->allocate(bytes);
    EXPECT_EQ(address % 64, 0u);
    std::array<std::byte, 64> pattern;
    pattern.fill(std::byte{0x5a});
    const auto some = std::span(pattern).first(std::min<uint64_t>(bytes, 64));
    memory->write(address, some);
    std::array<std::byte, 64> back = {};
    memory->read(address, std::span(back).first(some.size()));
    EXPECT_TRUE(std::ranges::equal(some, std::span(back).first(some.size())));
    memory->release(address);
  }
  for (const uint64_t bytes : {UINT64_MAX, UINT64_MAX - 63, uint64_t{1} << 63}) {
    const auto refused = memory->allocate(bytes);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::out_of_memory);
    EXPECT_EQ(refused.error().message(), concat(bytes, " bytes wanted, which the system refused"));
  }
}

}  // namespace
}  // namespace chord::cpu
