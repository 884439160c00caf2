#pragma once

#include "cpu/kernels/generic/panel_matmul.h"
#include "cpu/kernels/generic/row_matmul.h"

namespace chord::cpu::kernels::generic {

template <class V>
void matmul(const Step& step, const MatMul& op, const Share& share) {
  PanelType panels = {};
  RowType<V> rows = {};
  visit_type(static_cast<Type>(op.type), [&]<class Block>(Block) {
    if constexpr (Block::kLength == 1) {
      rows = row_type<V, Block>();
    } else {
      panels = panel_type<typename V::Products, typename PanelOf<Block>::Type>();
    }
  });
  if (panels.tile != nullptr) {
    multiply_panels<V>(step, op, panels, share);
  } else {
    multiply_rows<V>(step, op, rows, share);
  }
}

}  // namespace chord::cpu::kernels::generic
