// A control module for tests of the host: the whole C ABI over a model that does what its prompt says, so
// that slow steps, traps and refused memory happen when a test wants them.
//
// A file is any bytes that begin with "FAKE"; the rest is "weights" and goes to the data plane. A token is a
// byte. Generated are the words below, and before that the prompt's first word decides:
//   slow   every token takes ten full budgets          wait   the second step waits for the event loop
//   trap   the second step traps                       grow   the second step allocates until the engine
//   refuses error  the second step fails with CHORD_IO         long   text without end
#include <stdlib.h>
#include <string.h>

#include "chord.h"

struct opened {
  uint64_t heap_base, size;
  uint32_t run, reserved;
};
#define IMPORT(name) __attribute__((import_module("chord"), import_name(name)))
IMPORT("now") double host_now(void);
IMPORT("data_open") int32_t host_data_open(uint64_t bytes, struct opened* result);
IMPORT("data_grow") uint64_t host_data_grow(uint64_t bytes);
IMPORT("data_write") void host_data_write(uint64_t address, const void* source, size_t length);
IMPORT("data_read") void host_data_read(uint64_t address, void* destination, size_t length);
IMPORT("refused") void host_refused(size_t bytes);
IMPORT("kernels_name") size_t host_kernels_name(char* name, size_t capacity);

// "Zoë" comes in two tokens, of which the first holds back half a character.
static const char* const words[] = {"one ", "two ", "three ", "", "Zo\xc3\xab ", "five", ""};
enum { kWords = 7, kHeader = 8 };

struct chord_model {
  uint64_t file_size, loaded;
  char header[kHeader];
  struct opened data;
  int placing, placed;
  char kernels[16];
};
struct chord_session {
  char mode[8];
  uint32_t steps, generated, max_tokens, prompt_tokens;
  int running, cancelled, done_text;
  const char* text;
};

static const char* message = "";
static chord_code fail(chord_code code, const char* text) {
  message = text;
  return code;
}

const char* chord_version(void) {
  return "0.1.0-fake";
}
const char* chord_code_name(chord_code code) {
  return code == CHORD_OK ? "ok" : "other";
}
const char* chord_error_message(void) {
  return message;
}

chord_code chord_model_new(uint64_t file_size, chord_model** model) {
  *model = calloc(1, sizeof **model);
  (*model)->file_size = file_size;
  return CHORD_OK;
}
void chord_model_free(chord_model* model) {
  free(model);
}

chord_code chord_model_want(chord_model* model, chord_request* request) {
  *request = (chord_request){.offset = model->loaded};
  if (model->loaded < kHeader) {
    request->length = kHeader - model->loaded;
    request->address = (uint64_t)(uintptr_t)(model->header + model->loaded);
  } else if (model->placing && model->loaded < model->file_size) {
    request->length = model->file_size - model->loaded;
    if (request->length > 65536) request->length = 65536;
    request->address = model->data.heap_base + model->loaded;
    request->plane = CHORD_DATA_PLANE;
  }
  return CHORD_OK;
}
chord_code chord_model_supply(chord_model* model, uint64_t length) {
  if (length == 0) return fail(CHORD_IO, "the file ends early");
  model->loaded += length;
  if (model->loaded == kHeader && memcmp(model->header, "FAKE", 4) != 0) {
    return fail(CHORD_INVALID_GGUF, "not a fake");
  }
  if (model->placing && model->loaded == model->file_size) model->placed = 1;
  return CHORD_OK;
}
chord_code chord_model_place(chord_model* model, const chord_place_options* options) {
  (void)options;
  if (host_data_open(model->file_size, &model->data) != 0) return fail(CHORD_OUT_OF_MEMORY, "wanted much");
  host_kernels_name(model->kernels, sizeof model->kernels - 1);
  model->placing = 1;
  return CHORD_OK;
}

