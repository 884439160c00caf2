#include "text/special_splitter.h"

#include <algorithm>
#include <functional>

namespace chord::text {
namespace {

constexpr uint8_t kOnlyIfSpecial = kControlToken | kUnknownToken;

bool is_ascii_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

SpecialSplitter::SpecialSplitter(const Vocabulary& vocabulary) {
  const auto add = [](Wanted& wanted, std::string_view text) {
    const auto length = static_cast<uint32_t>(text.size());
    const auto at = std::ranges::lower_bound(wanted.lengths, length, std::greater{});
    if (at == wanted.lengths.end() || *at != length) wanted.lengths.insert(at, length);
    wanted.first_bytes.set(static_cast<uint8_t>(text.front()));
  };
  for (size_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view text = vocabulary.texts[id];
    const uint8_t flags = vocabulary.flags[id];
    if (text.empty() || (flags & (kOnlyIfSpecial | kUserDefinedToken)) == 0) continue;
    add(special_, text);
    if ((flags & kOnlyIfSpecial) == 0) add(always_, text);
  }
}

std::vector<SpecialSplitter::Part> SpecialSplitter::split(const Vocabulary& vocabulary, std::string_view text,
                                                          bool special) const {
  const Wanted& wanted = special ? special_ : always_;
  const auto text_size = static_cast<uint32_t>(text.size());
  std::vector<uint32_t> candidates;
  if (!wanted.lengths.empty()) {
    for (uint32_t at = 0; at < text_size; ++at) {
      if (wanted.first_bytes[static_cast<uint8_t>(text[at])]) candidates.push_back(at);
    }
  }

  std::vector<Part> found;
  std::vector<bool> taken(candidates.empty() ? 0 : text.size());
  const uint8_t flags = special ? kOnlyIfSpecial | kUserDefinedToken : kUserDefinedToken;
  for (const uint32_t length : wanted.lengths) {
    std::erase_if(candidates, [&](uint32_t at) { return taken[at]; });
    for (const uint32_t at : candidates) {
      if (length > text_size - at) break;
      // What is taken is at least this long, or adjoins something that is, so looking at both ends is enough.
      if (taken[at] || taken[at + length - 1]) continue;
      const int32_t token = vocabulary.find(text.substr(at, length));
      if (token < 0 || !vocabulary.has(token, flags)) continue;
      if (!special && vocabulary.has(token, kOnlyIfSpecial)) continue;
      uint32_t end = at + length;
      if (vocabulary.has(token, kStripsRightToken)) {
        while (end < text_size && !taken[end] && is_ascii_space(text[end])) ++end;
      }
      std::fill(taken.begin() + at, taken.begin() + end, true);
      found.push_back({at, end, token});
    }
  }

  // A heap sorts in a tenth of the code that std::sort takes.
  std::ranges::make_heap(found, {}, &Part::begin);
  std::ranges::sort_heap(found, {}, &Part::begin);
  std::vector<Part> parts;
  parts.reserve(2 * found.size() + 1);
  uint32_t begin = 0;
  for (const Part& token : found) {
    if (begin < token.begin) parts.push_back({begin, token.begin, -1});
    parts.push_back(token);
    begin = token.end;
  }
  if (begin < text_size) parts.push_back({begin, text_size, -1});
  return parts;
}

}  // namespace chord::text
