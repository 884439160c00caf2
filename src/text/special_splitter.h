// Finds the tokens that are recognised in a text before it is tokenized.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace chord::text {

class SpecialSplitter {
 public:
  explicit SpecialSplitter(const Vocabulary& vocabulary);

  // A part of the text: a token, or (token -1) text [begin, end) to be tokenized, which is not empty.
  struct Part {
    uint32_t begin;
    uint32_t end;
    int32_t token;
  };

  // Where tokens overlap, the longer one counts, of equally long ones the first in the text. User-defined
  // tokens are always looked for, control and unknown tokens only if `special`. White space that a token
  // strips (kStripsRightToken) is in no part. The vocabulary is the constructor's.
  std::vector<Part> split(const Vocabulary& vocabulary, std::string_view text, bool special) const;

 private:
  // What is looked for: tokens by their lengths, and the bytes they can begin with.
  struct Wanted {
    std::vector<uint32_t> lengths;  // descending
    std::bitset<256> first_bytes;
  };

  Wanted always_;   // user-defined tokens
  Wanted special_;  // these, and control and unknown tokens
};

}  // namespace chord::text
