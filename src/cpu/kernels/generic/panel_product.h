// The product of a panel with the quantized activations of a few tokens: the one loop behind every quantized
// type, for single tokens and for prompts. P holds the primitives (the Products of x86/ or wasm/), and Panel
// says what a type is.
//
// All sums within a block are integers, and exact. Across blocks a sum is one chain of additions, so a
// token's result does not depend on the tokens beside it.
#pragma once

#include "cpu/kernels/generic/panel_quanta.h"
#include "cpu/kernels/quantized.h"

namespace chord::cpu::kernels::generic {

template <class P, bool kSigned>
struct ActivationFor {
  using Type = P::ForUnsigned;
};
template <class P>
struct ActivationFor<P, true> {
  using Type = P::ForSigned;
};

template <class P, class Panel, uint32_t kTokens>
class PanelProduct {
 public:
  using F = P::F;
  using Q = ActivationFor<P, Panel::kSigned>::Type;
  using Block = QuantizedFor<Panel, Q>::Type;

  // sums[t] += panel · x[t] over `count` blocks.
  void add(const Panel* panel, const Block* const (&x)[kTokens], uint32_t count, F (&sums)[kTokens]) const {
    for (uint32_t b = 0; b < count; ++b) {
      Activations activations;
      for (uint32_t t = 0; t < kTokens; ++t) activations.of_token[t] = x[t] + b;
      add_block(panel[b], activations, sums);
    }
  }

 private:
  using I = P::I;

  // How many sub-blocks a turn of the loop over them takes.
  static constexpr uint32_t kSubBlocks = [] {
    if constexpr (requires { P::kSubBlocks; }) return P::kSubBlocks;
    return 1u;
  }();

  struct Activations {
    const Block* of_token[kTokens];
  };
  struct Totals {
    I of_token[kTokens];
  };

  void add_block(const Panel& panel, const Activations& x, F (&sums)[kTokens]) const {
    Totals totals = {};
    if constexpr (requires { Panel::kPairs; }) {
#pragma clang loop unroll(disable)
      for (uint32_t pair = 0; pair < Panel::kPairs; ++pair) add_pair(panel, pair, x, totals);
    } else {
#pragma clang loop unroll(disable)
      for (uint32_t part = 0; part < Panel::kLength / kPartColumns; ++part) {
        add_part(panel.parts[part], part, x, totals);
      }
    }
    const F d = scale_of(panel);
#pragma clang loop unroll(full)
    for (uint32_t t = 0; t < kTokens; ++t) {
      const Block& block = *x.of_token[t];
      I total = totals.of_token[t];
      if constexpr (Panel::kMeaning == Meaning::offset) total -= sum_of_scales(panel, block) * Panel::kOffset;
      const F unit = P::splat(block.d);
      sums[t] = P::add_product(sums[t], P::to_floats(total), d * unit);
      if constexpr (Panel::kMeaning == Meaning::minimum) sums[t] = add_minimum(panel, block, unit, sums[t]);
    }
  }

  F scale_of(const Panel& panel) const {
    if constexpr (sizeof panel.d[0] == sizeof(float)) {
      return P::load_floats(panel.d);
    } else {
      return halves_.load(panel.d);
    }
  }

  // A part without small scales.
  template <class Quanta>
  void add_part(const Quanta& part, uint32_t index, const Activations& x, Totals& totals) const {
    if constexpr (Panel::kSigned) {
      const Totals products = multiply_signed(part, index, x);
      for (uint32_t t = 0; t < kTokens; ++t) totals.of_token[t] += products.of_token[t];
    } else {
      add_unsigned<kPartGroups>(part, 0, index * kPartColumns, no_scale_, x, totals);
    }
  }

  // Two sub-blocks of 32 columns, or of 16.
  void add_pair(const Panel& panel, uint32_t pair, const Activations& x, Totals& totals) const {
    typename P::Words scales = load_scales(panel, pair);
#pragma clang loop unroll_count(kSubBlocks)
    for (uint32_t i = 0; i < 2; ++i) {
      add_sub_block(panel, 2 * pair + i, scales, x, totals);
      scales = P::odd_to_even(scales);
    }
  }

