#pragma once

#include "cpu/kernels/command.h"
#include "cpu/kernels/math.h"

namespace chord::cpu::kernels::scalar {

static inline double silu(double x) {
  return x / (1 + exp(-x));
}

// The tanh approximation of x Φ(x) (arXiv:1606.08415), by tanh u = 2 / (1 + exp(−2u)) − 1.
static inline double gelu(double x) {
  constexpr double kRootTwoOverPi = 0.79788456080286535588;
  return x / (1 + exp(-2 * kRootTwoOverPi * (x + 0.044715 * x * x * x)));
}

static inline double activate(UnaryKind kind, double x, double parameter) {
  switch (kind) {
    case UnaryKind::silu:
      return silu(x);
    case UnaryKind::gelu:
      return gelu(x);
    case UnaryKind::sigmoid:
      return 1 / (1 + exp(-x));
    case UnaryKind::scale:
      return parameter * x;
    case UnaryKind::soft_cap:
      return parameter * tanh(x / parameter);
  }
  __builtin_unreachable();
}

}  // namespace chord::cpu::kernels::scalar
