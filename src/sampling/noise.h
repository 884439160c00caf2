// Random numbers as a function of (seed, position, token), with no state in between: the same ones come out
// in whatever order they are asked for, for any part of the vocabulary, on any processor.
#pragma once

#include <array>
#include <cstdint>

namespace chord::sampling {

// Philox4x32-10: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel Random Numbers: As Easy as 1,
// 2, 3 (SC 2011). Chosen because it needs nothing but 32-bit products, so that a GPU can compute it too.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// 64 random bits.
uint64_t noise_bits(uint64_t seed, uint64_t position, int32_t token);

// −log(−log u), where u is in the open interval (0, 1), made of the upper 52 of the bits: a number of the
// standard Gumbel distribution, between −3.7 and 36.8.
double gumbel(uint64_t bits);

// A number that gumbel(bits) does not exceed, at a fraction of the cost.
double gumbel_bound(uint64_t bits);

}  // namespace chord::sampling
