#pragma once

#include "cpu/kernels/generic/format.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

// As scalar::Ops::embed.
template <class V>
void embed(const Step& step, const Embed& op, const Share& share) {
  const Format<V> format = format_of<V>(static_cast<Type>(op.type));
  const auto* tokens = at<const int32_t>(step.tokens);
  const auto* table = at<const uint8_t>(op.table);
  share.each(step.token_count, 1, [&](uint32_t begin, uint32_t end) {
    for (uint32_t t = begin; t < end; ++t) {
      const auto token = static_cast<uint32_t>(tokens[t]);
      float* out = at<float>(op.out) + uint64_t{t} * op.columns;
      if (token < op.vocab_size) {
        format.decode(table + token * format.bytes(op.columns), op.columns, out);
      } else {
        for (uint32_t i = 0; i < op.columns; ++i) out[i] = __builtin_nanf("");
      }
    }
  });
}

}  // namespace chord::cpu::kernels::generic
