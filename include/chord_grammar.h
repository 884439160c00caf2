/* chord_grammar.h: texts that follow a grammar or a JSON schema. C11; beside chord.h, in the same library.
 *
 *     chord_grammar_new_json_schema(schema, length, &grammar);
 *     chord_vocabulary_new_of_model(model, &vocabulary);
 *     chord_constraint_new(grammar, vocabulary, &constraint);
 *     options.filter_logits = 1;
 *     chord_generate(session, tokens, token_count, &options);
 *     ...
 *     on CHORD_FILTER:  chord_get_filter(session, &filter);
 *                       chord_constraint_filter(constraint, filter.logits, filter.vocab_size, 0);
 *     on CHORD_TOKEN:   chord_get_piece(session, &piece);
 *                       chord_constraint_accept(constraint, piece.token);
 *
 * Vocabularies and grammars can be shared by any number of constraints, and be freed before them. A
 * constraint belongs to one thread at a time. In the package this is a wasm module of its own.
 */
#ifndef CHORD_GRAMMAR_H_
#define CHORD_GRAMMAR_H_

#include "chord.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The texts of a model's tokens. */
typedef struct chord_vocabulary chord_vocabulary;

/* From what chord_model_token_texts gives: token i has the bytes from ends[i - 1] (0 for the first) to
 * ends[i] of `texts`, and the chord_token_flags flags[i]. A token without text is never part of a constrained
 * text. */
CHORD_API chord_code chord_vocabulary_new(const char* texts, const uint32_t* ends, const uint8_t* flags,
                                          uint32_t token_count, chord_vocabulary** vocabulary);
/* The same of a model. Not in the package, where models live in another module. */
chord_code chord_vocabulary_new_of_model(const chord_model* model, chord_vocabulary** vocabulary);
CHORD_API void chord_vocabulary_free(chord_vocabulary* vocabulary);

/* A set of texts. */
typedef struct chord_grammar chord_grammar;

/* The JSON texts of what a JSON schema describes. What of it cannot be enforced is CHORD_UNSUPPORTED_FORMAT.
 */
CHORD_API chord_code chord_grammar_new_json_schema(const char* schema, size_t length,
                                                   chord_grammar** grammar);

/* A JSON schema that a grammar calls as a rule. */
typedef struct chord_schema_rule {
  const char* name; /* C string */
  const char* schema;
  size_t length; /* of the schema */
} chord_schema_rule;

/* The texts of a grammar in GBNF, from its rule "root". */
CHORD_API chord_code chord_grammar_new_gbnf(const char* text, size_t length, const chord_schema_rule* rules,
                                            uint32_t rule_count, chord_grammar** grammar);
CHORD_API void chord_grammar_free(chord_grammar* grammar);

/* A text that is being written token by token. */
typedef struct chord_constraint chord_constraint;

CHORD_API chord_code chord_constraint_new(const chord_grammar* grammar, const chord_vocabulary* vocabulary,
                                          chord_constraint** constraint);
CHORD_API void chord_constraint_free(chord_constraint* constraint);

/* Back to an empty text; what was found out about the grammar is kept. */
CHORD_API void chord_constraint_reset(chord_constraint* constraint);

/* Sets the logits of tokens that cannot come next to -INFINITY. Tokens that end a generation are left where
 * the text is complete. remaining: how many tokens the text may still have at most; then only those are left
 * with which it can be completed in time, as far as there are such. 0: any number. */
CHORD_API chord_code chord_constraint_filter(chord_constraint* constraint, float* logits, size_t count,
                                             uint32_t remaining);

/* Goes on with a token. CHORD_INVALID_ARGUMENT: it cannot come next. */
CHORD_API chord_code chord_constraint_accept(chord_constraint* constraint, int32_t token);

/* 1: the text may end here. */
CHORD_API uint32_t chord_constraint_is_complete(const chord_constraint* constraint);

#ifdef __cplusplus
}
#endif

#endif /* CHORD_GRAMMAR_H_ */
