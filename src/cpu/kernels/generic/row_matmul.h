// Matrix products with weights that are rows of floating-point numbers.
//
// One token: rows are read as they are needed. Several: a tile of weights is converted to f32 in memory and
// multiplied with each of them. Every dot product is one chain of additions of vectors in the order of the
// columns, so a token's result does not depend on the tokens or rows beside it.
#pragma once

#include "cpu/kernels/generic/elements.h"
#include "cpu/kernels/generic/expert_rows.h"
#include "cpu/kernels/generic/output.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/share.h"

namespace chord::cpu::kernels::generic {

inline constexpr uint32_t kTileRows = 4;
// A tile's 4 KB stay in the first cache.
inline constexpr uint32_t kTileColumns = 256;
// Tokens for which a converted tile is used. The more, the less converting; their sums have to stay in the
// cache.
inline constexpr uint32_t kTileTokens = 32;

template <class V>
struct Tile {
  alignas(64) float weights[kTileRows][kTileColumns];
};

// For each row of a tile.
template <class V>
struct RowSums {
  typename V::F of_row[kTileRows];
};

// The dot products of rows with x.
template <class V, class Element>
[[gnu::noinline]] RowSums<V> dot_rows(const void* const (&rows)[kTileRows], uint32_t columns,
                                      const float* x) {
  const ElementLoader<V, Element> loader;
  RowSums<V> sums = {};
  const uint32_t rest = columns % V::kLanes;
  const uint32_t whole = columns - rest;
#pragma clang loop unroll_count(4)
  for (uint32_t i = 0; i < whole; i += V::kLanes) {
    const auto activations = V::load(x + i);
    for (uint32_t r = 0; r < kTileRows; ++r) {
      const auto w = loader.load(static_cast<const Element*>(rows[r]) + i);
      sums.of_row[r] = V::add_product(sums.of_row[r], w, activations);
    }
  }
  if (rest != 0) {
    const auto activations = load_some<V>(x + whole, rest);
    for (uint32_t r = 0; r < kTileRows; ++r) {
      const auto w = load_some_elements(loader, static_cast<const Element*>(rows[r]) + whole, rest);
      sums.of_row[r] = V::add_product(sums.of_row[r], w, activations);
    }
  }
  return sums;
}

// Elements as f32, and zeros up to a whole vector.
template <class V, class Element>
[[gnu::noinline]] void convert(const void* source, uint32_t count, float* out) {
  const ElementLoader<V, Element> loader;
  const auto* elements = static_cast<const Element*>(source);
  const uint32_t rest = count % V::kLanes;
  const uint32_t whole = count - rest;
#pragma clang loop unroll_count(4)
  for (uint32_t i = 0; i < whole; i += V::kLanes) V::store(out + i, loader.load(elements + i));
  if (rest != 0) V::store(out + whole, load_some_elements(loader, elements + whole, rest));
}

// sums[t] += the tile times x[t][0, width). Four rows by two tokens keep eight sums in registers, which
// leaves room for the operands in the 16 that x86 has (and that V8 uses).
template <class V, uint32_t kTokens>
[[gnu::noinline]] void multiply_tile(const Tile<V>& tile, const float* const* x, uint32_t width,
                                     RowSums<V>* sums) {
  using F = V::F;
  RowSums<V> acc[kTokens];
  for (uint32_t t = 0; t < kTokens; ++t) acc[t] = sums[t];
  const auto accumulate = [&](uint32_t i, const F(&activations)[kTokens]) {
    for (uint32_t r = 0; r < kTileRows; ++r) {
      const F w = V::load(tile.weights[0] + i + r * kTileColumns);
      for (uint32_t t = 0; t < kTokens; ++t) {
        acc[t].of_row[r] = V::add_product(acc[t].of_row[r], w, activations[t]);
      }
    }
  };
  const uint32_t rest = width % V::kLanes;
  const uint32_t whole = width - rest;
  F activations[kTokens];
#pragma clang loop unroll(disable)
  for (uint32_t i = 0; i < whole; i += V::kLanes) {
    for (uint32_t t = 0; t < kTokens; ++t) activations[t] = V::load(x[t] + i);
    accumulate(i, activations);
  }
  if (rest != 0) {
    for (uint32_t t = 0; t < kTokens; ++t) activations[t] = load_some<V>(x[t] + whole, rest);
    accumulate(whole, activations);
  }
  for (uint32_t t = 0; t < kTokens; ++t) sums[t] = acc[t];
}

// A type as the loops over rows and tokens see it.
template <class V>
struct RowType {
  RowSums<V> (*dot_rows)(const void* const (&rows)[kTileRows], uint32_t columns, const float* x);
  void (*convert)(const void* source, uint32_t count, float* out);
  uint32_t element_bytes;
};

template <class V, class Element>
RowType<V> row_type() {
  return {.dot_rows = dot_rows<V, Element>, .convert = convert<V, Element>, .element_bytes = sizeof(Element)};
}

template <class V>
class RowMatMul {
 public:
  RowMatMul(const MatMul& op, const RowType<V>& type)
      : op_(op), type_(type), row_bytes_(uint64_t{op.columns} * type.element_bytes) {}

