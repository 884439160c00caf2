// Elementary functions in plain IEEE double arithmetic. A platform's libm may round differently from the
// next one's, and a sampled token or a rotary frequency would then depend on where the program runs: these
// give the same bits everywhere, given -ffp-contract=off.
#pragma once

namespace chord::math {

// All are within 1 ulp of the exact result (math_test.cc), subnormal results included. Special values are
// those of C's Annex F.
double exp(double x);
double log(double x);  // natural
double pow(double base, double exponent);

}  // namespace chord::math
