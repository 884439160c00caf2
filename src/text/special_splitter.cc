#include "text/special_splitter.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>

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
  // Where a token can begin; those that do get its id and its end.
  std::vector<Part> places;
  if (!wanted.lengths.empty()) {
    for (uint32_t at = 0; at < text_size; ++at) {
      if (wanted.first_bytes[static_cast<uint8_t>(text[at])]) places.push_back({at, at, -1});
    }
  }

  std::string taken(places.empty() ? 0 : text.size(), '\0');  // flags of bytes
  const uint8_t flags = special ? kOnlyIfSpecial | kUserDefinedToken : kUserDefinedToken;
  for (const uint32_t length : wanted.lengths) {
    for (Part& place : places) {
      if (length > text_size - place.begin) break;
      // What is taken is at least this long, or adjoins something that is, so looking at both ends is enough.
      if (taken[place.begin] != 0 || taken[place.begin + length - 1] != 0) continue;
      const int32_t token = vocabulary.find(text.substr(place.begin, length));
      if (token < 0 || !vocabulary.has(token, flags)) continue;
      if (!special && vocabulary.has(token, kOnlyIfSpecial)) continue;
      place.token = token;
      place.end = place.begin + length;
      if (vocabulary.has(token, kStripsRightToken)) {
        while (place.end < text_size && taken[place.end] == 0 && is_ascii_space(text[place.end])) ++place.end;
      }
      std::memset(taken.data() + place.begin, 1, place.end - place.begin);
    }
  }

  std::vector<Part> parts;
  uint32_t begin = 0;
  for (const Part& place : places) {
    if (place.token < 0) continue;
    if (begin < place.begin) parts.push_back({begin, place.begin, -1});
    parts.push_back(place);
    begin = place.end;
  }
  if (begin < text_size) parts.push_back({begin, text_size, -1});
  return parts;
}

}  // namespace chord::text
