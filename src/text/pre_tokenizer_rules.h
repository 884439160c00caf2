// The regular expressions of pre-tokenizers, as functions. A rule looks at the characters from `at` on and
// says how many it matches (0: no match); a stage tries its rules in order at each place, as an alternation
// does. What no rule matches stays together as a piece of its own.
//
// The expressions are those of llama.cpp (llama-vocab.cpp, unicode.cpp), which the ids must agree with; where
// it departs from a model's own expression (\p{Lu} and \p{Ll} of tekken and gpt-4o), so does this.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/char_class.h"
#include "text/pre_tokenizer.h"

namespace chord::text::rules {

constexpr uint32_t bit(CharClass char_class) {
  return 1u << (24 + static_cast<uint32_t>(char_class));
}

inline constexpr uint32_t kLetter = bit(CharClass::letter);
inline constexpr uint32_t kMark = bit(CharClass::mark);
inline constexpr uint32_t kNumber = bit(CharClass::number);
inline constexpr uint32_t kPunctuation = bit(CharClass::punctuation);
inline constexpr uint32_t kSymbol = bit(CharClass::symbol);
inline constexpr uint32_t kSpace = bit(CharClass::space);

using Char = ClassifiedChar;

struct Cursor {
  const Char* at;
  const Char* end;

  bool has(uint32_t n) const { return static_cast<size_t>(end - at) > n; }
};

// One character.
using Test = bool (*)(Char);

template <uint32_t ClassBits>
bool any_of(Char c) {
  return c.is_any(ClassBits);
}
template <uint32_t ClassBits>
bool none_of(Char c) {
  return !c.is_any(ClassBits);
}
inline bool is_newline(Char c) {
  return c.is('\n') || c.is('\r');
}
inline bool is_not_newline_letter_or_number(Char c) {
  return !is_newline(c) && !c.is_any(kLetter | kNumber);
}

template <Test test>
uint32_t run_length(Cursor text, uint32_t from) {
  uint32_t n = from;
  while (text.has(n) && test(text.at[n])) ++n;
  return n - from;
}

// X+
template <Test test>
uint32_t run(Cursor text) {
  return run_length<test>(text, 0);
}

// X{1,Most}
template <Test test, uint32_t Most>
uint32_t short_run(Cursor text) {
  uint32_t n = 0;
  while (n < Most && text.has(n) && test(text.at[n])) ++n;
  return n;
}

// X{Count}
template <Test test, uint32_t Count>
uint32_t exactly(Cursor text) {
  return short_run<test, Count>(text) == Count ? Count : 0;
}

// P?X+, where what P matches is no X, or the run goes on over it all the same.
template <Test prefix, Test test>
uint32_t prefixed_run(Cursor text) {
  const uint32_t skipped = text.has(1) && prefix(text.at[0]) && test(text.at[1]) ? 1 : 0;
  const uint32_t length = run_length<test>(text, skipped);
  return length == 0 ? 0 : skipped + length;
}

inline bool is_blank(Char c) {
  return c.is(' ');
}

// " ?X+"
template <Test test>
uint32_t after_blank(Cursor text) {
  return prefixed_run<is_blank, test>(text);
}

// " ?X+Y*"
template <Test test, Test tail>
uint32_t after_blank_with_tail(Cursor text) {
  const uint32_t length = after_blank<test>(text);
  return length == 0 ? 0 : length + run_length<tail>(text, length);
}

// 's|'t|'re|'ve|'m|'ll|'d, from `from` on; in any case of ASCII letters if AnyCase.
template <bool AnyCase>
uint32_t contraction_at(Cursor text, uint32_t from) {
  if (!text.has(from + 1) || !text.at[from].is('\'')) return 0;
  const auto letter = [&](uint32_t n) -> uint32_t {
    if (!text.has(from + n)) return 0;
    const uint32_t c = text.at[from + n].code_point();
    return AnyCase && c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  };
  const uint32_t first = letter(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  const uint32_t second = letter(2);
  const bool two =
      (first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l');
  return two ? 3 : 0;
}

template <bool AnyCase>
uint32_t contraction(Cursor text) {
  return contraction_at<AnyCase>(text, 0);
}

// \s*[\r\n]+
inline uint32_t spaces_to_newline(Cursor text) {
  uint32_t length = 0;
  for (uint32_t n = 0; text.has(n) && text.at[n].is_any(kSpace); ++n) {
    if (is_newline(text.at[n])) length = n + 1;
  }
  return length;
}

// \s+(?!\S)|\s+, of which the first leaves the last space to the word that follows.
inline uint32_t spaces(Cursor text) {
  const uint32_t length = run<any_of<kSpace>>(text);
  return length > 1 && text.has(length) ? length - 1 : length;
}

// Words of one case, U letters not in a-z, W letters not in A-Z (letters beyond ASCII are both):
//   P?U*W+|P?U+W*, where P is [^\r\n\p{L}\p{N}], with a contraction at the end if Contractions.
template <bool Contractions>
uint32_t cased_word(Cursor text) {
  const auto is_upper = [](Char c) {
    return c.is_any(kLetter) && !(c.code_point() >= 'a' && c.code_point() <= 'z');
  };
  const auto is_lower = [](Char c) {
    return c.is_any(kLetter) && !(c.code_point() >= 'A' && c.code_point() <= 'Z');
  };
  const uint32_t begin = is_not_newline_letter_or_number(text.at[0]) ? 1 : 0;
  uint32_t length = begin;
  while (text.has(length) && is_upper(text.at[length])) ++length;
  const uint32_t upper_end = length;
  while (text.has(length) && is_lower(text.at[length])) ++length;
  if (length == upper_end) {
    // W+ has to take from U*: the last of them that is also a W ends the match. Without one, U+ matches.
    while (length > begin && !is_lower(text.at[length - 1])) --length;
    if (length == begin) length = upper_end;
  }
  if (length == begin) return 0;
  return Contractions ? length + contraction_at<true>(text, length) : length;
}

// rule1|rule2|…
template <auto... alternatives>
void alternation(Chars text, uint32_t begin, uint32_t end, std::vector<uint32_t>& ends) {
  uint32_t unmatched = begin;
  for (uint32_t at = begin; at < end;) {
    const Cursor cursor = {text.data() + at, text.data() + end};
    uint32_t length = 0;
    ((length = alternatives(cursor)) || ...);
    if (length == 0) {
      ++at;
      continue;
    }
    if (unmatched < at) ends.push_back(at);
    at += length;
    ends.push_back(at);
    unmatched = at;
  }
  if (unmatched < end) ends.push_back(end);
}

// \s+$
inline void trailing_spaces(Chars text, uint32_t begin, uint32_t end, std::vector<uint32_t>& ends) {
  uint32_t spaces_begin = end;
  while (spaces_begin > begin && text[spaces_begin - 1].is_any(kSpace)) --spaces_begin;
  if (spaces_begin > begin && spaces_begin < end) ends.push_back(spaces_begin);
  ends.push_back(end);
}

}  // namespace chord::text::rules
