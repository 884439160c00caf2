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
// Columns that are widened at a time: a tile of them stays in the first cache.
inline constexpr uint32_t kWidened = 128;

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

  F lanes = V::splat(softmax.largest);
  for (uint32_t i = 0; i < kTileKeys; i += V::kLanes) lanes = V::max(V::load(scores + i), lanes);  // not NaN
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
template <class V>
class QueryTile {
 public:
  QueryTile(const Attention& op, Cells keys, Cells values, Queries& queries)
      : op_(op), keys_(keys), values_(values), queries_(queries) {
    for (uint32_t q = 0; q < kTileQueries; ++q) rows_[q] = scores_[q];
  }

  // All positions that any of the queries sees: from the first query's first to the last one's last.
  void attend() {
    const uint32_t length = op_.cache.value_length;
    for (uint32_t q = 0; q < queries_.count; ++q) {
      for (uint32_t i = 0; i < length; ++i) queries_.out[q][i] = 0;
    }
    const uint32_t last = queries_.last[queries_.count - 1];
    for (uint32_t p = queries_.first[0] / kTileKeys * kTileKeys; p <= last; p += kTileKeys) {
      const uint32_t count = last - p < kTileKeys ? last - p + 1 : kTileKeys;
      score(p, count);
      for (uint32_t q = 0; q < queries_.count; ++q) {
        visible_[q] = visible(q, p, count);
        if (visible_[q].begin == visible_[q].end) continue;
        weigh<V>(op_, visible_[q], scores_[q], queries_.softmax[q], queries_.out[q]);
      }
      add_values(p, count);
    }
    for (uint32_t q = 0; q < queries_.count; ++q) {
      const float total = queries_.softmax[q].total;
      map<V>(queries_.out[q], queries_.out[q], length, [=](typename V::F value) { return value / total; });
    }
  }

 private:
  Visible visible(uint32_t q, uint32_t position, uint32_t count) const {
    const uint32_t first = queries_.first[q];
    const uint32_t last = queries_.last[q];
    if (last < position || first >= position + count) return {.begin = 0, .end = 0};
    return {.begin = first > position ? first - position : 0,
            .end = last - position < count ? last - position + 1 : count};
  }

  void score(uint32_t position, uint32_t count) {
    const uint32_t length = op_.cache.key_length;
    for (uint32_t q = 0; q < queries_.count; ++q) {
      for (float& score : scores_[q]) score = 0;
    }
    for (uint32_t begin = 0; begin < length; begin += kWidened) {
      const uint32_t columns = length - begin < kWidened ? length - begin : kWidened;
      TileRows keys =
          widen_tile<V>(op_.cache.type, keys_, position, count, begin, columns, widened_, kWidened);
      uint32_t filled = count;
      while (filled % 4 != 0) keys.rows[filled++] = keys.rows[0];  // any will do, since nobody sees it
      const float* q[kTileQueries];
      for (uint32_t i = 0; i < queries_.count; ++i) q[i] = queries_.q[i] + begin;
      uint32_t i = 0;
      for (; i + 2 <= queries_.count; i += 2) dot_tile<V, 2>(q + i, keys, filled, columns, rows_ + i);
      if (i < queries_.count) dot_tile<V, 1>(q + i, keys, filled, columns, rows_ + i);
    }
  }

  void add_values(uint32_t position, uint32_t count) {
    const uint32_t length = op_.cache.value_length;
    for (uint32_t begin = 0; begin < length; begin += kWidened) {
      const uint32_t columns = length - begin < kWidened ? length - begin : kWidened;
      const TileRows values =
          widen_tile<V>(op_.cache.type, values_, position, count, begin, columns, widened_, kWidened);
      float* out[kTileQueries];
      for (uint32_t q = 0; q < queries_.count; ++q) out[q] = queries_.out[q] + begin;
      const uint32_t whole = columns / kGroup * kGroup;
      for (uint32_t column = 0; column < whole; column += kGroup) add_group(values, column, out);
      if (whole != columns) add_columns(values, whole, columns, out);
    }
  }

  void add_group(const TileRows& values, uint32_t column, float* const* out) {
    for (uint32_t q = 0; q < queries_.count;) {
      const Visible seen = visible_[q];
      const bool two =
          q + 1 < queries_.count && visible_[q + 1].begin == seen.begin && visible_[q + 1].end == seen.end;
      if (two) {
        generic::add_group<V, 2>(rows_ + q, values, column, seen.begin, seen.end, out + q);
      } else {
        generic::add_group<V, 1>(rows_ + q, values, column, seen.begin, seen.end, out + q);
      }
      q += two ? 2 : 1;
    }
  }

  // The last columns, which are fewer than a group.
  void add_columns(const TileRows& values, uint32_t begin, uint32_t end, float* const* out) {
    for (uint32_t q = 0; q < queries_.count; ++q) {
      for (uint32_t i = begin; i < end; ++i) {
        float sum = out[q][i];
        for (uint32_t k = visible_[q].begin; k < visible_[q].end; ++k) {
          sum += scores_[q][k] * values.rows[k][i];
        }
        out[q][i] = sum;
      }
    }
  }

  const Attention& op_;
  Cells keys_;
  Cells values_;
  Queries& queries_;
  Visible visible_[kTileQueries];
  float* rows_[kTileQueries];  // of scores_
  alignas(64) float scores_[kTileQueries][kTileKeys] = {};
  alignas(64) float widened_[kTileKeys * kWidened];
};

// Queries [begin, begin + count) of a key head, whose queries are counted token by token.
template <class V>
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
    queries.last[i] = last_visible(step, op, token);
    queries.first[i] = first_visible(cache, op.window, queries.last[i]);
    // A sink is a score whose value is zero. Not −∞, which less itself is NaN.
    queries.softmax[i] = sinks != nullptr ? Softmax{.largest = sinks[head], .total = 1}
                                          : Softmax{.largest = -__FLT_MAX__, .total = 0};
  }
  QueryTile<V>(op, key_cells(cache, step.slot, key_head), value_cells(cache, step.slot, key_head), queries)
      .attend();
}

// How many queries to take together: fewer where there would not be enough tiles for all threads.
static inline uint32_t tile_queries(uint32_t queries, uint32_t heads, uint32_t threads) {
  uint32_t tile = kTileQueries;
  while (tile > 4 && (queries + tile - 1) / tile * heads < 2 * threads) tile /= 2;
  return tile;
}

template <class V>
void attention(const Step& step, const Attention& op, const Share& share) {
  const uint32_t heads = op.cache.head_count;
  const uint32_t queries = step.token_count * (op.head_count / heads);
  const uint32_t tile = tile_queries(queries, heads, share.count());
  const uint32_t tiles = (queries + tile - 1) / tile;
  share.each(tiles * heads, 1, [&](uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; ++i) {
      const uint32_t begin = i % tiles * tile;
      const uint32_t count = queries - begin < tile ? queries - begin : tile;
      attend<V>(step, op, i / tiles, begin, count);
    }
  });
}

}  // namespace chord::cpu::kernels::generic
