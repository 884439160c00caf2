#include "webgpu/format.h"

#include <algorithm>
#include <iterator>

namespace chord::webgpu {
namespace {

using quant::Type;

constexpr Format kFormats[] = {
    {Type::f32, "f32", "", "", 0, 128, 0},
    {Type::f16, "f16", "", "", 0, 64, 0},
    {Type::bf16, "bf16", "", "", 0, 64, 0},
    {Type::q4_0, "bytes half q4_0", "planes spans dot8_q4_0", "planes half less int8_q4_0", 2, 16, 2},
    {Type::q4_1, "bytes q4_1", "", "", 4, 16, 4},
    {Type::q5_0, "bytes half fifth_bits q5_0", "", "", 6, 16, 6},
    {Type::q5_1, "bytes fifth_bits q5_1", "", "", 8, 16, 8},
    {Type::q8_0, "bytes half q8_0", "planes spans dot8_q8_0", "planes half int8_q8_0", 2, 32, 2},
    {Type::q2_k, "bytes q2_k", "", "", 0, 80, 4},
    {Type::q3_k, "bytes half q3_k", "", "", 0, 96, 14},
    {Type::q4_k, "bytes k_scales q4_k", "planes spans k_scales dot8_q4_k", "planes k_scales int8_q4_k", 0,
     144, 0},
    {Type::q5_k, "bytes k_scales q5_k", "", "", 0, 176, 0},
    {Type::q6_k, "bytes half q6_k", "planes spans half dot8_q6_k", "planes half less int8_q6_k", 0, 208, 2},
    {Type::iq4_nl, "half iq4 iq4_nl", "", "", 2, 16, 2},
    {Type::iq4_xs, "iq4 iq4_xs", "", "", 8, 128, 8},
};

}  // namespace

const Format* find_format(quant::Type type) {
  const auto* found = std::ranges::find(kFormats, type, &Format::type);
  return found != std::end(kFormats) ? found : nullptr;
}

}  // namespace chord::webgpu
