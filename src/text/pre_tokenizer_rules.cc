#include "text/pre_tokenizer_rules.h"

namespace chord::text {
namespace {

bool may_begin_word(ClassifiedChar c) {
  return !is_newline(c) && !c.is_any(CharClass::letter, CharClass::number);
}

bool is_upper(ClassifiedChar c) {
  return c.is_any(CharClass::letter) && !(c.code_point() >= 'a' && c.code_point() <= 'z');
}

bool is_lower(ClassifiedChar c) {
  return c.is_any(CharClass::letter) && !(c.code_point() >= 'A' && c.code_point() <= 'Z');
}

uint32_t contraction(Cursor text, uint32_t from, bool any_case) {
  if (!text.has(from + 1) || !text[from].is('\'')) return 0;
  const auto letter = [&](uint32_t n) -> uint32_t {
    if (!text.has(from + n)) return 0;
    const uint32_t c = text[from + n].code_point();
    return any_case && c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  };
  const uint32_t first = letter(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  const uint32_t second = letter(2);
  const bool two =
      (first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l');
  return two ? 3 : 0;
}

// Where a run of the set ends that begins at `from`.
uint32_t run_end(Cursor text, uint32_t from, CharSet set) {
  while (text.has(from) && set(text[from])) ++from;
  return from;
}

void split_trailing_spaces(std::span<const ClassifiedChar> text, uint32_t begin, uint32_t end,
                           std::vector<uint32_t>& ends) {
  uint32_t spaces = end;
  while (spaces > begin && text[spaces - 1].is_any(CharClass::space)) --spaces;
  if (spaces > begin && spaces < end) ends.push_back(spaces);
  ends.push_back(end);
}

}  // namespace

uint32_t match_rule(const SplitRule& rule, Cursor text) {
  if (rule.match != nullptr) return rule.match(text);
  uint32_t begin = 0;
  if (rule.prefix != nullptr && text.has(1) && rule.prefix(text[0]) && rule.set(text[1])) begin = 1;
  uint32_t end = begin;
  while (text.has(end) && rule.set(text[end])) {
    ++end;
    if (end - begin == rule.most) break;
  }
  if (end - begin < rule.least) return 0;
  return rule.tail == nullptr ? end : run_end(text, end, rule.tail);
}

uint32_t match_contraction(Cursor text) {
  return contraction(text, 0, /*any_case=*/false);
}

uint32_t match_any_case_contraction(Cursor text) {
  return contraction(text, 0, /*any_case=*/true);
}

uint32_t match_spaces_to_newline(Cursor text) {
  uint32_t length = 0;
  for (uint32_t n = 0; text.has(n) && text[n].is_any(CharClass::space); ++n) {
    if (is_newline(text[n])) length = n + 1;
  }
  return length;
}

uint32_t match_spaces(Cursor text) {
  const uint32_t length = run_end(text, 0, [](ClassifiedChar c) { return c.is_any(CharClass::space); });
  // The last space is left to the word that follows.
  return length > 1 && text.has(length) ? length - 1 : length;
}

uint32_t match_cased_word(Cursor text) {
  const uint32_t begin = may_begin_word(text[0]) ? 1 : 0;
  const uint32_t upper_end = run_end(text, begin, is_upper);
  uint32_t end = run_end(text, upper_end, is_lower);
  if (end == upper_end) {
    // W+ has to take from U*: the last of them that is also a W ends the match. Without one, U+ matches.
    while (end > begin && !is_lower(text[end - 1])) --end;
    if (end == begin) end = upper_end;
  }
  return end == begin ? 0 : end;
}

uint32_t match_cased_word_contraction(Cursor text) {
  const uint32_t length = match_cased_word(text);
  return length == 0 ? 0 : length + contraction(text, length, /*any_case=*/true);
}

void split_piece(SplitStage stage, std::span<const ClassifiedChar> text, uint32_t begin, uint32_t end,
                 std::vector<uint32_t>& ends) {
  if (stage.empty()) {
    split_trailing_spaces(text, begin, end, ends);
    return;
  }
  uint32_t unmatched = begin;
  for (uint32_t at = begin; at < end;) {
    const Cursor cursor(text.data() + at, text.data() + end);
    uint32_t length = 0;
    for (const SplitRule& rule : stage) {
      length = match_rule(rule, cursor);
      if (length != 0) break;
    }
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

}  // namespace chord::text
