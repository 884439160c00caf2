// One token: weights are decoded in registers (dot.h). Several: a tile of weights is decoded to memory and
// multiplied with each of them.
//
// Every dot product is one chain of additions of vectors in the order of the columns. So a token's result
// does not depend on which tokens or rows are computed beside it, nor on how a prompt was cut into steps.
#pragma once

#include "cpu/kernels/generic/dot.h"
#include "cpu/kernels/generic/format.h"
#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

// Four rows by two tokens keep eight sums in registers, which leaves room for the operands in the 16 that x86
// has (and that V8 uses). 256 columns are the largest block, and the tile's 4 KB stay in the first cache.
inline constexpr uint32_t kTileRows = 4;
inline constexpr uint32_t kTileColumns = 256;
// Tokens for which a decoded tile is used. The more, the less decoding; their sums have to stay in the cache.
inline constexpr uint32_t kTileTokens = 32;

template <class V>
struct Tile {
  alignas(64) float weights[kTileRows][kTileColumns];
};

template <class V>
using TileSums = typename V::F[kTileRows];

// Weight rows [first, first + kTileRows) of a matrix, for columns [begin, begin + count). Rows beyond the
// matrix, and columns up to a whole vector, are zero.
template <class V>
void decode_tile(const Format<V>& format, const uint8_t* matrix, uint64_t row_bytes, uint32_t rows,
                 uint32_t begin, uint32_t count, Tile<V>& tile) {
  const uint64_t offset = format.bytes(begin);
  const uint32_t padded = (count + V::kLanes - 1) / V::kLanes * V::kLanes;
  for (uint32_t r = 0; r < kTileRows; ++r) {
    float* out = tile.weights[r];
    uint32_t filled = 0;
    if (r < rows) {
      format.decode(matrix + r * row_bytes + offset, count, out);
      filled = count;
    }
    for (uint32_t i = filled; i < padded; ++i) out[i] = 0;
  }
}

// sums[t][r] += tile row r times columns [0, count) of x[t], vector by vector.
template <class V, uint32_t Tokens>
void multiply_tile(const Tile<V>& tile, const float* x, uint64_t x_stride, uint32_t count,
                   TileSums<V>* sums) {
  using F = typename V::F;
  F acc[Tokens][kTileRows];
  for (uint32_t t = 0; t < Tokens; ++t) {
    for (uint32_t r = 0; r < kTileRows; ++r) acc[t][r] = sums[t][r];
  }
  const auto accumulate = [&](uint32_t i, const F(&activations)[Tokens]) {
    for (uint32_t r = 0; r < kTileRows; ++r) {
      const F w = V::load(&tile.weights[r][i]);
      for (uint32_t t = 0; t < Tokens; ++t) acc[t][r] = V::add_product(acc[t][r], w, activations[t]);
    }
  };
  const uint32_t rest = count % V::kLanes;
  const uint32_t whole = count - rest;
  F activations[Tokens];
  for (uint32_t i = 0; i < whole; i += V::kLanes) {
    for (uint32_t t = 0; t < Tokens; ++t) activations[t] = V::load(x + t * x_stride + i);
    accumulate(i, activations);
  }
  if (rest != 0) {
    for (uint32_t t = 0; t < Tokens; ++t) activations[t] = load_some<V>(x + t * x_stride + whole, rest);
    accumulate(whole, activations);
  }
  for (uint32_t t = 0; t < Tokens; ++t) {
    for (uint32_t r = 0; r < kTileRows; ++r) sums[t][r] = acc[t][r];
  }
}

static inline void write_output(const MatMul& op, uint32_t token, uint32_t row, float value) {
  const uint64_t index = uint64_t{token} * op.row_count + row;
  if (op.bias != 0) value += at<const float>(op.bias)[row];
  if (op.residual != 0) value += at<const float>(op.residual)[index];
  at<float>(op.out)[index] = value;
}

