/* Uses the installed library from C11: loads a model, asks it a question, and tries what must fail.
 *
 *     c_api MODEL.gguf
 *
 * Exit code 0 if all is as it should be; otherwise stderr says what was not. */
#include <chord.h>
#include <chord_grammar.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int condition, const char* what) {
  if (!condition) {
    fprintf(stderr, "c_api: %s (last error: %s)\n", what, chord_error_message());
    exit(1);
  }
}

/* Serves the model's requests until it has none. */
static chord_code load(chord_model* model, FILE* file) {
  for (;;) {
    chord_request request;
    chord_code code = chord_model_want(model, &request);
    if (code != CHORD_OK || request.length == 0) return code;
    if (fseek(file, (long)request.offset, SEEK_SET) != 0) return CHORD_IO;
    size_t length = fread((void*)(uintptr_t)request.address, 1, (size_t)request.length, file);
    code = chord_model_supply(model, length);
    if (code != CHORD_OK) return code;
  }
}

static void test_refuses_a_file_that_is_no_model(void) {
  chord_model* model = NULL;
  check(chord_model_new(64, &model) == CHORD_OK, "chord_model_new");
  chord_request request;
  check(chord_model_want(model, &request) == CHORD_OK, "chord_model_want");
  check(request.offset == 0 && request.length > 0 && request.length <= 64, "asks for the file's beginning");
  memset((void*)(uintptr_t)request.address, 'x', (size_t)request.length);
  chord_code code = chord_model_supply(model, request.length);
  if (code == CHORD_OK) code = chord_model_want(model, &request);
  check(code == CHORD_INVALID_GGUF, "bytes that are no GGUF are invalid_gguf");
  check(strlen(chord_error_message()) > 0, "the error has a message");
  chord_model_free(model);
}

static void test_answers(chord_model* model) {
  static const char kQuestion[] = "What is the capital of France?";
  char prompt[256];
  size_t prompt_length = 0;
  check(chord_format_chat("chatml", NULL, 0, kQuestion, strlen(kQuestion), prompt, sizeof prompt,
                          &prompt_length) == CHORD_OK &&
            prompt_length <= sizeof prompt,
        "chord_format_chat");
  int32_t tokens[128];
  size_t count = 0;
  check(chord_tokenize(model, prompt, prompt_length, CHORD_TEXT_SPECIAL, tokens, 128, &count) == CHORD_OK &&
            count > 0 && count <= 128,
        "chord_tokenize");

  chord_session* session = NULL;
  check(chord_session_new(model, NULL, &session) == CHORD_OK, "chord_session_new");
  chord_generation_options options;
  chord_generation_defaults(&options);
  options.candidates = 3;
  check(chord_generate(session, tokens, count, &options) == CHORD_OK, "chord_generate");
  char answer[512] = "";
  size_t answer_length = 0;
  uint32_t event = CHORD_WORKING;
  while (event != CHORD_DONE) {
    check(chord_step(session, 10.0, &event) == CHORD_OK, "chord_step");
    if (event != CHORD_TOKEN && event != CHORD_DONE) continue;
    chord_piece piece;
    check(chord_get_piece(session, &piece) == CHORD_OK, "chord_get_piece");
    if (event == CHORD_TOKEN) {
      chord_candidate candidates[3];
      size_t found = 0;
      check(chord_get_candidates(session, candidates, 3, &found) == CHORD_OK && found == 3,
            "chord_get_candidates");
      check(candidates[0].token == piece.token && candidates[0].logprob == piece.logprob &&
                candidates[1].logprob <= candidates[0].logprob,
            "the chosen token is the likeliest");
    }
    check(answer_length + piece.length < sizeof answer, "the answer is short");
    memcpy(answer + answer_length, piece.text, piece.length);
    answer_length += piece.length;
  }
  answer[answer_length] = '\0';
  check(strcmp(answer, "The capital of France is Paris.") == 0, answer);

  chord_session_info info;
  check(chord_session_get_info(session, &info) == CHORD_OK, "chord_session_get_info");
  chord_memory memory;
  check(chord_model_estimate(model, NULL, NULL, &memory) == CHORD_OK, "chord_model_estimate");
  check(memory.weights > 0 && memory.kv_cache == info.kv_bytes && memory.scratch > 0 &&
            memory.scratch == info.scratch_bytes,
        "the estimate is what the session takes");
  const chord_place_options gpu = {.kernels = "webgpu"};
  check(chord_model_estimate(model, &gpu, NULL, &memory) == CHORD_INVALID_ARGUMENT, "no GPU in this build");
  check(info.finish == CHORD_FINISH_STOP, "it stopped by itself");
  check(info.prompt_tokens == count, "prompt_tokens");
  printf("%s\n", answer);
  chord_session_free(session);
}