  // Its scales are the even words.
  void add_sub_block(const Panel& panel, uint32_t index, P::Words scales, const Activations& x,
                     Totals& totals) const {
    constexpr uint32_t kColumns = Panel::kLength / Panel::kPairs / 2;
    const uint32_t column = index * kColumns;
    const auto& part = panel.parts[column / kPartColumns];
    if constexpr (Panel::kSigned) {
      static_assert(kColumns == kPartColumns);
      const Totals products = multiply_signed(part, index, x);
      const I scale = P::even_integers(scales);
      for (uint32_t t = 0; t < kTokens; ++t) totals.of_token[t] += products.of_token[t] * scale;
    } else {
      const uint32_t first = column % kPartColumns / kGroupColumns;
      add_unsigned<kColumns / kGroupColumns>(part, first, column, P::even(scales), x, totals);
    }
  }

  // kGroups groups from `first` of a part; `column` is the block's where they begin.
  template <uint32_t kGroups, class Quanta, class Scale>
  void add_unsigned(const Quanta& part, uint32_t first, uint32_t column, const Scale& scale,
                    const Activations& x, Totals& totals) const {
    constexpr uint32_t kLimit = P::fold_after(Quanta::kBits);
    constexpr uint32_t kRun = kLimit < kGroups ? kLimit : kGroups;
#pragma clang loop unroll(full)
    for (uint32_t begin = 0; begin < kGroups; begin += kRun) {
      typename P::Partial partials[kTokens] = {};
#pragma clang loop unroll(full)
      for (uint32_t g = begin; g < begin + kRun; ++g) {
        const typename P::Unsigned q = decoder_.group(part, first, g);
#pragma clang loop unroll(full)
        for (uint32_t t = 0; t < kTokens; ++t) {
          P::dot(partials[t], q, x.of_token[t]->q + column + g * kGroupColumns);
        }
      }
      for (uint32_t t = 0; t < kTokens; ++t) P::fold(totals.of_token[t], partials[t], scale);
    }
  }

  template <class Quanta>
  Totals multiply_signed(const Quanta& part, uint32_t index, const Activations& x) const {
    Totals totals;
    for (uint32_t t = 0; t < kTokens; ++t) {
      const Block& block = *x.of_token[t];
      if constexpr (requires { block.sum; }) {
        totals.of_token[t] = P::start_signed(block.sum);
      } else {
        totals.of_token[t] = P::start_signed(block.sums[index]);
      }
    }
#pragma clang loop unroll(full)
    for (uint32_t g = 0; g < kPartGroups; ++g) {
      const typename P::Signed q = decoder_.group(part, 0, g);
#pragma clang loop unroll(full)
      for (uint32_t t = 0; t < kTokens; ++t) {
        P::dot_signed(totals.of_token[t], q, x.of_token[t]->q + index * kPartColumns + g * kGroupColumns);
      }
    }
    return totals;
  }

  static auto load_scales(const Panel& panel, uint32_t pair) {
    if constexpr (requires { panel.scale_mins; }) {
      return P::load_words(panel.scale_mins[pair][0]) & int16_t{15};
    } else {
      return P::load_words(panel.scales[pair][0]);
    }
  }

  // Sum of the small scales, each times the sum of its sub-block's activations.
  static I sum_of_scales(const Panel& panel, const Block& block) {
    if constexpr (requires { Panel::kPairs; }) {
      return sum_of_pairs<Panel::kPairs>(block, [&](uint32_t pair) { return load_scales(panel, pair); });
    } else {
      return P::splat_integer(block.sum);
    }
  }

  F add_minimum(const Panel& panel, const Block& block, F unit, F sum) const {
    if constexpr (requires { panel.m; }) {
      return P::add_product(sum, P::to_floats(P::splat_integer(block.sum)) * unit, halves_.load(panel.m));
    } else {
      const I minima = sum_of_pairs<Panel::kPairs>(block, [&](uint32_t pair) {
        if constexpr (requires { panel.scale_mins; }) {
          return P::load_words(panel.scale_mins[pair][0]) >> int16_t{4};
        } else {
          return P::load_words(panel.mins[pair][0]);
        }
      });
      return P::add_product(sum, P::to_floats(minima) * unit, -halves_.load(panel.dmin));
    }
  }

  template <uint32_t kPairs, class Load>
  static I sum_of_pairs(const Block& block, Load load) {
    const int16_t* sums = kPairs == 4 ? block.sums : block.half_sums;
    I total = {};
#pragma clang loop unroll(disable)
    for (uint32_t pair = 0; pair < kPairs; ++pair) P::add_pairs(total, load(pair), sums + 2 * pair);
    return total;
  }

  DecoderOf<P, Panel>::Type decoder_;
  P::HalfLoader halves_;
  P::NoScale no_scale_ = P::no_scale();
};

}  // namespace chord::cpu::kernels::generic