chord_code chord_model_get_info(const chord_model* model, chord_model_info* info) {
  *info = (chord_model_info){.vocab_size = 256,
                             .context_length = 8192,
                             .embedding_length = 64,
                             .block_count = 2,
                             .head_count = 4,
                             .head_count_kv = 2,
                             .weight_bytes = model->file_size,
                             .bos_token = 1,
                             .eos_token = 2,
                             .add_bos = 1};
  return CHORD_OK;
}
const char* chord_model_architecture(const chord_model* model) {
  return model ? "fake" : "";
}
chord_code chord_model_estimate(const chord_model* model, const chord_place_options* place,
                                const chord_session_options* options, chord_memory* memory) {
  (void)place, (void)options;
  *memory = (chord_memory){.weights = model->file_size};
  return CHORD_OK;
}
uint32_t chord_model_threads(const chord_model* model) {
  (void)model;
  return 1;
}

const char* chord_model_kernels(const chord_model* model) {
  return model->kernels;
}
const char* chord_model_note(const chord_model* model) {
  return model ? "" : "none";
}
size_t chord_model_metadata_count(const chord_model* model) {
  return model ? 0 : 1;
}
const char* chord_model_metadata_key(const chord_model* model, size_t index) {
  return model && index ? "" : NULL;
}
const char* chord_model_metadata(chord_model* model, const char* key, size_t* length) {
  (void)model, (void)key, (void)length;
  return NULL;
}
chord_code chord_model_get_tensor(const chord_model* model, size_t index, chord_tensor* tensor) {
  (void)model, (void)index, (void)tensor;
  return fail(CHORD_INVALID_ARGUMENT, "no tensors");
}

chord_code chord_tokenize(const chord_model* model, const char* text, size_t length, uint32_t flags,
                          int32_t* tokens, size_t capacity, size_t* count) {
  (void)model, (void)flags;
  for (size_t i = 0; i < length && i < capacity; ++i) tokens[i] = (uint8_t)text[i];
  *count = length;
  return CHORD_OK;
}
chord_code chord_detokenize(const chord_model* model, const int32_t* tokens, size_t count, uint32_t flags,
                            char* text, size_t capacity, size_t* length) {
  (void)model, (void)flags;
  // Each token ten times, so that the host's first guess at the size is too small.
  for (size_t i = 0; i < count * 10 && i < capacity; ++i) text[i] = (char)tokens[i / 10];
  *length = count * 10;
  return CHORD_OK;
}
chord_code chord_format_chat(const char* template_name, const char* system, size_t system_length,
                             const char* user, size_t user_length, char* text, size_t capacity,
                             size_t* length) {
  if (strcmp(template_name, "fake") != 0) return fail(CHORD_INVALID_ARGUMENT, "unknown template");
  size_t n = 0;
  for (size_t i = 0; system && i < system_length && n < capacity; ++i) text[n++] = system[i];
  for (size_t i = 0; i < user_length && n < capacity; ++i) text[n++] = user[i];
  *length = n;
  return CHORD_OK;
}

chord_code chord_session_new(chord_model* model, const chord_session_options* options,
                             chord_session** session) {
  (void)options;
  if (!model->placed) return fail(CHORD_INTERNAL, "not placed");
  *session = calloc(1, sizeof **session);
  return CHORD_OK;
}
void chord_session_free(chord_session* session) {
  free(session);
}
void chord_generation_defaults(chord_generation_options* options) {
  *options = (chord_generation_options){.max_tokens = 100, .repetition_penalty = 1};
}
chord_code chord_generate(chord_session* session, const int32_t* tokens, size_t count,
                          const chord_generation_options* options) {
  if (session->running) return fail(CHORD_BUSY, "running");
  if (count == 0 || tokens[0] != 1) return fail(CHORD_INVALID_ARGUMENT, "the prompt does not begin with BOS");
  *session =
      (chord_session){.running = 1, .max_tokens = options->max_tokens, .prompt_tokens = (uint32_t)count};
  for (size_t i = 1; i < count && i < sizeof session->mode && tokens[i] != ' '; ++i) {
    session->mode[i - 1] = (char)tokens[i];
  }
  return CHORD_OK;
}
chord_code chord_evaluate(chord_session* session, const int32_t* tokens, size_t count) {
  (void)session, (void)tokens, (void)count;
  return fail(CHORD_INTERNAL, "not in the fake");
}
chord_code chord_embed(chord_session* session, const int32_t* tokens, const uint32_t* lengths, size_t count,
                       const chord_embedding_options* options) {
  (void)session, (void)tokens, (void)lengths, (void)count, (void)options;
  return fail(CHORD_INTERNAL, "not in the fake");
}

