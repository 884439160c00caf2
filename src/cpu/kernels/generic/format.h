// The weight types as a table for the loops over rows.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/generic/decode.h"
#include "cpu/kernels/generic/dot.h"

namespace chord::cpu::kernels::generic {

// Writes the `count` weights at `source`.
template <class V, class Block>
void decode_blocks(const uint8_t* source, uint32_t count, float* out) {
  const auto* blocks = reinterpret_cast<const Block*>(source);
  for (uint32_t b = 0; b < count / Block::kLength; ++b) {
    const Decoder<V, Block> decoder(blocks[b]);
#pragma clang loop unroll(disable)
    for (uint32_t p = 0; p < Block::kLength / kPart; ++p, out += kPart) {
      Part<V> w;
      decoder.part(p, w);
      for (uint32_t i = 0; i < kPart / V::kLanes; ++i) V::store(out + i * V::kLanes, w[i]);
    }
  }
}

template <class V, class Element>
void decode_elements(const uint8_t* source, uint32_t count, float* out) {
  using Run = Run32<Element>;
  decode_blocks<V, Run>(source, count, out);
  const auto* elements = reinterpret_cast<const Element*>(source);
  for (uint32_t i = count / kPart * kPart; i < count; ++i) out[i] = Decoder<V, Run>::single(elements[i]);
}

template <class V>
struct Format {
  // `count` is a whole number of blocks.
  void (*decode)(const uint8_t* source, uint32_t count, float* out);
  DotRows<V> dot_rows;
  uint32_t block_length;
  uint32_t block_bytes;

  uint64_t bytes(uint64_t weights) const { return weights / block_length * block_bytes; }
};

template <class V>
Format<V> format_of(Type type) {
  Format<V> format = {};
  visit_type(type, [&]<class Block>(Block) {
    if constexpr (Block::kLength == 1) {
      format = {.decode = decode_elements<V, Block>,
                .dot_rows = dot_element_rows<V, Block>,
                .block_length = 1,
                .block_bytes = sizeof(Block)};
    } else {
      format = {.decode = decode_blocks<V, Block>,
                .dot_rows = dot_block_rows<V, Block>,
                .block_length = Block::kLength,
                .block_bytes = sizeof(Block)};
    }
  });
  return format;
}

}  // namespace chord::cpu::kernels::generic
