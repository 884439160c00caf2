#include "webgpu/format.h"

#include <algorithm>
#include <iterator>

namespace chord::webgpu {
namespace {

using quant::Type;

constexpr Format kFormats[] = {
    {Type::f32, "f32", "", 0, 128, 0},
    {Type::f16, "f16", "", 0, 64, 0},
    {Type::bf16, "bf16", "", 0, 64, 0},
    {Type::q4_0, "half less nibbles int8_q4_0", "dot8_q4_0", 2, 16, 2},
    {Type::q4_1, "nibbles int8_q4_1", "dot8_any", 4, 16, 4},
    {Type::q5_0, "half less nibbles fifth_bits int8_q5_0", "dot8_any", 6, 16, 6},
    {Type::q5_1, "nibbles fifth_bits int8_q5_1", "dot8_any", 8, 16, 8},
    {Type::q8_0, "half int8_q8_0", "dot8_q8_0", 2, 32, 2},
    {Type::q2_k, "int8_q2_k", "dot8_any", 0, 80, 4},
    {Type::q3_k, "half less int8_q3_k", "dot8_any", 0, 96, 14},
    {Type::q4_k, "nibbles k_scales int8_q4_k", "dot8_q4_k", 0, 144, 0},
    {Type::q5_k, "nibbles k_scales int8_q5_k", "dot8_any", 0, 176, 0},
    {Type::q6_k, "half less nibbles int8_q6_k", "dot8_q6_k", 0, 208, 2},
    {Type::iq4_nl, "half nibbles four_bits int8_iq4_nl", "dot8_any", 2, 16, 2},
    {Type::iq4_xs, "nibbles four_bits int8_iq4_xs", "dot8_any", 8, 128, 8},
};

}  // namespace

const Format* find_format(quant::Type type) {
  const auto* found = std::ranges::find(kFormats, type, &Format::type);
  return found != std::end(kFormats) ? found : nullptr;
}

}  // namespace chord::webgpu