static void test_filters(chord_model* model) {
  const int32_t begin = 1;
  const int32_t allowed = 300;
  chord_session* session = NULL;
  check(chord_session_new(model, NULL, &session) == CHORD_OK, "chord_session_new");
  chord_generation_options options;
  chord_generation_defaults(&options);
  options.max_tokens = 3;
  options.filter_logits = 1;
  check(chord_generate(session, &begin, 1, &options) == CHORD_OK, "chord_generate");
  chord_filter filter;
  check(chord_get_filter(session, &filter) == CHORD_INVALID_ARGUMENT, "no row before CHORD_FILTER");
  uint32_t generated = 0;
  uint32_t event = CHORD_WORKING;
  while (event != CHORD_DONE) {
    check(chord_step(session, 10.0, &event) == CHORD_OK, "chord_step");
    if (event == CHORD_TOKEN) {
      chord_piece piece;
      check(chord_get_piece(session, &piece) == CHORD_OK && piece.token == allowed,
            "the token that is allowed");
      ++generated;
    }
    if (event != CHORD_FILTER) continue;
    check(chord_get_filter(session, &filter) == CHORD_OK, "chord_get_filter");
    check(filter.generated_tokens == generated, "generated_tokens");
    for (uint32_t i = 0; i < filter.vocab_size; ++i) {
      if (i != (uint32_t)allowed) filter.logits[i] = -INFINITY;
    }
  }
  check(generated == 3, "three tokens");
  chord_session_free(session);
}

static void test_embeds(chord_model* model) {
  const int32_t tokens[] = {1, 2, 3, 1, 5};
  const uint32_t lengths[] = {3, 2};
  chord_session* session = NULL;
  check(chord_session_new(model, NULL, &session) == CHORD_OK, "chord_session_new");
  check(chord_embed(session, tokens, lengths, 2, NULL) == CHORD_INVALID_ARGUMENT,
        "the file names no pooling");
  const chord_embedding_options options = {CHORD_POOLING_MEAN, 0};
  check(chord_embed(session, tokens, lengths, 2, &options) == CHORD_OK, "chord_embed");
  float embedding[1024];
  check(chord_get_embedding(session, 0, embedding) == CHORD_INVALID_ARGUMENT, "it is not done");
  uint32_t event = CHORD_WORKING;
  while (event != CHORD_DONE) check(chord_step(session, 10.0, &event) == CHORD_OK, "chord_step");
  check(chord_get_embedding(session, 1, embedding) == CHORD_OK, "chord_get_embedding");
  check(chord_get_embedding(session, 2, embedding) == CHORD_INVALID_ARGUMENT, "there are two texts");
  chord_model_info info;
  check(chord_model_get_info(model, &info) == CHORD_OK && info.embedding_length <= 1024, "embedding_length");
  float squares = 0;
  for (uint32_t i = 0; i < info.embedding_length; ++i) squares += embedding[i] * embedding[i];
  check(squares > 0.9999F && squares < 1.0001F, "an embedding has length 1");
  chord_session_free(session);
}

