#include "session/prompt_lookup.h"

#include <algorithm>

namespace chord::session {

std::vector<int32_t> PromptLookup::guess(std::span<const int32_t> text, uint32_t limit) const {
  const size_t length = std::min(length_, limit);
  if (length == 0 || text.size() <= kLeastMatch) return {};
  size_t best = 0;
  uint32_t longest = kLeastMatch - 1;
  // The latest of the places with the longest match: texts drift.
  for (size_t end = text.size() - 1; end >= kLeastMatch && longest < kLongestMatch; --end) {
    uint32_t match = 0;
    while (match < kLongestMatch && match < end && text[end - 1 - match] == text[text.size() - 1 - match])
      ++match;
    if (match <= longest) continue;
    longest = match;
    best = end;
  }
  if (best == 0) return {};
  const auto found = text.subspan(best, std::min(length, text.size() - best));
  std::vector<int32_t> guess(found.begin(), found.end());
  // What repeats itself up to the end of the text goes on with that.
  for (size_t i = 0; guess.size() < length; ++i) guess.push_back(guess[i]);
  return guess;
}

void PromptLookup::learn(uint32_t guessed, uint32_t right) {
  if (guessed == 0) return;
  length_ = right == guessed ? std::min(most_, 2 * length_) : std::min(most_, right + 1);
}

}  // namespace chord::session
