#include "cpu/kernels/variants.h"

#include "cpu/kernels/scalar/ops.h"
#if defined(__x86_64__)
#include "cpu/kernels/x86/avx2.h"
#include "cpu/kernels/x86/avx512.h"
#elif defined(__aarch64__)
#include "cpu/kernels/arm/neon.h"
#elif defined(__wasm__)
#include "cpu/kernels/wasm/relaxed.h"
#include "cpu/kernels/wasm/simd128.h"
#endif

namespace chord::cpu::kernels {
namespace {

bool always() {
  return true;
}

constexpr Variant kVariants[] = {
#if defined(__x86_64__)
    {.name = "avx512", .run = avx512::run, .work = avx512::work, .supported = avx512::supported},
    {.name = "avx2", .run = avx2::run, .work = avx2::work, .supported = avx2::supported},
#elif defined(__aarch64__)
    {.name = "neon", .run = neon::run, .work = neon::work, .supported = neon::supported},
#elif defined(__wasm__)
#if defined(CHORD_RELAXED_SIMD)
    {.name = "relaxed", .run = relaxed::run, .work = relaxed::work, .supported = always},
#endif
    {.name = "simd128", .run = simd128::run, .work = simd128::work, .supported = always},
#endif
    {.name = "scalar", .run = scalar::run, .work = nullptr, .supported = always},
};

}  // namespace

VariantList variants() {
  return {.first = kVariants, .last = kVariants + sizeof(kVariants) / sizeof(Variant)};
}

}  // namespace chord::cpu::kernels
