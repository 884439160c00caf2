#pragma once

#include "cpu/kernels/generic/format.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

// As scalar::Ops::embed.
template <class V>
void embed(const Step& step, const Embed& op) {
  const Format<V> format = format_of<V>(static_cast<Type>(op.type));
  const auto* tokens = at<const int32_t>(step.tokens);
  const auto* table = at<const uint8_t>(op.table);
  auto* out = at<float>(op.out);
  for (uint32_t t = 0; t < step.token_count; ++t, out += op.columns) {
    const auto token = static_cast<uint32_t>(tokens[t]);
    if (token < op.vocab_size) {
      format.decode(table + token * format.bytes(op.columns), op.columns, out);
    } else {
      for (uint32_t i = 0; i < op.columns; ++i) out[i] = __builtin_nanf("");
    }
  }
}

}  // namespace chord::cpu::kernels::generic
