// The quantized weight types as they lie in memory: eight rows of a matrix are a panel, and a panel is a
// sequence of blocks. One stream of bytes then serves eight rows, four activations in every lane of a
// register meet four columns of each row, and no sum ever runs across a register.
//
// The numbers are those of the file (blocks.h) and none is rounded. The 6-bit scales of the K-quants are a
// byte each, which costs up to 4 % of space and saves the kernels from putting their bits together.
#pragma once

#include <stdint.h>

#include "cpu/kernels/blocks.h"

namespace chord::cpu::kernels {

inline constexpr uint32_t kPanelRows = 8;
inline constexpr uint32_t kPartColumns = 32;
// A group is four columns of eight rows: its byte 4r + j belongs to row r and column j.
inline constexpr uint32_t kGroupColumns = 4;
inline constexpr uint32_t kGroupBytes = kPanelRows * kGroupColumns;
inline constexpr uint32_t kPartGroups = kPartColumns / kGroupColumns;

// Planes of the quanta of a part: `bits` of each, of as many consecutive groups in a byte as fit, the first
// in its lowest bits.
template <uint32_t kTheBits>
struct Plane {
  static constexpr uint32_t kBits = kTheBits;
  static constexpr uint32_t kGroups = 8 / kBits;  // in a byte
  uint8_t bytes[kBits][kGroupBytes];
};

// A part: the quanta of 32 columns, unsigned numbers of kBits.
template <uint32_t kTheBits, uint32_t kLowBits>
struct SplitQuanta {
  static constexpr uint32_t kBits = kTheBits;
  Plane<kLowBits> low;
  Plane<kTheBits - kLowBits> high;
};

template <uint32_t kTheBits>
struct WholeQuanta {
  static constexpr uint32_t kBits = kTheBits;
  Plane<kTheBits> low;
};

// What a quantum stands for.
enum class Meaning : uint8_t {
  offset,   // itself less kOffset
  minimum,  // itself; its (sub-)block adds a minimum
  byte,     // itself as a signed byte
  level,    // its entry in kIq4Levels
};

template <Meaning kTheMeaning, int kTheOffset = 0>
struct Means {
  static constexpr Meaning kMeaning = kTheMeaning;
  static constexpr int kOffset = kTheOffset;
  // A signed byte has the full range of eight bits; the others have at most six and no sign.
  static constexpr bool kSigned = kMeaning == Meaning::byte || kMeaning == Meaning::level;
};

// Blocks of 32 columns.

// w = d * quantum
template <class Quanta, class Meaning>
struct Plain : Meaning {
  static constexpr uint32_t kLength = 32;
  uint16_t d[kPanelRows];
  Quanta parts[1];
};

// w = d * quantum + m
template <class Quanta>
struct PlainMinimum : Means<Meaning::minimum> {
  static constexpr uint32_t kLength = 32;
  uint16_t d[kPanelRows];
  uint16_t m[kPanelRows];
  Quanta parts[1];
};

// Blocks of 256 columns, in sub-blocks of 32 or 16. The scales of sub-blocks 2p and 2p + 1 are neighbours:
// scales[p][row][0 and 1].

template <class Byte>
using Pair = Byte[kPanelRows][2];

// w = d * scale * quantum
template <class Quanta, uint32_t kThePairs, class Meaning>
struct Scaled : Meaning {
  static constexpr uint32_t kLength = 256;
  static constexpr uint32_t kPairs = kThePairs;
  uint16_t d[kPanelRows];
  Pair<int8_t> scales[kPairs];
  Quanta parts[8];
};

// w = d * scale * quantum - dmin * min
template <class Quanta>
struct ScaledMinimum : Means<Meaning::minimum> {
  static constexpr uint32_t kLength = 256;
  static constexpr uint32_t kPairs = 4;
  uint16_t d[kPanelRows];
  uint16_t dmin[kPanelRows];
  Pair<uint8_t> scales[kPairs];
  Pair<uint8_t> mins[kPairs];
  Quanta parts[8];
};

// The same with scales of 4 bits (in bits 0-3) and mins of 4 bits (4-7).
template <class Quanta>
struct NibbleMinimum : Means<Meaning::minimum> {
  static constexpr uint32_t kLength = 256;
  static constexpr uint32_t kPairs = 8;
  uint16_t d[kPanelRows];
  uint16_t dmin[kPanelRows];
  Pair<uint8_t> scale_mins[kPairs];
  Quanta parts[8];
};

// w = d * quantum
struct Wide : Means<Meaning::byte> {
  static constexpr uint32_t kLength = 256;
  float d[kPanelRows];
  WholeQuanta<8> parts[8];
};

// The panel block of each quantized block of a file.
template <class Block>
struct PanelOf;

template <>
struct PanelOf<Q40> {
  using Type = Plain<WholeQuanta<4>, Means<Meaning::offset, 8>>;
};
template <>
struct PanelOf<Q41> {
  using Type = PlainMinimum<WholeQuanta<4>>;
};
template <>
struct PanelOf<Q50> {
  using Type = Plain<SplitQuanta<5, 4>, Means<Meaning::offset, 16>>;
};
template <>
struct PanelOf<Q51> {
  using Type = PlainMinimum<SplitQuanta<5, 4>>;
};
template <>
struct PanelOf<Q80> {
  using Type = Plain<WholeQuanta<8>, Means<Meaning::byte>>;
};
template <>
struct PanelOf<Q2K> {
  using Type = NibbleMinimum<WholeQuanta<2>>;
};
template <>
struct PanelOf<Q3K> {
  using Type = Scaled<SplitQuanta<3, 2>, 8, Means<Meaning::offset, 4>>;
};
template <>
struct PanelOf<Q4K> {
  using Type = ScaledMinimum<WholeQuanta<4>>;
};
template <>
struct PanelOf<Q5K> {
  using Type = ScaledMinimum<SplitQuanta<5, 4>>;
};
template <>
struct PanelOf<Q6K> {
  using Type = Scaled<SplitQuanta<6, 4>, 8, Means<Meaning::offset, 32>>;
};
template <>
struct PanelOf<Q8K> {
  using Type = Wide;
};
template <>
struct PanelOf<Iq4Nl> {
  using Type = Plain<WholeQuanta<4>, Means<Meaning::level>>;
};
template <>
struct PanelOf<Iq4Xs> {
  using Type = Scaled<WholeQuanta<4>, 4, Means<Meaning::level>>;
};

}  // namespace chord::cpu::kernels
