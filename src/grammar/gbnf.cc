#include "grammar/gbnf.h"

#include <algorithm>
#include <string>
#include <vector>

#include "grammar/expression.h"

namespace chord::grammar {
namespace {

constexpr size_t kMaxExpressions = 1 << 18;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

class GbnfParser {
 public:
  GbnfParser(Builder& builder, std::string_view text, std::span<const Rule> known)
      : builder_(builder), text_(text) {
    for (const Rule rule : known) rules_.push_back({builder.name(rule), rule, 0, kNever, true});
  }

  Result<void> parse() {
    skip_space(true);
    while (!at_end()) {
      CHORD_CHECK(parse_rule());
    }
    for (const Named& rule : rules_) {
      if (rule.defined) continue;
      at_ = rule.first_use;
      return malformed(concat("the rule \"", rule.name, "\" is used and not defined"));
    }
    return {};
  }

  struct Named {
    std::string name;
    Rule rule;
    size_t first_use;
    uint32_t expression;  // kNever: one that was known before
    bool defined;
  };
  const std::vector<Named>& rules() const { return rules_; }
  const Expressions& expressions() const { return all_; }

 private:
  using Kind = Expression::Kind;

  bool at_end() const { return at_ == text_.size(); }
  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  [[gnu::noinline]] std::unexpected<Error> malformed(std::string_view what) const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = std::ranges::count(before, '\n') + 1;
    const size_t column = at_ - (before.rfind('\n') + 1) + 1;
    return fail(ErrorCode::invalid_argument, "the grammar, line ", line, ", column ", column, ": ", what);
  }

