#include <algorithm>

#include "grammar/expression.h"
#include "grammar/schema_compiler.h"

namespace chord::grammar {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

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
  for (const uint32_t schema : plain) {
    const uint32_t value = json_.find(schema, "contains");
    if (value != kNone && contained != kNone) {
      return schema_error(ErrorCode::unsupported_format, json_, value,
                          "\"contains\" can be enforced once for an array");
    }
    if (value != kNone) contained = value;
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

}  // namespace chord::grammar
