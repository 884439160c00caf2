#pragma once

#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/quantize.h"
#include "cpu/kernels/share.h"

namespace chord::cpu::kernels::generic {

template <class Block>
void quantize_blocks(const Step& step, const Quantize& op, const Share& share) {
  constexpr uint32_t kPiece = 1024 / Block::kLength;
  const uint32_t blocks = op.columns / Block::kLength;
  const uint64_t row_bytes = quantized_bytes(op.quantization, op.columns);
  share.each(row_count(step, op.rows) * op.choices * blocks, kPiece, [&](uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; ++i) {
      const float* x = at<const float>(op.x) + uint64_t{i} * Block::kLength;
      quantize_block(x, at<Block>(op.out + i / blocks * row_bytes)[i % blocks]);
    }
  });
}

template <class P>
void quantize_for(const Step& step, const Quantize& op, const Share& share) {
  switch (op.quantization) {
    case Quantization::short_blocks:
      return quantize_blocks<ShortBlock<typename P::ForUnsigned>>(step, op, share);
    case Quantization::short_signed:
      return quantize_blocks<ShortBlock<typename P::ForSigned>>(step, op, share);
    case Quantization::long_blocks:
      return quantize_blocks<LongBlock<typename P::ForUnsigned>>(step, op, share);
    case Quantization::long_signed:
      return quantize_blocks<LongBlock<typename P::ForSigned>>(step, op, share);
    case Quantization::none:
      return;
  }
}

// As scalar::Ops::quantize, in the order that V's products want.
template <class V>
void quantize(const Step& step, const Quantize& op, const Share& share) {
  using P = V::Products;
  if constexpr (requires { typename P::ForOne; }) {
    if (row_count(step, op.rows) == 1) return quantize_for<typename P::ForOne>(step, op, share);
  }
  quantize_for<P>(step, op, share);
}

}  // namespace chord::cpu::kernels::generic
