// From a JSON schema to rules: what schema.cc, schema_values.cc, schema_arrays.cc and schema_objects.cc
// share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/characters.h"
#include "grammar/dfa.h"
#include "grammar/json.h"
#include "grammar/keywords.h"
#include "grammar/list_table.h"
#include "grammar/program.h"

namespace chord::grammar {

// Types as bits. An integer is a number whose fraction is 0; true and false are types of their own.
enum Type : uint8_t {
  kNull = 1,
  kTrue = 2,
  kInteger = 4,
  kFractional = 8,
  kString = 16,
  kArray = 32,
  kObject = 64,
  kFalse = 128,
  kBoolean = kTrue | kFalse,
  kAnyType = 255,
};

uint8_t type_of(const JsonValue& value);

// Everything is done on sets of schemas that have to hold together: those that `allOf` and `$ref` join, those
// that several schemas have for one property. A set has one rule, so that recursion ends.
class SchemaCompiler {
 public:
  SchemaCompiler(Builder& builder, Characters& characters, const Json& json)
      : builder_(builder), characters_(characters), json_(json), checked_(json.size(), false) {}

  Result<Rule> compile(std::string name);

 private:
  // A schema, in a set: its number · 2, + 1 for its own keywords only, without what it refers to.
  using Part = uint32_t;
  using Set = std::vector<Part>;
  // Objects whose own keywords have to hold together.
  using Plain = std::vector<uint32_t>;
  static Part whole(uint32_t schema) { return schema * 2; }
  static Part own_keywords(uint32_t schema) { return schema * 2 + 1; }

  Rule rule_for(const Set& set);
  Result<void> build(Rule rule, const Set& set);

  // An array of schemas of which one must hold, and the schemas to whose alternatives it belongs.
  struct Choice {
    uint32_t array;
    Plain owners;
  };
  // Adds what a set comes to, as alternatives, to `out`.
  Result<void> expand(const Set& set, std::vector<Plain>& out) { return expand(set, {}, {}, {}, out); }
  Result<void> expand(Set set, const Plain& owners, Plain plain, std::vector<Choice> choices,
                      std::vector<Plain>& out);
  Result<uint32_t> resolve(uint32_t reference) const;
  void demand_disjoint(uint32_t one_of, const Plain& beside);
  Result<void> check_disjoint() const;

  // By `type`, and less what `not` forbids.
  Result<uint8_t> types_in(const Plain& plain) const;
  Result<uint8_t> types_of(const Plain& plain) const;
  Result<void> add_values(const Plain& plain, State from, State to);

  // schema_not.cc
  struct Excluded {
    uint8_t types = 0;
    std::vector<uint32_t> values = {};  // numbers and strings
  };
  Result<Excluded> excluded(const Plain& plain) const;

  // schema_values.cc
  bool has_any(const Plain& plain, std::initializer_list<std::string_view> keywords) const;
  Result<std::vector<uint32_t>> listed_values(const Plain& plain, uint8_t types);
  void add_listed(const std::vector<uint32_t>& values, State from, State to);
  State add_json(uint32_t value, State from);
  Result<std::optional<Dfa>> string_language(const Plain& plain);
  Result<std::optional<Dfa>> number_language(const Plain& plain, uint8_t types);
  Result<void> add_string(const Plain& plain, State from, State to);
  Result<void> add_number(const Plain& plain, uint8_t types, State from, State to);
  Rule string_rule();
  Rule number_rule(bool integers);

  // schema_arrays.cc
  struct Counts {
    uint32_t least;
    uint32_t most;
  };
  Result<void> add_array(const Plain& plain, State from, State to);
  Result<std::vector<uint32_t>> few_values(const Set& element);
  void add_different(const std::vector<uint32_t>& values, Counts counts, State from, State to);

  // schema_objects.cc
  struct Objects;  // what is said about an object
  Result<void> add_object(const Plain& plain, State from, State to);
  void add_members(const Objects& objects, const std::vector<Rule>& others, State from, State to);
  Result<void> read_patterns(const Plain& plain, Objects& objects);
  Result<void> read_names(const Plain& plain, Objects& objects);
  void read_properties(const Plain& plain, Objects& objects) const;
  Set values_of(const Plain& plain, const Objects& objects, const std::string* name, uint32_t patterns) const;
  Result<std::vector<Rule>> other_members(const Plain& plain, const Objects& objects);

  State add_space(State from) {
    const State next = builder_.add_state();
    builder_.add_call(from, space_, next);
    return next;
  }
  // No value is in the set.
  bool is_impossible(const Set& set) const;
  // The smallest or largest value that any of `plain` has for a keyword that counts.
  uint32_t least_count(const Plain& plain, std::string_view keyword, uint32_t otherwise) const;
  uint32_t largest_count(const Plain& plain, std::string_view keyword) const;

  Builder& builder_;
  Characters& characters_;
  const Json& json_;
  std::vector<bool> checked_;  // by value: whether check_keywords() was done

  ListTable sets_;           // ascending
  std::vector<Rule> rules_;  // by set
  struct Pending {
    Rule rule;
    Set set;
  };
  std::vector<Pending> pending_;
  // Sets that no value may be in.
  struct Disjoint {
    Rule rule;
    uint32_t one_of;
    size_t first;
    size_t second;
  };
  std::vector<Disjoint> disjoint_;

  Rule space_ = 0;
  std::optional<Rule> string_rule_;
  std::optional<Rule> number_rules_[2];
};

}  // namespace chord::grammar
