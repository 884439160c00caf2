// Online softmax (arXiv:1805.02867): the keys are taken a tile at a time, and what was summed before is
// scaled down whenever a larger score turns up. So no more than a tile of scores is ever in memory.
//
// Tokens and heads that share keys are taken together, so that a tile is read and widened once for all of
// them. The tiles begin at multiples of kTileKeys, and a query adds up only the keys that it sees: the result
// depends neither on the queries beside it nor on how a prompt was cut into steps.
#pragma once

#include "cpu/kernels/generic/attention_tile.h"
#include "cpu/kernels/generic/exp.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/share.h"

namespace chord::cpu::kernels::generic {

inline constexpr uint32_t kTileQueries = 16;
// Longer keys are read where they are: a tile of them would not stay in the first cache.
inline constexpr uint32_t kMaxWidened = 256;

// The softmax so far: Σ exp(score − largest), with the largest score seen.
struct Softmax {
  float largest;
  float total;
};

// Keys [begin, end) of a tile.
struct Visible {
  uint32_t begin;
  uint32_t end;
};

struct Queries {
  uint32_t count;
  const float* q[kTileQueries];
  float* out[kTileQueries];
  uint32_t first[kTileQueries];  // the positions that it sees
  uint32_t last[kTileQueries];
  Softmax softmax[kTileQueries];
};

// Turns a query's products with a tile's keys into weights under the largest score so far, and what was
// summed before likewise. Keys that it does not see weigh nothing.
template <class V>
[[gnu::noinline]] void weigh(const Attention& op, Visible visible, float* scores, Softmax& softmax,
                             float* out) {
  using F = typename V::F;
  const float cap = op.soft_cap;
  for (uint32_t i = 0; i < kTileKeys; i += V::kLanes) {
    F score = V::load(scores + i) * op.scale;
    if (cap != 0) score = tanh<V>(score / cap) * cap;
    V::store(scores + i, score);
  }
  for (uint32_t k = 0; k < visible.begin; ++k) scores[k] = -__builtin_inff();
  for (uint32_t k = visible.end; k < kTileKeys; ++k) scores[k] = -__builtin_inff();

  F lanes = V::load(scores);
  for (uint32_t i = 0; i < kTileKeys; i += V::kLanes) lanes = V::max(V::load(scores + i), lanes);
  float largest = softmax.largest;
  for (uint32_t lane = 0; lane < V::kLanes; ++lane) largest = lanes[lane] > largest ? lanes[lane] : largest;
  if (largest > softmax.largest) {
    const float correction = exp<V>(V::splat(softmax.largest - largest))[0];
    softmax = {.largest = largest, .total = softmax.total * correction};
    map<V>(out, out, op.cache.value_length, [=](F value) { return value * correction; });
  }
  F total = {};
  for (uint32_t i = 0; i < kTileKeys; i += V::kLanes) {
    const F weight = exp<V>(V::load(scores + i) - largest);
    V::store(scores + i, weight);
    total += weight;
  }
  softmax.total += V::sum(total);
}

// Some queries of one key head: their keys and values, tile by tile.
template <class V, class CellType>
class QueryTile {
 public:
  QueryTile(const Attention& op, Cells keys, Cells values, Queries& queries)
      : op_(op), keys_(keys), values_(values), queries_(queries) {
    for (uint32_t q = 0; q < kTileQueries; ++q) rows_[q] = scores_[q];
  }

  // All positions that any of the queries sees. The positions of the first query begin and end first.
  void attend() {
    const uint32_t length = op_.cache.value_length;
    for (uint32_t q = 0; q < queries_.count; ++q) {
      for (uint32_t i = 0; i < length; ++i) queries_.out[q][i] = 0;
    }
    const uint32_t last = queries_.last[queries_.count - 1];
    for (uint32_t p = queries_.first[0] / kTileKeys * kTileKeys; p <= last; p += kTileKeys) {
      const uint32_t count = last - p < kTileKeys ? last - p + 1 : kTileKeys;
      score(tile_cells(keys_, p, count), count);
      for (uint32_t q = 0; q < queries_.count; ++q) {
        visible_[q] = visible(q, p, count);
        if (visible_[q].begin == visible_[q].end) continue;
        weigh<V>(op_, visible_[q], scores_[q], queries_.softmax[q], queries_.out[q]);
      }
      add_values(tile_cells(values_, p, count), count);
    }
    for (uint32_t q = 0; q < queries_.count; ++q) {
      const float total = queries_.softmax[q].total;
      map<V>(queries_.out[q], queries_.out[q], length, [=](typename V::F value) { return value / total; });
    }
  }

 private:
  // For fewer queries widening costs more than it saves.
  bool widens() const { return !CellType::kIsF32 && queries_.count > 2; }

  Visible visible(uint32_t q, uint32_t position, uint32_t count) const {
    const uint32_t first = queries_.first[q];
    const uint32_t last = queries_.last[q];
    if (last < position || first >= position + count) return {.begin = 0, .end = 0};
    return {.begin = first > position ? first - position : 0,
            .end = last - position < count ? last - position + 1 : count};
  }

