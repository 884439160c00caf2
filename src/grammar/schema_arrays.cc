#include <algorithm>
#include <bit>

#include "grammar/expression.h"
#include "grammar/schema_compiler.h"

namespace chord::grammar {
namespace {

// Of elements that are different: each set of them is kept apart.
constexpr size_t kMaxDifferent = 8;

// What a schema says about an array's elements, as values of the JSON text.
struct Elements {
  std::vector<uint32_t> first;  // of the first ones, each
  uint32_t rest = kNone;        // of those behind them
};

// In older drafts `items` could be an array, too.
Elements elements_of(const Json& json, uint32_t schema) {
  Elements elements;
  const uint32_t prefix = json.find(schema, "prefixItems");
  const uint32_t items = json.find(schema, "items");
  elements.rest = items;
  if (prefix != kNone) elements.first = json[prefix].elements;
  if (items != kNone && json[items].kind == JsonValue::Kind::array) {
    elements.first = json[items].elements;
    elements.rest = json.find(schema, "additionalItems");
  }
  return elements;
}

}  // namespace

Result<void> SchemaCompiler::add_array(const Plain& plain, State from, State to) {
  std::vector<Elements> all;
  all.reserve(plain.size());
  uint32_t prefix = 0;
  uint32_t contained = kNone;
  uint32_t unique = kNone;
  for (const uint32_t schema : plain) {
    const uint32_t value = json_.find(schema, "contains");
    if (value != kNone && contained != kNone) {
      return schema_error(ErrorCode::unsupported_format, json_, value,
                          "\"contains\" can be enforced once for an array");
    }
    if (value != kNone) contained = value;
    const uint32_t unique_items = json_.find(schema, "uniqueItems");
    if (unique_items != kNone && json_[unique_items].truth) unique = unique_items;
    all.push_back(elements_of(json_, schema));
    prefix = std::max(prefix, static_cast<uint32_t>(all.back().first.size()));
  }
  const uint32_t least = largest_count(plain, "minItems");
  uint32_t most = least_count(plain, "maxItems", kUnbounded);
  // The schemas of the element with this index.
  const auto element = [&](uint32_t index) {
    Set set;
    for (const Elements& elements : all) {
      const uint32_t schema = index < elements.first.size() ? elements.first[index] : elements.rest;
      if (schema != kNone) set.push_back(whole(schema));
    }
    return set;
  };
  for (uint32_t index = 0; index <= prefix && index < most; ++index) {
    if (is_impossible(element(index))) most = index;
  }
  if (least > most) return {};
  if (unique != kNone && most > 1) {
    CHORD_ASSIGN(const auto values, few_values(element(0)));
    if (prefix == 0 && contained == kNone && !values.empty()) {
      add_different(values, {.least = least, .most = most}, from, to);
      return {};
    }
    return schema_error(ErrorCode::unsupported_format, json_, unique,
                        "\"uniqueItems\" can be enforced of elements that are one of at most 8 values");
  }

  // Two rows of states, by the count of elements: until `contains` has its element, and from then on.
  State wanting = builder_.add_text(from, "[");
  std::optional<State> content = contained == kNone ? std::optional(wanting) : std::nullopt;
  for (uint32_t count = 0; !builder_.full(); ++count) {
    const auto begin_element = [&](State state) {
      return add_space(count == 0 ? state : builder_.add_text(state, ","));
    };
    if (content && count >= least)
      builder_.add_jump(builder_.add_text(count == 0 ? *content : add_space(*content), "]"), to);
    if (count == most) break;
    const bool repeats = most == kUnbounded && count > 0 && count >= std::max(prefix, least);
    Set set = element(count);
    const State then = repeats ? *content : builder_.add_state();
    if (content) builder_.add_call(begin_element(*content), rule_for(set), then);
    if (contained != kNone) {
      const State next = repeats ? wanting : builder_.add_state();
      const State begin = begin_element(wanting);
      builder_.add_call(begin, rule_for(set), next);
      set.push_back(whole(contained));
      builder_.add_call(begin, rule_for(set), then);
      wanting = next;
    }
    if (repeats) break;
    content = then;
  }
  return {};
}

// What elements are, where they are one of a few listed values; else nothing.
Result<std::vector<uint32_t>> SchemaCompiler::few_values(const Set& element) {
  std::vector<Plain> alternatives;
  CHORD_CHECK(expand(element, alternatives));
  std::vector<uint32_t> values;
  for (const Plain& plain : alternatives) {
    if (!has_any(plain, {"enum", "const"})) return std::vector<uint32_t>();
    CHORD_ASSIGN(const uint8_t types, types_of(plain));
    CHORD_ASSIGN(const auto listed, listed_values(plain, types));
    for (const uint32_t value : listed) {
      const auto is_same = [&](uint32_t other) { return json_.equal(other, value); };
      if (std::ranges::none_of(values, is_same)) values.push_back(value);
    }
  }
  if (values.size() > kMaxDifferent) values.clear();
  return values;
}

// A state for each set of the values that are there.
void SchemaCompiler::add_different(const std::vector<uint32_t>& values, Counts counts, State from, State to) {
  std::vector<Rule> rules;
  for (const uint32_t value : values) {
    rules.push_back(builder_.add_rule("a value"));
    const State end = builder_.add_state();
    builder_.set_final(end);
    add_listed({value}, builder_.start(rules.back()), end);
  }
  std::vector<State> states(size_t{1} << values.size());
  for (State& state : states) state = builder_.add_state();
  builder_.add_jump(builder_.add_text(from, "["), states[0]);
  for (uint32_t set = 0; set < states.size(); ++set) {
    const auto count = static_cast<uint32_t>(std::popcount(set));
    const State here = states[set];
    if (count >= counts.least)
      builder_.add_jump(builder_.add_text(count == 0 ? here : add_space(here), "]"), to);
    if (count == counts.most || count == values.size()) continue;
    const State begin = add_space(count == 0 ? here : builder_.add_text(here, ","));
    for (uint32_t i = 0; i < values.size(); ++i) {
      if ((set >> i & 1) == 0) builder_.add_call(begin, rules[i], states[set | 1U << i]);
    }
  }
}

}  // namespace chord::grammar