// Rows [begin, end) of the matrix.
struct RowRange {
  uint32_t begin;
  uint32_t end;
};

// Of one row of op's output, the part that comes of the given rows.
template <class V>
void multiply_token(const MatMul& op, const Format<V>& format, const uint8_t* matrix, RowRange range,
                    uint32_t token) {
  const float* x = at<const float>(op.x) + uint64_t{token} * op.columns;
  for (uint32_t j = range.begin; j < range.end; j += V::kDotRows) {
    const uint32_t left = range.end - j;
    const uint32_t rows = left < V::kDotRows ? left : V::kDotRows;
    const uint8_t* group[V::kDotRows];
    for (uint32_t r = 0; r < V::kDotRows; ++r) {
      group[r] = matrix + (r < rows ? j + r : j) * op.row_bytes;  // beyond the matrix, any row will do
    }
    float results[V::kDotRows];
    format.dot_rows(group, op.columns, x, results);
    for (uint32_t r = 0; r < rows; ++r) write_output(op, token, j + r, results[r]);
  }
}

// The same of rows [begin, begin + count) of op's output, count <= kTileTokens.
template <class V>
void multiply_tokens(const MatMul& op, const Format<V>& format, const uint8_t* matrix, RowRange range,
                     uint32_t begin, uint32_t count) {
  const float* x = at<const float>(op.x) + uint64_t{begin} * op.columns;
  Tile<V> tile;
  TileSums<V> sums[kTileTokens];
  for (uint32_t j = range.begin; j < range.end; j += kTileRows) {
    const uint32_t rows = range.end - j < kTileRows ? range.end - j : kTileRows;
    for (uint32_t t = 0; t < count; ++t) {
      for (auto& sum : sums[t]) sum = V::splat(0);
    }
    for (uint32_t k = 0; k < op.columns; k += kTileColumns) {
      const uint32_t width = op.columns - k < kTileColumns ? op.columns - k : kTileColumns;
      decode_tile<V>(format, matrix + j * op.row_bytes, op.row_bytes, rows, k, width, tile);
      uint32_t t = 0;
      for (; t + 2 <= count; t += 2) {
        multiply_tile<V, 2>(tile, x + uint64_t{t} * op.columns + k, op.columns, width, sums + t);
      }
      if (t < count) multiply_tile<V, 1>(tile, x + uint64_t{t} * op.columns + k, op.columns, width, sums + t);
    }
    for (uint32_t t = 0; t < count; ++t) {
      for (uint32_t r = 0; r < rows; ++r) write_output(op, begin + t, j + r, V::sum(sums[t][r]));
    }
  }
}

template <class V>
void multiply_rows(const Step& step, const MatMul& op, const Format<V>& format, RowRange range) {
  const auto* experts = at<const int32_t>(op.experts);
  const auto* w = at<const uint8_t>(op.w);
  const uint32_t rows = row_count(step, op.rows);
  if (experts != nullptr) {
    for (uint32_t r = 0; r < rows; ++r) {
      multiply_token<V>(op, format, w + static_cast<uint64_t>(experts[r]) * op.expert_bytes, range, r);
    }
    return;
  }
  for (uint32_t begin = 0; begin < rows; begin += kTileTokens) {
    const uint32_t count = rows - begin < kTileTokens ? rows - begin : kTileTokens;
    if (count == 1) {
      multiply_token<V>(op, format, w, range, begin);
    } else {
      multiply_tokens<V>(op, format, w, range, begin, count);
    }
  }
}

template <class V>
void matmul(const Step& step, const MatMul& op, const Share& share) {
  constexpr uint32_t kPieceRows = 16;
  const Format<V> format = format_of<V>(static_cast<Type>(op.type));
  share.each(op.row_count, kPieceRows, [&](uint32_t begin, uint32_t end) {
    multiply_rows<V>(step, op, format, {.begin = begin, .end = end});
  });
}

}  // namespace chord::cpu::kernels::generic
