#include "grammar/characters.h"

#include <array>

namespace chord::grammar {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// What follows the backslash where there is a short form; 0 where there is none.
char short_escape(uint32_t code_point) {
  switch (code_point) {
    case '"':
    case '\\':
      return static_cast<char>(code_point);
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

const CodePoints& all_scalars() {
  static const CodePoints set = {{0, 0xD7FF}, {0xE000, kLastCodePoint}};
  return set;
}

const CodePoints& unescaped() {
  static const CodePoints set = {{0x20, 0x21}, {0x23, 0x5B}, {0x5D, 0xD7FF}, {0xE000, kLastCodePoint}};
  return set;
}

// Ranges of code points as ranges of bytes, with the states for any continuation shared.
class Utf8Paths {
 public:
  Utf8Paths(Builder& builder, State to) : builder_(&builder), any_{to, kNever, kNever, kNever} {}

  void add(State from, uint32_t low, uint32_t high) {
    struct Length {
      uint32_t last;
      uint8_t lead;
    };
    constexpr std::array<Length, 4> kLengths = {
        {{0x7F, 0}, {0x7FF, 0xC0}, {0xFFFF, 0xE0}, {kLastCodePoint, 0xF0}}};
    for (uint32_t more = 0; more < 4; ++more) {
      if (low > kLengths[more].last) continue;
      add_tail(from, low, std::min(high, kLengths[more].last), more, kLengths[more].lead);
      if (high <= kLengths[more].last) return;
      low = kLengths[more].last + 1;
    }
  }

 private:
  // The values [low, high] of 6 bits for each of `more` bytes, and of those of a byte before them, which has
  // `marker`.
  void add_tail(State from, uint32_t low, uint32_t high, uint32_t more, uint8_t marker) {
    const uint32_t shift = 6 * more;
    const uint32_t rest = (1U << shift) - 1;
    if (low >> shift != high >> shift) {
      if ((low & rest) != 0) {
        add_tail(from, low, low | rest, more, marker);
        low = (low | rest) + 1;
      }
      if ((high & rest) != rest) {
        add_tail(from, high & ~rest, high, more, marker);
        if ((high & ~rest) == low) return;
        high = (high & ~rest) - 1;
      }
    }
    const auto first = static_cast<uint8_t>(marker | low >> shift);
    const auto last = static_cast<uint8_t>(marker | high >> shift);
    if ((low & rest) == 0 && (high & rest) == rest) {
      builder_->add_bytes(from, first, last, any(more));
      return;
    }
    const State next = builder_->add_state();
    builder_->add_bytes(from, first, last, next);
    add_tail(next, low & rest, high & rest, more - 1, 0x80);
  }

  // Before `more` continuation bytes of any value.
  State any(uint32_t more) {
    if (any_[more] == kNever) {
      const State next = any(more - 1);
      any_[more] = builder_->add_state();
      builder_->add_bytes(any_[more], 0x80, 0xBF, next);
    }
    return any_[more];
  }

  Builder* builder_;
  State any_[4];
};

}  // namespace

void Characters::add(State from, const CodePoints& set, Spelling spelling, State to) {
  const CodePoints written = intersection(set, spelling == Spelling::json ? unescaped() : all_scalars());
  // A few ranges of ASCII are no longer than a call would be.
  if (written == set && !set.empty() && set.size() <= 4 && set.back().high < 0x80) {
    add_utf8(from, set, to);
  } else {
    builder_->add_call(from, rule_for(set, spelling), to);
  }
}

Rule Characters::rule_for(const CodePoints& set, Spelling spelling) {
  std::vector<uint32_t> key = {static_cast<uint32_t>(spelling)};
  key.reserve(1 + set.size() * 2);
  for (const CodePointRange& range : set) {
    key.push_back(range.low);
    key.push_back(range.high);
  }
  const uint32_t number = known_.intern(key);
  if (number < rules_.size()) return rules_[number];
  const Rule rule = builder_->add_rule("a character");
  rules_.push_back(rule);
  const State start = builder_->start(rule);
  const State end = builder_->add_state();
  builder_->set_final(end);
  add_utf8(start, intersection(set, spelling == Spelling::json ? unescaped() : all_scalars()), end);
  if (spelling == Spelling::json) add_escapes(start, set, end);
  return rule;
}

void Characters::add_utf8(State from, const CodePoints& set, State to) {
  Utf8Paths paths(*builder_, to);
  for (const CodePointRange& range : set) paths.add(from, range.low, range.high);
}

void Characters::add_escapes(State from, const CodePoints& set, State to) {
  const State backslash = builder_->add_state();
  State hex[2] = {kNever, kNever};  // behind \u000 and \u001
  for (const CodePointRange& range : set) {
    for (uint32_t c = range.low; c <= std::min<uint32_t>(range.high, '\\'); ++c) {
      if (c >= 0x20 && c != '"' && c != '\\') continue;
      if (const char escape = short_escape(c)) {
        builder_->add_bytes(backslash, static_cast<uint8_t>(escape), static_cast<uint8_t>(escape), to);
        continue;
      }
      State& before = hex[c >> 4];
      if (before == kNever) before = builder_->add_text(backslash, c < 16 ? "u000" : "u001");
      const char digit = kHexDigits[c & 15];
      builder_->add_bytes(before, static_cast<uint8_t>(digit), static_cast<uint8_t>(digit), to);
      if (digit < 'a') continue;
      builder_->add_bytes(before, static_cast<uint8_t>(digit - 32), static_cast<uint8_t>(digit - 32), to);
    }
  }
  builder_->add_bytes(from, '\\', '\\', backslash);
}

std::string quoted(std::string_view utf8) {
  std::string out = "\"";
  for (const char c : utf8) {
    const auto byte = static_cast<uint8_t>(c);
    if (const char escape = short_escape(byte)) {
      out += '\\';
      out += escape;
    } else if (byte < 0x20) {
      out += byte < 16 ? "\\u000" : "\\u001";
      out += kHexDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace chord::grammar
