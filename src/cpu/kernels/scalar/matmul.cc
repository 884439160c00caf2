#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/element.h"
#include "cpu/kernels/scalar/ops.h"
#include "cpu/kernels/scalar/panel.h"

namespace chord::cpu::kernels::scalar {
namespace {

template <class Element>
double dot(const Element* row, const float* x, uint32_t columns) {
  double sum = 0;
  for (uint32_t i = 0; i < columns; ++i) {
    sum += static_cast<double>(weight(row[i])) * static_cast<double>(x[i]);
  }
  return sum;
}

// Integers within a block.
template <class Panel, class Quantized>
double dot(const Panel* blocks, uint32_t row, const Quantized* x, uint32_t columns) {
  double sum = 0;
  for (uint32_t b = 0; b < columns / Panel::kLength; ++b) {
    int32_t products = 0;
    int32_t minima = 0;
    for (uint32_t i = 0; i < Panel::kLength; ++i) {
      products += small_scale(blocks[b], row, i) * factor(blocks[b], row, i) * x[b].q[i];
      minima += small_min(blocks[b], row, i) * x[b].q[i];
    }
    double block = static_cast<double>(block_scale(blocks[b], row)) * products;
    if (Panel::kMeaning == Meaning::minimum) {
      block += static_cast<double>(block_min(blocks[b], row)) * minima;
    }
    sum += block * static_cast<double>(x[b].d);
  }
  return sum;
}

// Of a matrix's row, and a row of x.
double dot(const MatMul& op, Address matrix, uint32_t row, uint64_t x_row) {
  const auto type = static_cast<Type>(op.type);
  const Address panel = matrix + row / panel_rows(type) * panel_bytes(type, op.columns);
  double sum = 0;
  visit_type(type, [&]<class Block>(Block) {
    if constexpr (Block::kLength == 1) {
      sum = dot(at<const Block>(panel), at<const float>(op.x) + x_row * op.columns, op.columns);
    } else {
      using Panel = PanelOf<Block>::Type;
      using Quantized = QuantizedFor<Panel, int8_t>::Type;
      const uint64_t bytes = quantized_bytes(quantization_for<Panel>(), op.columns);
      sum = dot(at<const Panel>(panel), row % kPanelRows, at<const Quantized>(op.x + x_row * bytes),
                op.columns);
    }
  });
  return sum;
}

}  // namespace

void Ops::matmul(const Step& step, const MatMul& op, const Share& /*share*/) {
  const auto* experts = at<const int32_t>(op.experts);
  const auto* bias = at<const float>(op.bias);
  const auto* residual = at<const float>(op.residual);
  auto* out = at<float>(op.out);
  for (uint64_t i = 0; i < uint64_t{row_count(step, op.rows)} * op.choices; ++i) {
    const uint64_t expert = experts != nullptr ? static_cast<uint64_t>(experts[i]) : 0;
    const Address matrix = op.w + expert * op.expert_bytes;
    for (uint32_t j = 0; j < op.row_count; ++j) {
      double sum = dot(op, matrix, j, op.separate != 0 ? i : i / op.choices);
      const uint64_t index = i * op.row_count + j;
      if (bias != nullptr) sum += static_cast<double>(bias[j]);
      if (residual != nullptr) sum += static_cast<double>(residual[index]);
      out[index] = static_cast<float>(sum);
    }
  }
}

}  // namespace chord::cpu::kernels::scalar
