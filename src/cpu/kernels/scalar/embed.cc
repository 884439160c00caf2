#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/formats.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

template <class Block>
void embed_row(const Block* blocks, uint32_t columns, float* out) {
  for (uint32_t i = 0; i < columns; ++i) {
    out[i] = weight(blocks[i / Block::kLength], i % Block::kLength);
  }
}

}  // namespace

// An id outside the vocabulary has a row of NaN: it must neither read elsewhere nor look like an answer.
void Ops::embed(const Step& step, const Embed& op, const Share& /*share*/) {
  const auto* tokens = at<const int32_t>(step.tokens);
  auto* out = at<float>(op.out);
  for (uint32_t t = 0; t < step.token_count; ++t, out += op.columns) {
    const auto token = static_cast<uint32_t>(tokens[t]);
    if (token >= op.vocab_size) {
      for (uint32_t i = 0; i < op.columns; ++i) out[i] = __builtin_nanf("");
      continue;
    }
    visit_type(static_cast<Type>(op.type), [&]<class Block>(Block) {
      const uint64_t row_blocks = op.columns / Block::kLength;
      embed_row(at<const Block>(op.table) + token * row_blocks, op.columns, out);
    });
  }
}

}  // namespace chord::cpu::kernels::scalar
