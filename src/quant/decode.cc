#include "quant/decode.h"

#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "quant/blocks.h"
#include "quant/decode_block.h"
#include "quant/half.h"

namespace chord::quant {
namespace {

// The blocks are read as they lie in the file.
static_assert(std::endian::native == std::endian::little);

// Copies each block: GGUF promises no alignment of a row that starts inside a tensor.
template <class Block>
void decode_blocks(std::span<const std::byte> source, std::span<float> out) {
  for (; !out.empty(); out = out.subspan(Block::kLength), source = source.subspan(sizeof(Block))) {
    Block block;
    std::memcpy(&block, source.data(), sizeof(Block));
    decode_block(block, out.first<Block::kLength>());
  }
}

template <float (*widen)(uint16_t)>
void decode_halves(std::span<const std::byte> source, std::span<float> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    uint16_t bits;
    std::memcpy(&bits, source.data() + i * sizeof bits, sizeof bits);
    out[i] = widen(bits);
  }
}

}  // namespace

void decode(Type type, std::span<const std::byte> source, std::span<float> out) {
  assert(out.size() % traits(type).block_length == 0 && source.size() == bytes_of(type, out.size()));
  if (out.empty()) return;
  switch (type) {
    case Type::f32:
      std::memcpy(out.data(), source.data(), source.size());
      return;
    case Type::f16:
      return decode_halves<f16_to_f32>(source, out);
    case Type::bf16:
      return decode_halves<bf16_to_f32>(source, out);
    case Type::q4_0:
      return decode_blocks<BlockQ40>(source, out);
    case Type::q4_1:
      return decode_blocks<BlockQ41>(source, out);
    case Type::q5_0:
      return decode_blocks<BlockQ50>(source, out);
    case Type::q5_1:
      return decode_blocks<BlockQ51>(source, out);
    case Type::q8_0:
      return decode_blocks<BlockQ80>(source, out);
    case Type::q2_k:
      return decode_blocks<BlockQ2K>(source, out);
    case Type::q3_k:
      return decode_blocks<BlockQ3K>(source, out);
    case Type::q4_k:
      return decode_blocks<BlockQ4K>(source, out);
    case Type::q5_k:
      return decode_blocks<BlockQ5K>(source, out);
    case Type::q6_k:
      return decode_blocks<BlockQ6K>(source, out);
    case Type::q8_k:
      return decode_blocks<BlockQ8K>(source, out);
    case Type::iq4_nl:
      return decode_blocks<BlockIq4Nl>(source, out);
    case Type::iq4_xs:
      return decode_blocks<BlockIq4Xs>(source, out);
    case Type::q8_1:
    case Type::i8:
    case Type::i16:
    case Type::i32:
    case Type::i64:
    case Type::f64:
      break;
  }
  assert(false && "decode() of a type that holds no weights");
}

}  // namespace chord::quant
