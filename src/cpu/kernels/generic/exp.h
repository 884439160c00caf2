#pragma once

#include <stdint.h>

namespace chord::cpu::kernels::generic {

// e^x = scale + scale * rest, with scale a power of two and |rest| <= 0.42: what exp and tanh have in common.
template <class V>
struct ExpParts {
  using F = typename V::F;
  using I = typename V::I;

  F rest;
  I exponent;  // of the scale, from -150 to 129

  explicit ExpParts(F x) {
    const F bounded = V::max(V::splat(-104), V::min(V::splat(89), x));  // NaN goes through
    // Adding 1.5 * 2^23 rounds to an integer and puts it into the lowest bits.
    const F shifted = bounded * 0x1.715476p+0f + 0x1.8p23f;
    const F n = shifted - 0x1.8p23f;
    exponent = I(shifted) - 0x4b400000;
    const F r = (bounded - n * 0x1.62ep-1f) - n * 0x1.0bfbe8p-15f;  // the first product is exact
    // (e^r - 1 - r) / r^2 on |r| <= log(2) / 2, interpolated at Chebyshev nodes; error of e^r below 3e-9.
    F p = r * 0.0013926213f + 0.008363203f;
    p = p * r + 0.041666554f;
    p = p * r + 0.16666577f;
    p = p * r + 0.5f;
    rest = p * r * r + r;
  }

  // 2^e for -126 <= e <= 127.
  static F power_of_two(I e) { return F((e + 127) << 23); }
};

// With an error of at most 2 ulp, subnormal results included.
template <class V>
typename V::F exp(typename V::F x) {
  const ExpParts<V> parts(x);
  const auto half = parts.exponent >> 1;
  // The scale alone may lie beyond the floats where the result does not.
  return (parts.rest + 1.0f) * ExpParts<V>::power_of_two(half) *
         ExpParts<V>::power_of_two(parts.exponent - half);
}

// −tanh|x| = (t − 1) / (t + 1) with t = e^(−2|x|); t − 1 is taken before it is rounded.
template <class V>
typename V::F tanh(typename V::F x) {
  using F = typename V::F;
  using I = typename V::I;
  const I sign = I(x) & INT32_MIN;
  const F magnitude = F(I(x) & INT32_MAX);
  const ExpParts<V> parts(V::max(V::splat(-30), magnitude * -2.0f));
  const F scale = ExpParts<V>::power_of_two(parts.exponent);
  const F t_minus_1 = (scale - 1.0f) + scale * parts.rest;
  const F result = t_minus_1 / (t_minus_1 + 2.0f);
  return F(I(result) ^ (sign ^ INT32_MIN));
}

}  // namespace chord::cpu::kernels::generic
