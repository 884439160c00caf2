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
  for (const uint32_t schema : plain) {
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

  State here = builder_.add_text(from, "[");
  for (uint32_t count = 0; !builder_.full(); ++count) {
    if (count >= least) builder_.add_jump(builder_.add_text(count == 0 ? here : add_space(here), "]"), to);
    if (count == most) break;
    const bool repeats = most == kUnbounded && count > 0 && count >= std::max(prefix, least);
    const State next = repeats ? here : builder_.add_state();
    builder_.add_call(add_space(count == 0 ? here : builder_.add_text(here, ",")), rule_for(element(count)),
                      next);
    if (repeats) break;
    here = next;
  }
  return {};
}

}  // namespace chord::grammar
