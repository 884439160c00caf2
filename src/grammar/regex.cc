#include "grammar/regex.h"

#include <algorithm>

#include "base/heap_sort.h"
#include "grammar/expression.h"
#include "grammar/list_table.h"

namespace chord::grammar {
namespace {

// Of all sets of states together that become states of the automaton.
constexpr size_t kMaxSetItems = 1 << 22;

CodePoints digits() {
  return {{'0', '9'}};
}
CodePoints word_characters() {
  return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
}
CodePoints white_space() {
  return {{9, 13},          {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
          {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
}
CodePoints line_ends() {
  return {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};
}

class RegexParser {
 public:
  RegexParser(std::string_view text, Expressions& all) : text_(text), all_(all) {}

  Result<uint32_t> parse() {
    CHORD_ASSIGN(const uint32_t number, parse_choice());
    if (at_ < text_.size()) return malformed("there is no \"(\" for this \")\"");
    return number;
  }

 private:
  using Kind = Expression::Kind;

  [[gnu::noinline]] std::unexpected<Error> malformed(std::string_view what) const {
    return fail(ErrorCode::invalid_argument, what, ", at byte ", at_);
  }
  [[gnu::noinline]] std::unexpected<Error> unsupported(std::string_view what) const {
    return fail(ErrorCode::unsupported_format, what, " cannot be enforced, at byte ", at_);
  }
  bool at_end() const { return at_ == text_.size(); }
  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  Result<uint32_t> parse_choice() {
    if (++nesting_ > kMaxNesting) return malformed("parentheses are nested too deeply");
    Expression choice{.kind = Kind::choice};
    do {
      CHORD_ASSIGN(const uint32_t part, parse_sequence());
      choice.parts.push_back(part);
    } while (take("|"));
    --nesting_;
    return choice.parts.size() == 1 ? choice.parts[0] : add_expression(all_, std::move(choice));
  }

  Result<uint32_t> parse_sequence() {
    Expression sequence{.kind = Kind::sequence};
    while (!at_end() && text_[at_] != '|' && text_[at_] != ')') {
      CHORD_ASSIGN(uint32_t part, parse_atom());
      CHORD_ASSIGN(part, parse_quantifier(part));
      sequence.parts.push_back(part);
    }
    return add_expression(all_, std::move(sequence));
  }

  Result<uint32_t> parse_atom() {
    if (take("^")) return add_expression(all_, {.kind = Kind::begin});
    if (take("$")) return add_expression(all_, {.kind = Kind::end});
    if (take("(")) return parse_group();
    if (take("[")) return parse_class();
    if (take(".")) return add_set(complement(line_ends()));
    if (take("\\")) {
      CHORD_ASSIGN(auto set, parse_escape(false));
      return add_set(std::move(set));
    }
    const char c = text_[at_];
    if (c == '*' || c == '+' || c == '?' || c == '{') return malformed("there is nothing to repeat");
    if (c == ']' || c == '}') return malformed("a bracket that opens nothing needs a backslash");
    CHORD_ASSIGN(const uint32_t character, parse_character());
    return add_set({{character, character}});
  }

  uint32_t add_set(CodePoints set) {
    return add_expression(all_, {.kind = Kind::characters, .set = std::move(set)});
  }

  Result<uint32_t> parse_character() {
    std::string_view rest = text_.substr(at_);
    const uint32_t character = take_character(rest);
    if (character == UINT32_MAX) return malformed("there is a byte that is not UTF-8");
    at_ = text_.size() - rest.size();
    return character;
  }

  Result<uint32_t> parse_group() {
    if (take("?=") || take("?!") || take("?<=") || take("?<!")) return unsupported("looking ahead or behind");
    if (take("?<")) {
      const size_t end = text_.find('>', at_);
      if (end == std::string_view::npos) return malformed("the name of a group does not end");
      at_ = end + 1;
    } else if (!take("?:") && text_.substr(at_).starts_with('?')) {
      return unsupported("this kind of group");
    }
    CHORD_ASSIGN(const uint32_t inner, parse_choice());
    if (!take(")")) return malformed("a \"(\" is not closed");
    return inner;
  }

  Result<uint32_t> parse_quantifier(uint32_t part) {
    Expression repeat{.kind = Kind::repeat, .parts = {part}};
    repeat.most = kUnbounded;
    if (take("*")) {
      repeat.least = 0;
    } else if (take("+")) {
      repeat.least = 1;
    } else if (take("?")) {
      repeat.most = 1;
    } else if (take("{")) {
      if (!take_bounds(text_, at_, kMaxRepetition, repeat.least, repeat.most)) {
        return malformed("a \"{\" is followed by no numbers");
      }
      if (repeat.least > repeat.most) return malformed("the numbers of a repetition are in the wrong order");
      if (repeat.least > kMaxRepetition || (repeat.most > kMaxRepetition && repeat.most != kUnbounded)) {
        return unsupported("so many repetitions");
      }
    } else {
      return part;
    }
    (void)take("?");  // lazy: which texts match is the same
    const Kind kind = all_[part].kind;
    if (kind == Kind::begin || kind == Kind::end) return malformed("\"^\" and \"$\" cannot be repeated");
    return add_expression(all_, std::move(repeat));
  }

  // Behind the backslash. In a class \b is a backspace, and \- a hyphen.
  Result<CodePoints> parse_escape(bool in_class) {
    if (at_end()) return malformed("a backslash is the last character");
    const char c = text_[at_++];
    switch (c) {
      case 'd':
        return digits();
      case 'D':
        return complement(digits());
      case 'w':
        return word_characters();
      case 'W':
        return complement(word_characters());
      case 's':
        return white_space();
      case 'S':
        return complement(white_space());
      case 't':
        return CodePoints{{'\t', '\t'}};
      case 'n':
        return CodePoints{{'\n', '\n'}};
      case 'v':
        return CodePoints{{'\v', '\v'}};
      case 'f':
        return CodePoints{{'\f', '\f'}};
      case 'r':
        return CodePoints{{'\r', '\r'}};
      case 'b':
        if (in_class) return CodePoints{{'\b', '\b'}};
        return unsupported("\\b");
      case 'B':
        return unsupported("\\B");
      case 'p':
      case 'P':
        return unsupported("\\p");
      case 'k':
        return unsupported("a reference back");
      case 'c': {
        const char letter = at_end() ? '\0' : static_cast<char>(text_[at_] | 0x20);
        if (letter < 'a' || letter > 'z') return malformed("\\c is followed by no letter");
        ++at_;
        const auto control = static_cast<uint32_t>(letter - 'a' + 1);
        return CodePoints{{control, control}};
      }
      case 'x':
      case 'u':
        return parse_hex_escape(c);
      default:
        break;
    }
    if (c == '0' && (at_end() || text_[at_] < '0' || text_[at_] > '9')) return CodePoints{{0, 0}};
    if (c >= '0' && c <= '9') return unsupported("a reference back");
    constexpr std::string_view kSyntax = "^$\\.*+?()[]{}|/";
    // Not of the flag u, but common: a backslash before what needs none.
    constexpr std::string_view kHarmless = "-@#%&\"'!,:;<=>_`~ ";
    if (kSyntax.contains(c) || kHarmless.contains(c)) {
      const auto character = static_cast<uint8_t>(c);
      return CodePoints{{character, character}};
    }
    --at_;
    return malformed("a backslash is followed by what it does not go with");
  }

  Result<CodePoints> parse_hex_escape(char kind) {
    uint32_t value = 0;
    if (kind == 'u' && take("{")) {
      const size_t end = text_.find('}', at_);
      const size_t count = end == std::string_view::npos ? 0 : end - at_;
      value = count < 1 || count > 8 ? UINT32_MAX : take_hex(text_, at_, count);
      ++at_;
    } else {
      value = take_hex(text_, at_, kind == 'x' ? 2 : 4);
      if (value >= 0xD800 && value <= 0xDBFF && take("\\u")) {
        const uint32_t low = take_hex(text_, at_, 4);
        if (low < 0xDC00 || low > 0xDFFF) return malformed("half of a character stands alone");
        value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
      }
    }
    if (value > kLastCodePoint) return malformed("an escape is no hexadecimal number of a character");
    return CodePoints{{value, value}};
  }

  Result<CodePoints> parse_class_atom() {
    if (take("\\")) return parse_escape(true);
    CHORD_ASSIGN(const uint32_t character, parse_character());
    return CodePoints{{character, character}};
  }

  Result<uint32_t> parse_class() {
    const bool negated = take("^");
    CodePoints set;
    while (true) {
      if (at_end()) return malformed("a \"[\" is not closed");
      if (take("]")) break;
      CHORD_ASSIGN(CodePoints item, parse_class_atom());
      if (text_.substr(at_).starts_with('-') && !text_.substr(at_).starts_with("-]")) {
        ++at_;
        if (at_end()) return malformed("a \"[\" is not closed");
        CHORD_ASSIGN(const CodePoints last, parse_class_atom());
        const bool single = item.size() == 1 && last.size() == 1 && item[0].low == item[0].high &&
                            last[0].low == last[0].high;
        if (!single || item[0].low > last[0].low) return malformed("a range of characters has no order");
        item[0].high = last[0].high;
      }
      set.insert(set.end(), item.begin(), item.end());
    }
    set = normal(std::move(set));
    return add_set(negated ? complement(set) : std::move(set));
  }

  std::string_view text_;
  Expressions& all_;
  size_t at_ = 0;
  uint32_t nesting_ = 0;
};

// With edges for one character, or for nothing: anywhere, at the text's beginning, or at its end.
class Nfa {
 public:
  static constexpr size_t kMaxStates = 1 << 17;
  enum class Kind : uint8_t { characters, jump, begin, end };
  struct Edge {
    Kind kind;
    uint32_t target;
    CodePoints set;
  };

  uint32_t add_state() {
    if (!full()) edges_.emplace_back();
    return static_cast<uint32_t>(edges_.size() - 1);
  }
  void add_jump(uint32_t from, uint32_t to) { edges_[from].push_back({Kind::jump, to, {}}); }
  void add_leaf(const Expression& leaf, uint32_t from, uint32_t to) {
    const Kind kind = leaf.kind == Expression::Kind::begin ? Kind::begin
                      : leaf.kind == Expression::Kind::end ? Kind::end
                                                           : Kind::characters;
    edges_[from].push_back({kind, to, leaf.set});
  }
  bool full() const { return edges_.size() >= kMaxStates; }
  const std::vector<Edge>& edges(uint32_t state) const { return edges_[state]; }

  // What can be reached from `states` without a character, over jumps and edges of the kind `also`;
  // ascending.
  std::vector<uint32_t> closure(std::vector<uint32_t> states, Kind also) {
    marks_.resize(edges_.size());
    ++mark_;
    std::vector<uint32_t> found;
    while (!states.empty()) {
      const uint32_t state = states.back();
      states.pop_back();
      if (marks_[state] == mark_) continue;
      marks_[state] = mark_;
      found.push_back(state);
      for (const Edge& edge : edges_[state]) {
        if (edge.kind == Kind::jump || edge.kind == also) states.push_back(edge.target);
      }
    }
    heap_sort(found);
    return found;
  }

 private:
  std::vector<std::vector<Edge>> edges_;
  std::vector<uint32_t> marks_;
  uint32_t mark_ = 0;
};

// Where sets of characters begin and end: within each piece they do not differ.
std::vector<uint32_t> borders(const Nfa& nfa, std::span<const uint32_t> states) {
  std::vector<uint32_t> all;
  for (const uint32_t state : states) {
    for (const Nfa::Edge& edge : nfa.edges(state)) {
      for (const CodePointRange& range : edge.set) {
        all.push_back(range.low);
        all.push_back(range.high + 1);
      }
    }
  }
  heap_sort(all);
  const auto rest = std::ranges::unique(all);
  all.erase(rest.begin(), rest.end());
  return all;
}

bool has(const CodePoints& set, uint32_t character) {
  return std::ranges::any_of(
      set, [=](const CodePointRange& r) { return r.low <= character && character <= r.high; });
}

Result<Dfa> determinize(Nfa& nfa, uint32_t start, uint32_t match) {
  ListTable sets;
  sets.intern(nfa.closure({start}, Nfa::Kind::begin));
  Dfa dfa;
  for (uint32_t number = 0; number < sets.size(); ++number) {
    if (number >= Dfa::kMaxStates || sets.item_count() > kMaxSetItems) return dfa_too_large();
    const std::vector<uint32_t> states(sets[number].begin(), sets[number].end());
    Dfa::State state{.accepting = std::ranges::binary_search(nfa.closure(states, Nfa::Kind::end), match)};
    const std::vector<uint32_t> cuts = borders(nfa, states);
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      std::vector<uint32_t> targets;
      for (const uint32_t from : states) {
        for (const Nfa::Edge& edge : nfa.edges(from)) {
          if (edge.kind == Nfa::Kind::characters && has(edge.set, cuts[i])) targets.push_back(edge.target);
        }
      }
      if (targets.empty()) continue;
      // Behind the first character there is no beginning any more: Kind::jump adds nothing to the jumps.
      const uint32_t target = sets.intern(nfa.closure(std::move(targets), Nfa::Kind::jump));
      state.transitions.push_back({cuts[i], cuts[i + 1] - 1, target});
    }
    dfa.states.push_back(std::move(state));
  }
  return dfa;
}

}  // namespace

Result<Dfa> compile_regex(std::string_view pattern) {
  Expressions all;
  CHORD_ASSIGN(const uint32_t root, RegexParser(pattern, all).parse());
  const Expression any{.kind = Expression::Kind::characters, .set = {{0, kLastCodePoint}}};
  Nfa nfa;
  // Anything may come before and behind.
  const uint32_t start = nfa.add_state();
  nfa.add_leaf(any, start, start);
  const uint32_t begin = nfa.add_state();
  nfa.add_jump(start, begin);
  const uint32_t match = emit(all, root, begin, nfa);
  const uint32_t end = nfa.add_state();
  nfa.add_jump(match, end);
  nfa.add_leaf(any, end, end);
  if (nfa.full()) return dfa_too_large();
  return determinize(nfa, start, end);
}

}  // namespace chord::grammar
