#include "constraint.h"

namespace chord::cli {
namespace {

struct FreeGrammar {
  void operator()(chord_grammar* grammar) const { chord_grammar_free(grammar); }
};
struct FreeVocabulary {
  void operator()(chord_vocabulary* vocabulary) const { chord_vocabulary_free(vocabulary); }
};

}  // namespace

void ConstraintOptions::add_to(Arguments& arguments) {
  arguments.text("grammar", "FILE", grammar, "the text follows this grammar, in GBNF");
  arguments.text("json-schema", "FILE", json_schema, "the text is JSON that this schema describes");
}

std::optional<ConstraintHandle> open_constraint(const ConstraintOptions& options, const ModelFile& model) {
  if (!options.grammar.empty() && !options.json_schema.empty()) {
    print_error("--grammar and --json-schema cannot be used together");
    return std::nullopt;
  }
  const auto text = read_file(options.grammar.empty() ? options.json_schema : options.grammar);
  if (!text) return std::nullopt;
  chord_grammar* grammar = nullptr;
  chord_code code = options.grammar.empty()
                        ? chord_grammar_new_json_schema(text->data(), text->size(), &grammar)
                        : chord_grammar_new_gbnf(text->data(), text->size(), nullptr, 0, &grammar);
  const std::unique_ptr<chord_grammar, FreeGrammar> grammar_owner(grammar);
  chord_vocabulary* vocabulary = nullptr;
  if (code == CHORD_OK) code = chord_vocabulary_new_of_model(model.get(), &vocabulary);
  const std::unique_ptr<chord_vocabulary, FreeVocabulary> vocabulary_owner(vocabulary);
  chord_constraint* constraint = nullptr;
  if (code == CHORD_OK) code = chord_constraint_new(grammar, vocabulary, &constraint);
  if (code != CHORD_OK) {
    print_error(code);
    return std::nullopt;
  }
  return ConstraintHandle(constraint);
}

}  // namespace chord::cli
