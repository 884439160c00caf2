#include "cpu/kernels/variants.h"

#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels {
namespace {

bool always() {
  return true;
}

constexpr Variant kVariants[] = {
    {.name = "scalar", .run = scalar::run, .supported = always},
};

}  // namespace

VariantList variants() {
  return {.first = kVariants, .last = kVariants + sizeof(kVariants) / sizeof(Variant)};
}

}  // namespace chord::cpu::kernels