static int mode_is(const chord_session* session, const char* mode) {
  return strcmp(session->mode, mode) == 0;
}

chord_code chord_step(chord_session* session, double budget_ms, uint32_t* event) {
  const uint32_t step = session->steps++;
  session->text = "";
  *event = CHORD_DONE;
  if (session->cancelled || !session->running) return session->running = 0, CHORD_OK;
  if (step == 1) {
    if (mode_is(session, "trap")) __builtin_trap();
    if (mode_is(session, "grow")) {
      while (malloc(1 << 26)) {
      }
      host_refused(1 << 26);
      __builtin_trap();
    }
    if (mode_is(session, "error")) return session->running = 0, fail(CHORD_IO, "the step failed");
    if (mode_is(session, "wait")) return *event = CHORD_WAITING, CHORD_OK;
  }
  if (mode_is(session, "slow") && step % 11 != 10) {
    const double end = host_now() + budget_ms;
    while (host_now() < end) {
    }
    return *event = CHORD_WORKING, CHORD_OK;
  }
  const uint32_t index = session->generated;
  if ((index == kWords && !mode_is(session, "long")) ||
      (session->max_tokens != 0 && index == session->max_tokens)) {
    session->text = "!";
    return session->running = 0, CHORD_OK;
  }
  session->text = words[index % kWords];
  session->generated++;
  return *event = CHORD_TOKEN, CHORD_OK;
}
chord_code chord_get_piece(chord_session* session, chord_piece* piece) {
  *piece = (chord_piece){.text = session->text, .length = (uint32_t)strlen(session->text), .token = 3};
  return CHORD_OK;
}
chord_code chord_get_candidates(chord_session* session, chord_candidate* candidates, size_t capacity,
                                size_t* count) {
  (void)session, (void)candidates, (void)capacity, (void)count;
  return fail(CHORD_INTERNAL, "not in the fake");
}
chord_code chord_model_token_texts(const chord_model* model, uint32_t token_count, char* texts,
                                   size_t capacity, uint32_t* ends, uint8_t* flags, size_t* length) {
  (void)model, (void)token_count, (void)texts, (void)capacity, (void)ends, (void)flags, (void)length;
  return fail(CHORD_INTERNAL, "not in the fake");
}
chord_code chord_get_filter(chord_session* session, chord_filter* filter) {
  (void)session, (void)filter;
  return fail(CHORD_INTERNAL, "not in the fake");
}
chord_code chord_get_rows(const chord_session* session, chord_rows* rows) {
  (void)session, (void)rows;
  return fail(CHORD_INTERNAL, "not in the fake");
}
chord_code chord_get_logits(chord_session* session, uint64_t position, float* logits) {
  (void)session, (void)position, (void)logits;
  return fail(CHORD_INTERNAL, "not in the fake");
}
chord_code chord_get_embedding(const chord_session* session, size_t text, float* embedding) {
  (void)session, (void)text, (void)embedding;
  return fail(CHORD_INTERNAL, "not in the fake");
}
void chord_cancel(chord_session* session) {
  session->cancelled = 1;
}
chord_code chord_session_save(chord_session* session, uint64_t* size) {
  (void)session, (void)size;
  return fail(CHORD_INTERNAL, "not in the fake");
}
chord_code chord_session_load(chord_session* session, uint64_t size) {
  (void)session, (void)size;
  return fail(CHORD_INTERNAL, "not in the fake");
}
chord_code chord_get_bytes(chord_session* session, chord_request* request) {
  (void)session, (void)request;
  return fail(CHORD_INTERNAL, "not in the fake");
}
uint64_t chord_model_fingerprint(const chord_model* model) {
  return model->file_size;
}
chord_code chord_session_clear(chord_session* session) {
  return session ? CHORD_OK : CHORD_INVALID_ARGUMENT;
}
chord_code chord_session_get_info(const chord_session* session, chord_session_info* info) {
  *info = (chord_session_info){.context_length = 4096,
                               .prompt_tokens = session->prompt_tokens,
                               .generated_tokens = session->generated,
                               .kv_bytes = 1000,
                               .scratch_bytes = 500};
  return CHORD_OK;
}
