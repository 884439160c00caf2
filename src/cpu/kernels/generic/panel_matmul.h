// Matrix products with quantized weights: panels outside and rows of activations inside, as many as stay in
// the second cache, so that a panel's bytes come from memory once and from the first cache afterwards.
#pragma once

#include "cpu/kernels/generic/expert_rows.h"
#include "cpu/kernels/generic/output.h"
#include "cpu/kernels/generic/panel_product.h"
#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/share.h"

namespace chord::cpu::kernels::generic {

using PanelSums = float[kPanelRows];

// out[t] = panel · row t of quantized activations, over blocks of the panel. A function by itself, because
// engines compile no better what is larger.
template <class P, class Panel, uint32_t kWidth>
[[gnu::noinline]] void multiply_panel(const uint8_t* panel, const uint8_t* const* rows, uint32_t blocks,
                                      PanelSums* out) {
  using Product = PanelProduct<P, Panel, kWidth>;
  const typename Product::Block* x[kWidth];
  for (uint32_t t = 0; t < kWidth; ++t) x[t] = reinterpret_cast<const Product::Block*>(rows[t]);
  typename P::F sums[kWidth] = {};
  Product{}.add(reinterpret_cast<const Panel*>(panel), x, blocks, sums);
  for (uint32_t t = 0; t < kWidth; ++t) P::store(out[t], sums[t]);
}

// A type as the loops over panels and tokens see it.
struct PanelType {
  using Multiply = void (*)(const uint8_t* panel, const uint8_t* const* rows, uint32_t blocks,
                            PanelSums* out);
  Multiply one_token;
  bool only_alone;  // one_token's activations are those of a step of one token
  Multiply tile;
  uint32_t tile_tokens;
  uint32_t block_length;
};

template <class P, class Panel>
PanelType panel_type() {
  using One = ForOne<P>::Type;
  return {.one_token = multiply_panel<One, Panel, 1>,
          .only_alone = Panel::kSigned && !__is_same(One, P),
          .tile = multiply_panel<P, Panel, P::kTokens>,
          .tile_tokens = P::kTokens,
          .block_length = Panel::kLength};
}

// V only makes it this variant's own.
template <class V>
class PanelMatMul {
 public:
  PanelMatMul(const MatMul& op, const PanelType& type)
      : op_(op),
        type_(type),
        panel_bytes_(panel_bytes(static_cast<Type>(op.type), op.columns)),
        x_bytes_(quantized_bytes(quantization_of(static_cast<Type>(op.type)), op.columns)) {}

  // The part of the output that comes of panels [begin, end).
  void run(uint32_t tokens, uint32_t begin, uint32_t end) const {
    const PanelType::Multiply one = tokens == 1 || !type_.only_alone ? type_.one_token : type_.tile;
    ExpertRows<V> rows(op_, tokens, ExpertRows<V>::kMostRows);
    while (rows.next()) {
      for (uint32_t p = begin; p < end; ++p) {
        for (uint32_t i = 0; i < rows.count; i += type_.tile_tokens) {
          const uint32_t count = rows.count - i < type_.tile_tokens ? rows.count - i : type_.tile_tokens;
          multiply(count == 1 ? one : type_.tile, rows.matrix, p, rows.rows + i, count);
        }
      }
    }
  }

 private:
  static constexpr uint32_t kMostTokens = 8;  // of a tile

  void multiply(PanelType::Multiply product, Address matrix, uint32_t panel, const ProductRow* rows,
                uint32_t count) const {
    const uint8_t* x[kMostTokens];
    // A tile that is not full computes its last row more than once.
    for (uint32_t t = 0; t < type_.tile_tokens; ++t) {
      x[t] = at<const uint8_t>(op_.x + rows[t < count ? t : count - 1].x * x_bytes_);
    }
    PanelSums sums[kMostTokens];
    product(at<const uint8_t>(matrix + panel * panel_bytes_), x, op_.columns / type_.block_length, sums);
    const uint32_t row = panel * kPanelRows;
    const uint32_t height = op_.row_count - row < kPanelRows ? op_.row_count - row : kPanelRows;
    for (uint32_t t = 0; t < count; ++t) {
      if (height == kPanelRows) {
        write_output<kPanelRows>(op_, rows[t].out, row, sums[t]);
      } else {
        for (uint32_t r = 0; r < height; ++r) write_output(op_, rows[t].out, row + r, sums[t][r]);
      }
    }
  }

  const MatMul& op_;
  PanelType type_;
  uint64_t panel_bytes_;
  uint64_t x_bytes_;
};

template <class V>
void multiply_panels(const Step& step, const MatMul& op, const PanelType& type, const Share& share) {
  const PanelMatMul<V> product(op, type);
  const uint32_t panels = (op.row_count + kPanelRows - 1) / kPanelRows;
  const uint32_t rows = row_count(step, op.rows);
  share.each(panels, groups_of(uint64_t{rows} * op.choices * kPanelRows * op.columns),
             [&](uint32_t begin, uint32_t end) { product.run(rows, begin, end); });
}

}  // namespace chord::cpu::kernels::generic