static void test_constraints(chord_model* model) {
  const char* const refused = "{\"if\":{}}";
  const char* const text = "root ::= \"Paris\" | \"Lyon\"";
  const int32_t begin = 1;
  chord_grammar* grammar = NULL;
  check(chord_grammar_new_json_schema(refused, strlen(refused), &grammar) == CHORD_UNSUPPORTED_FORMAT,
        "a keyword that cannot be enforced");
  check(strstr(chord_error_message(), "/if") != NULL, chord_error_message());
  check(chord_grammar_new_gbnf(text, strlen(text), NULL, 0, &grammar) == CHORD_OK, "chord_grammar_new_gbnf");
  chord_vocabulary* vocabulary = NULL;
  check(chord_vocabulary_new_of_model(model, &vocabulary) == CHORD_OK, "chord_vocabulary_new_of_model");
  chord_constraint* constraint = NULL;
  check(chord_constraint_new(grammar, vocabulary, &constraint) == CHORD_OK, "chord_constraint_new");
  chord_grammar_free(grammar);
  chord_vocabulary_free(vocabulary);

  chord_session* session = NULL;
  check(chord_session_new(model, NULL, &session) == CHORD_OK, "chord_session_new");
  chord_generation_options options;
  chord_generation_defaults(&options);
  options.filter_logits = 1;
  check(chord_generate(session, &begin, 1, &options) == CHORD_OK, "chord_generate");
  char answer[64] = "";
  uint32_t event = CHORD_WORKING;
  while (event != CHORD_DONE) {
    check(chord_step(session, 10.0, &event) == CHORD_OK, "chord_step");
    if (event == CHORD_FILTER) {
      chord_filter filter;
      check(chord_get_filter(session, &filter) == CHORD_OK, "chord_get_filter");
      check(chord_constraint_filter(constraint, filter.logits, filter.vocab_size, 0) == CHORD_OK,
            "chord_constraint_filter");
    }
    if (event == CHORD_TOKEN) {
      chord_piece piece;
      check(chord_get_piece(session, &piece) == CHORD_OK, "chord_get_piece");
      check(chord_constraint_accept(constraint, piece.token) == CHORD_OK, "chord_constraint_accept");
      strncat(answer, piece.text, piece.length);
    }
  }
  check(strcmp(answer, "Paris") == 0 || strcmp(answer, "Lyon") == 0, answer);
  check(chord_constraint_is_complete(constraint) == 1, "the text is complete");
  check(chord_constraint_accept(constraint, 1) == CHORD_INVALID_ARGUMENT, "nothing can follow");
  chord_constraint_free(constraint);
  chord_session_free(session);
}

int main(int argc, char** argv) {
  check(argc == 2, "usage: c_api MODEL.gguf");
  check(strcmp(chord_version(), "0.1.0") == 0, "chord_version");
  check(strcmp(chord_code_name(CHORD_INVALID_GGUF), "invalid_gguf") == 0, "chord_code_name");
  test_refuses_a_file_that_is_no_model();

  FILE* file = fopen(argv[1], "rb");
  check(file != NULL, "the model can be opened");
  check(fseek(file, 0, SEEK_END) == 0, "the model can be sought in");
  chord_model* model = NULL;
  check(chord_model_new((uint64_t)ftell(file), &model) == CHORD_OK, "chord_model_new");
  check(load(model, file) == CHORD_OK, "the header loads");
  chord_model_info info;
  check(chord_model_get_info(model, &info) == CHORD_OK, "chord_model_get_info");
  check(strcmp(chord_model_architecture(model), "llama") == 0 && info.block_count == 8, "what the model is");
  check(chord_model_place(model, NULL) == CHORD_OK, "chord_model_place");
  check(load(model, file) == CHORD_OK, "the weights load");
  fclose(file);
  check(info.encoder == 0 && info.pooling == CHORD_POOLING_NONE && info.add_eos == 0, "it is no encoder");
  test_answers(model);
  test_filters(model);
  test_constraints(model);
  test_embeds(model);
  chord_model_free(model);
  return 0;
}