  // The part of the output that comes of weight rows [begin, end).
  void run(uint32_t tokens, uint32_t begin, uint32_t end) const {
    ExpertRows<V> rows(op_, tokens, kTileTokens);
    while (rows.next()) {
      if (rows.count == 1) {
        multiply_token(rows.matrix, rows.rows[0], begin, end);
      } else {
        multiply_tokens(rows, begin, end);
      }
    }
  }

 private:
  const float* activations(ProductRow row) const {
    return at<const float>(op_.x) + uint64_t{row.x} * op_.columns;
  }

  void multiply_token(Address matrix, ProductRow row, uint32_t begin, uint32_t end) const {
    for (uint32_t j = begin; j < end; j += kTileRows) {
      const uint32_t rows = end - j < kTileRows ? end - j : kTileRows;
      const void* group[kTileRows];
      for (uint32_t r = 0; r < kTileRows; ++r) {
        group[r] =
            at<const void>(matrix + (r < rows ? j + r : j) * row_bytes_);  // beyond the end, any will do
      }
      const RowSums<V> sums = type_.dot_rows(group, op_.columns, activations(row));
      for (uint32_t r = 0; r < rows; ++r) write_output(op_, row.out, j + r, V::sum(sums.of_row[r]));
    }
  }

  // For at most kTileTokens rows.
  void multiply_tokens(const ExpertRows<V>& group, uint32_t begin, uint32_t end) const {
    const uint32_t count = group.count;
    Tile<V> tile;
    RowSums<V> sums[kTileTokens];
    for (uint32_t j = begin; j < end; j += kTileRows) {
      const uint32_t rows = end - j < kTileRows ? end - j : kTileRows;
      for (uint32_t t = 0; t < count; ++t) sums[t] = {};
      for (uint32_t k = 0; k < op_.columns; k += kTileColumns) {
        const uint32_t width = op_.columns - k < kTileColumns ? op_.columns - k : kTileColumns;
        for (uint32_t r = 0; r < kTileRows; ++r) {
          // Beyond the end, any row will do.
          const Address row = group.matrix + (r < rows ? j + r : j) * row_bytes_;
          type_.convert(at<const void>(row + uint64_t{k} * type_.element_bytes), width, tile.weights[r]);
        }
        for (uint32_t t = 0; t < count; t += 2) {
          const bool two = t + 1 < count;
          const float* x[2] = {activations(group.rows[t]) + k, activations(group.rows[two ? t + 1 : t]) + k};
          const auto multiply = two ? multiply_tile<V, 2> : multiply_tile<V, 1>;
          multiply(tile, x, width, sums + t);
        }
      }
      for (uint32_t t = 0; t < count; ++t) {
        for (uint32_t r = 0; r < rows; ++r)
          write_output(op_, group.rows[t].out, j + r, V::sum(sums[t].of_row[r]));
      }
    }
  }

  const MatMul& op_;
  RowType<V> type_;
  uint64_t row_bytes_;
};

template <class V>
void multiply_rows(const Step& step, const MatMul& op, const RowType<V>& type, const Share& share) {
  constexpr uint32_t kGroupRows = 8;
  const RowMatMul<V> product(op, type);
  const uint32_t rows = row_count(step, op.rows);
  share.each(op.row_count, kGroupRows * groups_of(uint64_t{rows} * op.choices * kGroupRows * op.columns),
             [&](uint32_t begin, uint32_t end) { product.run(rows, begin, end); });
}

}  // namespace chord::cpu::kernels::generic
