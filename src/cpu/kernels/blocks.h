// The weight types, as they lie in a file. src/quant/blocks.h draws and explains each of them; the kernels
// may not include it, being freestanding, and decode_test.cc holds the two together.
#pragma once

#include <stdint.h>

namespace chord::cpu::kernels {

// The numbers of GGUF.
enum class Type : uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  q8_k = 15,
  iq4_nl = 20,
  iq4_xs = 23,
  bf16 = 30,
};

struct F32 {
  static constexpr uint32_t kLength = 1;
  float value;
};

struct F16 {
  static constexpr uint32_t kLength = 1;
  uint16_t bits;
};

struct Bf16 {
  static constexpr uint32_t kLength = 1;
  uint16_t bits;
};

struct Q40 {
  static constexpr uint32_t kLength = 32;
  uint16_t d;
  uint8_t qs[16];
};

struct Q41 {
  static constexpr uint32_t kLength = 32;
  uint16_t d;
  uint16_t m;
  uint8_t qs[16];
};

struct Q50 {
  static constexpr uint32_t kLength = 32;
  uint16_t d;
  uint8_t qh[4];
  uint8_t qs[16];
};

struct Q51 {
  static constexpr uint32_t kLength = 32;
  uint16_t d;
  uint16_t m;
  uint8_t qh[4];
  uint8_t qs[16];
};

struct Q80 {
  static constexpr uint32_t kLength = 32;
  uint16_t d;
  int8_t qs[32];
};

struct Q2K {
  static constexpr uint32_t kLength = 256;
  uint8_t scales[16];
  uint8_t qs[64];
  uint16_t d;
  uint16_t dmin;
};

struct Q3K {
  static constexpr uint32_t kLength = 256;
  uint8_t hmask[32];
  uint8_t qs[64];
  uint8_t scales[12];
  uint16_t d;
};

struct Q4K {
  static constexpr uint32_t kLength = 256;
  uint16_t d;
  uint16_t dmin;
  uint8_t scales[12];
  uint8_t qs[128];
};

struct Q5K {
  static constexpr uint32_t kLength = 256;
  uint16_t d;
  uint16_t dmin;
  uint8_t scales[12];
  uint8_t qh[32];
  uint8_t qs[128];
};

struct Q6K {
  static constexpr uint32_t kLength = 256;
  uint8_t ql[128];
  uint8_t qh[64];
  int8_t scales[16];
  uint16_t d;
};

struct Q8K {
  static constexpr uint32_t kLength = 256;
  float d;
  int8_t qs[256];
  int16_t bsums[16];
};

struct Iq4Nl {
  static constexpr uint32_t kLength = 32;
  uint16_t d;
  uint8_t qs[16];
};

struct Iq4Xs {
  static constexpr uint32_t kLength = 256;
  uint16_t d;
  uint16_t scales_h;
  uint8_t scales_l[4];
  uint8_t qs[128];
};

inline constexpr int8_t kIq4Levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                          1,    13,   25,  38,  53,  69,  89,  113};

// Calls visit with an object of the type's block struct, for the sake of its type.
template <class Visit>
static inline void visit_type(Type type, Visit&& visit) {
  switch (type) {
    case Type::f32:
      return visit(F32{});
    case Type::f16:
      return visit(F16{});
    case Type::q4_0:
      return visit(Q40{});
    case Type::q4_1:
      return visit(Q41{});
    case Type::q5_0:
      return visit(Q50{});
    case Type::q5_1:
      return visit(Q51{});
    case Type::q8_0:
      return visit(Q80{});
    case Type::q2_k:
      return visit(Q2K{});
    case Type::q3_k:
      return visit(Q3K{});
    case Type::q4_k:
      return visit(Q4K{});
    case Type::q5_k:
      return visit(Q5K{});
    case Type::q6_k:
      return visit(Q6K{});
    case Type::q8_k:
      return visit(Q8K{});
    case Type::iq4_nl:
      return visit(Iq4Nl{});
    case Type::iq4_xs:
      return visit(Iq4Xs{});
    case Type::bf16:
      return visit(Bf16{});
  }
}

}  // namespace chord::cpu::kernels
