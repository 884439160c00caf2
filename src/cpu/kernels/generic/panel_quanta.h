// Panels' quanta as the products take them: Decoder<P, Panel> gives group g of a part. It is made once,
// outside all loops, because it holds constants in registers. `g` is known when a loop over it is unrolled.
#pragma once

#include "cpu/kernels/panels.h"

// P is the Products of x86/ or wasm/.
namespace chord::cpu::kernels::generic {

// The primitives for a step of one token: P's own, unless it says otherwise.
template <class P>
struct ForOne {
  using Type = P;
};
template <class P>
  requires requires { typename P::ForOne; }
struct ForOne<P> {
  using Type = P::ForOne;
};

template <uint32_t kBits>
constexpr uint8_t ones() {
  return static_cast<uint8_t>((1u << kBits) - 1);
}

// The plane's bits of a group, moved up to `to`.
template <class P, uint32_t kBits>
P::Unsigned plane_field(const Plane<kBits>& plane, uint32_t first, uint32_t g, uint32_t to,
                        typename P::Mask mask) {
  constexpr uint32_t kGroups = Plane<kBits>::kGroups;
  if constexpr (kGroups == kPartGroups) {
    return P::template field<kBits>(P::load(plane.bytes[0]), first + g, to, mask);
  } else {
    const uint8_t* bytes = plane.bytes[first / kGroups + g / kGroups];
    return P::template field<kBits>(P::load(bytes), g % kGroups * kBits, to, mask);
  }
}

template <class P, class Quanta>
struct UnsignedDecoder;

template <class P, uint32_t kBits>
struct UnsignedDecoder<P, WholeQuanta<kBits>> {
  P::Mask mask = P::mask(ones<kBits>());

  P::Unsigned group(const WholeQuanta<kBits>& part, uint32_t first, uint32_t g) const {
    return plane_field<P>(part.low, first, g, 0, mask);
  }
};

template <class P, uint32_t kBits, uint32_t kLowBits>
struct UnsignedDecoder<P, SplitQuanta<kBits, kLowBits>> {
  static constexpr uint32_t kHighBits = kBits - kLowBits;
  P::Mask low_mask = P::mask(ones<kLowBits>());
  P::Mask high_mask = P::mask(static_cast<uint8_t>(ones<kHighBits>() << kLowBits));

  P::Unsigned group(const SplitQuanta<kBits, kLowBits>& part, uint32_t first, uint32_t g) const {
    return P::join(plane_field<P>(part.low, first, g, 0, low_mask),
                   plane_field<P>(part.high, first, g, kLowBits, high_mask));
  }
};

template <class P>
struct ByteDecoder {
  P::Signed group(const WholeQuanta<8>& part, uint32_t /*first*/, uint32_t g) const {
    return P::widen(P::load(part.low.bytes[g]));
  }
};

template <class P>
struct LevelDecoder {
  P::Table levels = P::table(kIq4Levels);
  P::Mask mask = P::byte_mask(15);

  P::Signed group(const WholeQuanta<4>& part, uint32_t /*first*/, uint32_t g) const {
    return P::widen(P::lookup(levels, P::nibbles(P::load(part.low.bytes[g / 2]), g % 2 * 4, mask)));
  }
};

template <class P, class Panel>
struct DecoderOf;

template <class P, class Panel>
  requires(!Panel::kSigned)
struct DecoderOf<P, Panel> {
  template <class Quanta>
  static UnsignedDecoder<P, Quanta> find(const Quanta (&)[Panel::kLength / kPartColumns]);
  using Type = decltype(find(Panel{}.parts));
};
template <class P, class Panel>
  requires(Panel::kMeaning == Meaning::byte)
struct DecoderOf<P, Panel> {
  using Type = ByteDecoder<P>;
};
template <class P, class Panel>
  requires(Panel::kMeaning == Meaning::level)
struct DecoderOf<P, Panel> {
  using Type = LevelDecoder<P>;
};

}  // namespace chord::cpu::kernels::generic