  void score(const TileCells& tile, uint32_t count) {
    const uint32_t length = op_.cache.key_length;
    if (widens() && length <= kMaxWidened) {
      score_as<CellsF32<V>>(widen<V, CellType>(tile, count, 0, length, widened_, kMaxWidened), count);
    } else {
      score_as<CellType>(tile, count);
    }
  }
  template <class Type>
  void score_as(const TileCells& tile, uint32_t count) {
    const uint32_t length = op_.cache.key_length;
    uint32_t q = 0;
    for (; q + 2 <= queries_.count; q += 2) {
      dot_tile<V, Type, 2>(queries_.q + q, tile, count, length, rows_ + q);
    }
    if (q < queries_.count) dot_tile<V, Type, 1>(queries_.q + q, tile, count, length, rows_ + q);
  }

  void add_values(const TileCells& tile, uint32_t count) {
    const uint32_t length = op_.cache.value_length;
    const uint32_t groups = length / kGroup;
    for (uint32_t g = 0; g < groups; ++g) {
      if (widens()) {
        add_as<CellsF32<V>>(widen<V, CellType>(tile, count, g * kGroup, kGroup, widened_, kGroup), 0, g);
      } else {
        add_as<CellType>(tile, g, g);
      }
    }
    const uint32_t whole = groups * kGroup;
    if (whole == length) return;
    for (uint32_t q = 0; q < queries_.count; ++q) {
      add_rest<V, CellType>(scores_[q], tile, whole, length - whole, visible_[q].begin, visible_[q].end,
                            queries_.out[q] + whole);
    }
  }
  // Adds group `from` of the values to group `to` of the outputs.
  template <class Type>
  void add_as(const TileCells& tile, uint32_t from, uint32_t to) {
    float* out[kTileQueries];
    for (uint32_t q = 0; q < queries_.count; ++q) out[q] = queries_.out[q] + to * kGroup;
    for (uint32_t q = 0; q < queries_.count;) {
      const Visible seen = visible_[q];
      const bool two =
          q + 1 < queries_.count && visible_[q + 1].begin == seen.begin && visible_[q + 1].end == seen.end;
      if (two) {
        add_group<V, Type, 2>(rows_ + q, tile, from, seen.begin, seen.end, out + q);
      } else {
        add_group<V, Type, 1>(rows_ + q, tile, from, seen.begin, seen.end, out + q);
      }
      q += two ? 2 : 1;
    }
  }

  const Attention& op_;
  Cells keys_;
  Cells values_;
  Queries& queries_;
  Visible visible_[kTileQueries];
  float* rows_[kTileQueries];  // of scores_
  alignas(64) float scores_[kTileQueries][kTileKeys] = {};
  alignas(64) float widened_[kTileKeys * kMaxWidened];
};

// Queries [begin, begin + count) of a key head, whose queries are counted token by token.
template <class V, class CellType>
void attend(const Step& step, const Attention& op, uint32_t key_head, uint32_t begin, uint32_t count) {
  const Cache& cache = op.cache;
  const auto* sinks = at<const float>(op.sinks);
  const uint32_t group = op.head_count / cache.head_count;
  Queries queries = {};
  queries.count = count;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t token = (begin + i) / group;
    const uint32_t head = key_head * group + (begin + i) % group;
    const uint64_t index = uint64_t{token} * op.head_count + head;
    queries.q[i] = at<const float>(op.q) + index * cache.key_length;
    queries.out[i] = at<float>(op.out) + index * cache.value_length;
    queries.last[i] = step.first_position + token;
    queries.first[i] = first_visible(cache, op.window, queries.last[i]);
    // A sink is a score whose value is zero. Not −∞, which less itself is NaN.
    queries.softmax[i] = sinks != nullptr ? Softmax{.largest = sinks[head], .total = 1}
                                          : Softmax{.largest = -__FLT_MAX__, .total = 0};
  }
  QueryTile<V, CellType>(op, key_cells(cache, step.slot, key_head), value_cells(cache, step.slot, key_head),
                         queries)
      .attend();
}

// How many queries to take together: fewer where there would not be enough tiles for all threads.
static inline uint32_t tile_queries(uint32_t queries, uint32_t heads, uint32_t threads) {
  uint32_t tile = kTileQueries;
  while (tile > 4 && (queries + tile - 1) / tile * heads < 2 * threads) tile /= 2;
  return tile;
}

template <class V, class CellType>
void attention_over(const Step& step, const Attention& op, const Share& share) {
  const uint32_t heads = op.cache.head_count;
  const uint32_t queries = step.token_count * (op.head_count / heads);
  const uint32_t tile = tile_queries(queries, heads, share.count());
  const uint32_t tiles = (queries + tile - 1) / tile;
  share.each(tiles * heads, 1, [&](uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; ++i) {
      const uint32_t begin = i % tiles * tile;
      const uint32_t count = queries - begin < tile ? queries - begin : tile;
      attend<V, CellType>(step, op, i / tiles, begin, count);
    }
  });
}

template <class V>
void attention(const Step& step, const Attention& op, const Share& share) {
  switch (op.cache.type) {
    case KvType::f16:
      return attention_over<V, CellsF16<V>>(step, op, share);
    case KvType::f32:
      return attention_over<V, CellsF32<V>>(step, op, share);
    case KvType::q8_0:
      return attention_over<V, CellsQ80<V>>(step, op, share);
  }
}

}  // namespace chord::cpu::kernels::generic
