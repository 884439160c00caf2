#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/element.h"
#include "cpu/kernels/scalar/ops.h"
#include "cpu/kernels/scalar/panel.h"

namespace chord::cpu::kernels::scalar {
namespace {

template <class Block>
void embed_row(Address table, uint32_t row, uint32_t columns, float* out) {
  if constexpr (Block::kLength == 1) {
    const auto* elements = at<const Block>(table) + uint64_t{row} * columns;
    for (uint32_t i = 0; i < columns; ++i) out[i] = weight(elements[i]);
  } else {
    using Panel = PanelOf<Block>::Type;
    const auto* blocks = at<const Panel>(table) + uint64_t{row / kPanelRows} * (columns / Panel::kLength);
    for (uint32_t i = 0; i < columns; ++i) {
      out[i] = weight(blocks[i / Panel::kLength], row % kPanelRows, i % Panel::kLength);
    }
  }
}

}  // namespace

// An id or position outside the table has a row of NaN: it must neither read elsewhere nor look like an
// answer.
void Ops::embed(const Step& step, const Embed& op, const Share& share) {
  const auto* tokens = at<const int32_t>(step.tokens);
  share.each(step.token_count, 1, [&](uint32_t begin, uint32_t end) {
    for (uint32_t t = begin; t < end; ++t) {
      float* out = at<float>(op.out) + uint64_t{t} * op.columns;
      const uint32_t row = op.by_position != 0 ? step.first_position + t : static_cast<uint32_t>(tokens[t]);
      if (row < op.row_count) {
        visit_type(static_cast<Type>(op.type),
                   [&]<class Block>(Block) { embed_row<Block>(op.table, row, op.columns, out); });
      } else {
        for (uint32_t i = 0; i < op.columns; ++i) out[i] = __builtin_nanf("");
      }
    }
  });
}

}  // namespace chord::cpu::kernels::scalar
