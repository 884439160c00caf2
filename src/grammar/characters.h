// Characters as bytes, in a program.
#pragma once

#include <string>
#include <string_view>

#include "grammar/code_points.h"
#include "grammar/list_table.h"
#include "grammar/program.h"

namespace chord::grammar {

// How a character is written.
enum class Spelling : uint8_t {
  utf8,
  json,  // inside a JSON string: as UTF-8, and with an escape if that is the only way (RFC 8259, section 7)
};

class Characters {
 public:
  explicit Characters(Builder& builder) : builder_(&builder) {}

  // One character of a normal set. Surrogates are no characters, and left out.
  void add(State from, const CodePoints& set, Spelling spelling, State to);
  // The same as UTF-8 and without a rule in between, for a set without surrogates.
  void add_utf8(State from, const CodePoints& set, State to);

 private:
  Rule rule_for(const CodePoints& set, Spelling spelling);
  void add_escapes(State from, const CodePoints& set, State to);

  Builder* builder_;
  ListTable known_;          // spelling and set
  std::vector<Rule> rules_;  // of each
};

// A JSON string (with its quotes) as JSON.stringify writes it.
std::string quoted(std::string_view utf8);

}  // namespace chord::grammar
