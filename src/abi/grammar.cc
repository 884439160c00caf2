// chord_grammar.h
#include <memory>
#include <string>
#include <vector>

#include "abi/last_error.h"
#include "chord_grammar.h"
#include "grammar/constraint.h"
#include "grammar/gbnf.h"
#include "grammar/schema.h"

using namespace chord;
using namespace chord::abi;

struct chord_vocabulary {
  std::shared_ptr<const grammar::Vocabulary> vocabulary;
};
struct chord_grammar {
  std::shared_ptr<const grammar::Program> program;
};
struct chord_constraint {
  grammar::Constraint constraint;
};

namespace {

Result<chord_vocabulary*> open_vocabulary(std::string texts, std::vector<uint32_t> ends,
                                          const uint8_t* flags) {
  std::vector<int32_t> end_tokens;
  uint32_t last = 0;
  for (size_t token = 0; token < ends.size(); ++token) {
    if (ends[token] < last) {
      return fail(ErrorCode::invalid_argument, "the text of token ", token, " ends at ", ends[token],
                  ", before it begins, at ", last);
    }
    last = ends[token];
    if ((flags[token] & CHORD_TOKEN_ENDS) != 0) end_tokens.push_back(static_cast<int32_t>(token));
  }
  if (end_tokens.empty()) {
    return fail(ErrorCode::invalid_argument,
                "no token of the vocabulary ends a generation, so a constrained text could not end");
  }
  return new chord_vocabulary{
      std::make_shared<const grammar::Vocabulary>(std::move(texts), std::move(ends), std::move(end_tokens))};
}

Result<chord_grammar*> open_schema(std::string_view text) {
  grammar::Builder builder;
  grammar::Characters characters(builder);
  CHORD_ASSIGN(const grammar::Rule root, grammar::add_json_schema(builder, characters, "root", text));
  CHORD_ASSIGN(auto program, builder.finish(root));
  return new chord_grammar{std::make_shared<const grammar::Program>(std::move(program))};
}

Result<chord_grammar*> open_gbnf(std::string_view text, std::span<const chord_schema_rule> rules) {
  grammar::Builder builder;
  grammar::Characters characters(builder);
  std::vector<grammar::Rule> known;
  known.reserve(rules.size());
  for (const auto& [name, schema, length] : rules) {
    const auto rule = grammar::add_json_schema(builder, characters, name, std::string_view(schema, length));
    if (!rule) return fail(rule.error().code(), "the rule \"", name, "\": ", rule.error().message());
    known.push_back(*rule);
  }
  CHORD_ASSIGN(const grammar::Rule root, grammar::add_gbnf(builder, characters, text, known));
  CHORD_ASSIGN(auto program, builder.finish(root));
  return new chord_grammar{std::make_shared<const grammar::Program>(std::move(program))};
}

}  // namespace

extern "C" {

chord_code chord_vocabulary_new(const char* texts, const uint32_t* ends, const uint8_t* flags,
                                uint32_t token_count, chord_vocabulary** vocabulary) {
  const size_t length = token_count == 0 ? 0 : ends[token_count - 1];
  return deliver(open_vocabulary(std::string(texts, length), std::vector(ends, ends + token_count), flags),
                 vocabulary);
}

void chord_vocabulary_free(chord_vocabulary* vocabulary) {
  delete vocabulary;
}

chord_code chord_grammar_new_json_schema(const char* schema, size_t length, chord_grammar** grammar) {
  return deliver(open_schema({schema, length}), grammar);
}

chord_code chord_grammar_new_gbnf(const char* text, size_t length, const chord_schema_rule* rules,
                                  uint32_t rule_count, chord_grammar** grammar) {
  return deliver(open_gbnf({text, length}, {rules, rule_count}), grammar);
}

void chord_grammar_free(chord_grammar* grammar) {
  delete grammar;
}

chord_code chord_constraint_new(const chord_grammar* grammar, const chord_vocabulary* vocabulary,
                                chord_constraint** constraint) {
  *constraint = new chord_constraint{grammar::Constraint(grammar->program, vocabulary->vocabulary)};
  return CHORD_OK;
}

void chord_constraint_free(chord_constraint* constraint) {
  delete constraint;
}

void chord_constraint_reset(chord_constraint* constraint) {
  constraint->constraint.reset();
}

chord_code chord_constraint_filter(chord_constraint* constraint, float* logits, size_t count,
                                   uint32_t remaining) {
  return report(constraint->constraint.filter({logits, count}, remaining));
}

chord_code chord_constraint_accept(chord_constraint* constraint, int32_t token) {
  return report(constraint->constraint.accept(token));
}

uint32_t chord_constraint_is_complete(const chord_constraint* constraint) {
  return constraint->constraint.is_complete() ? 1 : 0;
}

}  // extern "C"
