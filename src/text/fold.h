// What a character is once its accents and its case are taken away, as WordPiece vocabularies want it.
#pragma once

#include <cstdint>

namespace chord::text {

// The first code point of the canonical decomposition: é → e, 가 → ᄀ. Compatibility ideographs stay, though
// llama.cpp decomposes them: hardly a text has one, and they would take 2 KB, twice what all others take.
uint32_t base_character(uint32_t code_point);

// The first code point of the lower case.
uint32_t lower_case(uint32_t code_point);

// Controls, formats, surrogates and private use: \p{C} without what is unassigned.
bool is_control_character(uint32_t code_point);

}  // namespace chord::text
