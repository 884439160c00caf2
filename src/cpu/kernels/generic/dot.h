// Dot products of a few weight rows with one token's activations: decoded weights stay in registers.
#pragma once

#include "cpu/kernels/generic/decode.h"
#include "cpu/kernels/generic/map.h"

namespace chord::cpu::kernels::generic {

// V::kDotRows rows are taken together: a row's sum is one chain of additions, and while one waits, the
// others' weights are decoded.

// The sums that the rows' chains have come to.
template <class V>
struct RowSums {
  typename V::F of_row[V::kDotRows];
};

// out[r] = row r · x
template <class V>
using DotRows = void (*)(const uint8_t* const (&rows)[V::kDotRows], uint32_t columns, const float* x,
                         float* out);

template <class T, T... I>
struct Indices {};

template <class V, class Block, uint32_t... R>
RowSums<V> dot_blocks(const uint8_t* const (&rows)[V::kDotRows], uint32_t count, const float* x,
                      Indices<uint32_t, R...> /*of the rows*/) {
  RowSums<V> sums = {};
  for (uint32_t b = 0; b < count; ++b) {
    const Decoder<V, Block> decoders[] = {Decoder<V, Block>(reinterpret_cast<const Block*>(rows[R])[b])...};
#pragma clang loop unroll(disable)
    for (uint32_t p = 0; p < Block::kLength / kPart; ++p, x += kPart) {
#pragma clang loop unroll(full)
      for (uint32_t r = 0; r < V::kDotRows; ++r) {
        Part<V> w;
        decoders[r].part(p, w);
        for (uint32_t i = 0; i < kPart / V::kLanes; ++i) {
          sums.of_row[r] = V::add_product(sums.of_row[r], w[i], V::load(x + i * V::kLanes));
        }
      }
    }
  }
  return sums;
}

template <class V, class Block>
RowSums<V> dot_blocks(const uint8_t* const (&rows)[V::kDotRows], uint32_t count, const float* x) {
  return dot_blocks<V, Block>(rows, count, x, __make_integer_seq<Indices, uint32_t, V::kDotRows>{});
}

template <class V, class Block>
void dot_block_rows(const uint8_t* const (&rows)[V::kDotRows], uint32_t columns, const float* x, float* out) {
  const RowSums<V> sums = dot_blocks<V, Block>(rows, columns / Block::kLength, x);
  for (uint32_t r = 0; r < V::kDotRows; ++r) out[r] = V::sum(sums.of_row[r]);
}

template <class V, class Element>
void dot_element_rows(const uint8_t* const (&rows)[V::kDotRows], uint32_t columns, const float* x,
                      float* out) {
  const uint32_t runs = columns / kPart;
  RowSums<V> sums = dot_blocks<V, Run32<Element>>(rows, runs, x);
  for (uint32_t i = runs * kPart; i < columns; i += V::kLanes) {
    const uint32_t count = columns - i < V::kLanes ? columns - i : V::kLanes;
    const typename V::F activations = load_some<V>(x + i, count);
    for (uint32_t r = 0; r < V::kDotRows; ++r) {
      const auto* elements = reinterpret_cast<const Element*>(rows[r]) + i;
      float w[V::kLanes] = {};
      for (uint32_t j = 0; j < count; ++j) w[j] = Decoder<V, Run32<Element>>::single(elements[j]);
      sums.of_row[r] = V::add_product(sums.of_row[r], V::load(w), activations);
    }
  }
  for (uint32_t r = 0; r < V::kDotRows; ++r) out[r] = V::sum(sums.of_row[r]);
}

}  // namespace chord::cpu::kernels::generic
