#include "quant/encode.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "quant/blocks.h"
#include "quant/encode_block.h"
#include "quant/half.h"

namespace chord::quant {
namespace {

float representable(float weight) {
  return weight != weight ? 0.0f : std::clamp(weight, -65504.0f, 65504.0f);
}

template <class Block>
void encode_blocks(std::span<const float> weights, std::span<std::byte> out) {
  std::array<float, Block::kLength> buffer;
  for (; !weights.empty(); weights = weights.subspan(Block::kLength), out = out.subspan(sizeof(Block))) {
    std::ranges::transform(weights.first(Block::kLength), buffer.begin(), representable);
    Block block;
    encode_block(buffer, block);
    std::memcpy(out.data(), &block, sizeof(Block));
  }
}

template <uint16_t (*narrow)(float)>
void encode_halves(std::span<const float> weights, std::span<std::byte> out) {
  for (size_t i = 0; i < weights.size(); ++i) {
    const uint16_t bits = narrow(weights[i]);
    std::memcpy(out.data() + i * sizeof bits, &bits, sizeof bits);
  }
}

void copy(std::span<const float> weights, std::span<std::byte> out) {
  std::ranges::copy(std::as_bytes(weights), out.begin());
}

using Encoder = void (*)(std::span<const float>, std::span<std::byte>);

// Null where there is none.
Encoder find_encoder(Type type) {
  switch (type) {
    case Type::f32:
      return copy;
    case Type::f16:
      return encode_halves<f32_to_f16>;
    case Type::bf16:
      return encode_halves<f32_to_bf16>;
    case Type::q4_0:
      return encode_blocks<BlockQ40>;
    case Type::q4_1:
      return encode_blocks<BlockQ41>;
    case Type::q5_0:
      return encode_blocks<BlockQ50>;
    case Type::q5_1:
      return encode_blocks<BlockQ51>;
    case Type::q8_0:
      return encode_blocks<BlockQ80>;
    case Type::q2_k:
      return encode_blocks<BlockQ2K>;
    case Type::q3_k:
      return encode_blocks<BlockQ3K>;
    case Type::q4_k:
      return encode_blocks<BlockQ4K>;
    case Type::q5_k:
      return encode_blocks<BlockQ5K>;
    case Type::q6_k:
      return encode_blocks<BlockQ6K>;
    default:
      return nullptr;
  }
}

}  // namespace

bool can_encode(Type type) {
  return find_encoder(type) != nullptr;
}

void encode(Type type, std::span<const float> weights, std::span<std::byte> out) {
  assert(weights.size() % traits(type).block_length == 0 && out.size() == bytes_of(type, weights.size()));
  const Encoder encoder = find_encoder(type);
  assert(encoder);
  encoder(weights, out);
}

}  // namespace chord::quant