  void skip_space(bool lines) {
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
      } else if (c == ' ' || c == '\t' || (lines && (c == '\r' || c == '\n'))) {
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string_view take_name() {
    const size_t begin = at_;
    while (!at_end() && is_name_character(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Named& named(std::string_view name, size_t place) {
    const auto found = std::ranges::find(rules_, name, &Named::name);
    if (found != rules_.end()) return *found;
    rules_.push_back({std::string(name), builder_.add_rule(std::string(name)), place, kNever, false});
    return rules_.back();
  }

  Result<void> parse_rule() {
    const size_t place = at_;
    const std::string_view name = take_name();
    if (name.empty()) return malformed("the name of a rule should begin here");
    skip_space(false);
    if (!take("::=")) return malformed("\"::=\" should be here, after the rule's name");
    if (named(name, place).defined) {
      at_ = place;
      return malformed(concat("the rule \"", name, "\" is defined already"));
    }
    skip_space(true);
    CHORD_ASSIGN(const uint32_t expression, parse_choice(false));
    if (!at_end() && text_[at_] != '\n' && text_[at_] != '\r') {
      return malformed(
          concat("\"", text_.substr(at_, 1), "\" has no meaning here; a rule ends with its line"));
    }
    Named& rule = named(name, place);
    rule.defined = true;
    rule.expression = expression;
    skip_space(true);
    return {};
  }

  // Whether alternatives go on: also on the next line, if that begins with "|".
  bool take_bar(bool nested) {
    const size_t before = at_;
    skip_space(true);
    if (take("|")) {
      skip_space(true);
      return true;
    }
    if (!nested) at_ = before;
    return false;
  }

  Result<uint32_t> parse_choice(bool nested) {
    if (++nesting_ > kMaxNesting)
      return malformed(concat("parentheses are nested more than ", kMaxNesting, " times"));
    Expression choice{.kind = Kind::choice};
    do {
      CHORD_ASSIGN(const uint32_t part, parse_sequence(nested));
      choice.parts.push_back(part);
    } while (take_bar(nested));
    --nesting_;
    return choice.parts.size() == 1 ? choice.parts[0] : add_expression(all_, std::move(choice));
  }

  Result<uint32_t> parse_sequence(bool nested) {
    Expression sequence{.kind = Kind::sequence};
    while (true) {
      if (all_.size() > kMaxExpressions) return malformed("the grammar is longer than can be handled");
      CHORD_ASSIGN(uint32_t part, parse_item());
      if (part == kNever) break;
      skip_space(nested);
      CHORD_ASSIGN(part, parse_repetitions(part, nested));
      sequence.parts.push_back(part);
    }
    return add_expression(all_, std::move(sequence));
  }

  // kNever: there is no further one.
  Result<uint32_t> parse_item() {
    if (take("\"")) return parse_literal();
    if (take("[")) return parse_class();
    if (take(".")) return add_expression(all_, {.kind = Kind::characters, .set = {{0, kLastCodePoint}}});
    if (take("(")) {
      skip_space(true);
      CHORD_ASSIGN(const uint32_t inner, parse_choice(true));
      if (!take(")")) return malformed("a \")\" should be here");
      return inner;
    }
    if (!at_end() && (text_[at_] == '<' || text_[at_] == '!')) {
      return malformed("tokens cannot be named; write the text that they stand for");
    }
    const size_t place = at_;
    const std::string_view name = take_name();
    if (name.empty()) return kNever;
    return add_expression(all_, {.kind = Kind::rule, .least = named(name, place).rule});
  }

  Result<uint32_t> parse_repetitions(uint32_t part, bool nested) {
    while (true) {
      Expression repeat{.kind = Kind::repeat, .parts = {part}};
      repeat.most = kUnbounded;
      const size_t place = at_;
      if (take("+")) {
        repeat.least = 1;
      } else if (take("?")) {
        repeat.most = 1;
      } else if (take("{")) {
        const bool well_formed = take_bounds(text_, at_, kMaxRepetition, repeat.least, repeat.most);
        const bool small =
            repeat.least <= kMaxRepetition && (repeat.most <= kMaxRepetition || repeat.most == kUnbounded);
        if (!well_formed || repeat.least > repeat.most || !small) {
          at_ = place;
          return malformed(
              concat("a repetition is {m}, {m,} or {m,n}, with m up to n and both up to ", kMaxRepetition));
        }
      } else if (!take("*")) {
        return part;
      }
      part = add_expression(all_, std::move(repeat));
      skip_space(nested);
    }
  }

  Result<uint32_t> parse_literal() {
    Expression sequence{.kind = Kind::sequence};
    while (!take("\"")) {
      CHORD_ASSIGN(const uint32_t character, parse_character());
      sequence.parts.push_back(
          add_expression(all_, {.kind = Kind::characters, .set = {{character, character}}}));
    }
    return add_expression(all_, std::move(sequence));
  }

  Result<uint32_t> parse_class() {
    const bool negated = take("^");
    CodePoints set;
    while (!take("]")) {
      const size_t place = at_;
      CHORD_ASSIGN(const uint32_t low, parse_character());
      uint32_t high = low;
      if (text_.substr(at_).starts_with('-') && !text_.substr(at_).starts_with("-]")) {
        ++at_;
        CHORD_ASSIGN(high, parse_character());
      }
      if (low > high) {
        at_ = place;
        return malformed("the characters of a range are in the wrong order");
      }
      set.push_back({low, high});
    }
    set = normal(std::move(set));
    return add_expression(all_,
                          {.kind = Kind::characters, .set = negated ? complement(set) : std::move(set)});
  }

  Result<uint32_t> parse_character() {
    if (at_end() || text_[at_] == '\n' || text_[at_] == '\r') {
      return malformed("a literal or a class of characters is not closed in its line");
    }
    if (take("\\")) return parse_escape();
    std::string_view rest = text_.substr(at_);
    const uint32_t character = take_character(rest);
    if (character == UINT32_MAX) return malformed("there is a byte that is not UTF-8");
    at_ = text_.size() - rest.size();
    return character;
  }

  Result<uint32_t> parse_escape() {
    const char c = at_end() ? '\0' : text_[at_++];
    switch (c) {
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'n':
        return '\n';
      case '\\':
      case '"':
      case '[':
      case ']':
      case '-':
      case '^':
        return static_cast<uint32_t>(c);
      case 'x':
      case 'u':
      case 'U': {
        const uint32_t value = take_hex(text_, at_, c == 'x' ? 2 : c == 'u' ? 4 : 8);
        if (value <= kLastCodePoint) return value;
        return malformed(concat("\\", c, " is not followed by the number of a character, in ",
                                c == 'x'   ? "2"
                                : c == 'u' ? "4"
                                           : "8",
                                " hexadecimal digits"));
      }
      default:
        return malformed("the escapes are \\t \\r \\n \\\\ \\\" \\[ \\] \\- \\^ \\xHH \\uHHHH \\UHHHHHHHH");
    }
  }

  Builder& builder_;
  std::string_view text_;
  size_t at_ = 0;
  uint32_t nesting_ = 0;
  std::vector<Named> rules_;
  Expressions all_;
};

// What emit() builds with.
class Machine {
 public:
  Machine(Builder& builder, Characters& characters) : builder_(builder), characters_(characters) {}

  State add_state() { return builder_.add_state(); }
  void add_jump(State from, State to) { builder_.add_jump(from, to); }
  bool full() const { return builder_.full(); }
  void add_leaf(const Expression& leaf, State from, State to) {
    if (leaf.kind == Expression::Kind::rule) {
      builder_.add_call(from, leaf.least, to);
    } else {
      characters_.add(from, leaf.set, Spelling::utf8, to);
    }
  }

 private:
  Builder& builder_;
  Characters& characters_;
};

}  // namespace

Result<Rule> add_gbnf(Builder& builder, Characters& characters, std::string_view text,
                      std::span<const Rule> known) {
  GbnfParser parser(builder, text, known);
  CHORD_CHECK(parser.parse());
  Machine machine(builder, characters);
  Rule root = kNever;
  for (const auto& [name, rule, first_use, expression, defined] : parser.rules()) {
    if (name == "root") root = rule;
    if (expression == kNever) continue;
    builder.set_final(emit(parser.expressions(), expression, builder.start(rule), machine));
  }
  if (root == kNever) {
    return fail(ErrorCode::invalid_argument,
                "the grammar has no rule \"root\", with which a text begins: root ::= …");
  }
  return root;
}

}  // namespace chord::grammar
