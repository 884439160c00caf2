/* chord.h: the C interface of wasm-chord. C11, no dependency.
 *
 * Handles are opaque. Every function that can fail returns a chord_code; after a failure,
 * chord_error_message() says what was wrong. Nothing blocks, prints, exits or calls back: the host reads
 * bytes when it is told which (loading), and calls chord_step() until the work is done (stepping).
 *
 *     chord_model_new(file_size, &model);
 *     load(model);                                        // the loop below: the header
 *     chord_model_place(model, NULL);
 *     load(model);                                        // the same loop: the weights
 *     chord_session_new(model, NULL, &session);
 *     chord_generate(session, tokens, token_count, NULL);
 *     do { code = chord_step(session, 10.0, &event); ... } while (code == CHORD_OK && event != CHORD_DONE);
 *
 * A model and its sessions belong to one thread at a time. Pointers that a function hands out live until the
 * next call on the same handle, unless said otherwise. Text is UTF-8 with explicit lengths, not terminated,
 * unless a parameter is described as a C string.
 *
 * This header is also the schema from which the TypeScript bindings are generated: it holds only
 * enumerations, flat structs of fixed-width members, size_t and pointers, and functions.
 */
#ifndef CHORD_H_
#define CHORD_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__wasm__) && defined(CHORD_EXPORTS)
#define CHORD_API __attribute__((used, visibility("default")))
#else
#define CHORD_API
#endif

/* ---- Errors ------------------------------------------------------------------------------------------- */

typedef enum chord_code {
  CHORD_OK = 0,
  CHORD_INVALID_ARGUMENT = 1,         /* an argument or option is outside what is documented */
  CHORD_INVALID_GGUF = 2,             /* the bytes are not a well-formed GGUF file */
  CHORD_UNSUPPORTED_FORMAT = 3,       /* well-formed, but a version, type or tokenizer that is not known */
  CHORD_UNSUPPORTED_ARCHITECTURE = 4, /* general.architecture names a model that cannot be run */
  CHORD_INVALID_MODEL = 5,            /* metadata or tensors are missing or misshapen */
  CHORD_OUT_OF_MEMORY = 6,            /* an allocation was refused */
  CHORD_CONTEXT_OVERFLOW = 7,         /* the prompt does not fit the context */
  CHORD_IO = 8,                       /* the source failed or ended early */
  CHORD_SOURCE_CONSUMED = 9,          /* bytes are needed again from a source that can be read only once */
  CHORD_CANCELLED = 10,               /* the caller stopped the work */
  CHORD_BUSY = 11,                    /* a generation is running */
  CHORD_CLOSED = 12,                  /* the model or session was freed */
  CHORD_WORKER_LOST = 13,             /* a thread stopped making progress */
  CHORD_INTERNAL = 14,                /* a bug in chord */
  CHORD_INVALID_SESSION = 15          /* no saved session, damaged, or of another model or kv_type */
} chord_code;

/* The version of the library, "0.1.0": a C string that lives as long as the program. */
CHORD_API const char* chord_version(void);

/* The code's name, "invalid_gguf": a C string that lives as long as the program. */
CHORD_API const char* chord_code_name(chord_code code);

/* What went wrong in this thread's last failing call: a C string, never NULL. */
CHORD_API const char* chord_error_message(void);

/* ---- Loading ------------------------------------------------------------------------------------------ */

typedef struct chord_model chord_model;

#define CHORD_SIZE_UNKNOWN UINT64_MAX

/* Begins a model. file_size in bytes (of the first file, if there are several), or CHORD_SIZE_UNKNOWN. */
CHORD_API chord_code chord_model_new(uint64_t file_size, chord_model** model);

/* Frees the model and what it placed. Its sessions must be freed before. NULL is allowed. */
CHORD_API void chord_model_free(chord_model* model);

/* Where a request's bytes are to be put. One and the same memory, except in the wasm build. */
typedef enum chord_plane { CHORD_CONTROL_PLANE = 0, CHORD_DATA_PLANE = 1 } chord_plane;

/* Put bytes [offset, offset + length) of a file at address. */
typedef struct chord_request {
  uint64_t offset;
  uint64_t length;
  uint64_t address;
  uint32_t plane; /* chord_plane */
  uint32_t file;  /* which one of a split model, from 0; always 0 where there is one */
} chord_request;

/* What loading wants next. A length of 0: nothing, the header is parsed (before chord_model_place) or the
 * weights are placed (after it). In each file requests ascend and do not overlap, so a source that can only
 * be read forwards is enough. Of a split model the headers of all files come first, then the weights file by
 * file. */
CHORD_API chord_code chord_model_want(chord_model* model, chord_request* request);

/* The first `length` bytes of the request from chord_model_want are in place; fewer than asked for are
 * allowed, the rest is asked for again. 0 means that the file has ended. */
CHORD_API chord_code chord_model_supply(chord_model* model, uint64_t length);

typedef struct chord_place_options {
  const char* kernels; /* C string: force a kernel variant ("scalar", "avx2"); "webgpu": the GPU, in builds
                          that have it; NULL: the best of the CPU's */
  uint32_t threads;    /* that compute; 0: one for each physical core. In wasm the host decides */
  uint32_t reserved;
} chord_place_options;

/* After the header: reserves memory for the weights. chord_model_want then asks for them.
 * options may be NULL. */
CHORD_API chord_code chord_model_place(chord_model* model, const chord_place_options* options);

/* ---- What a model is ---------------------------------------------------------------------------------- */

/* Available once the header is parsed. A file that holds only a vocabulary has zeros in the sizes. */
typedef struct chord_model_info {
  uint32_t vocab_size;
  uint32_t context_length; /* that the model was trained for */
  uint32_t embedding_length;
  uint32_t block_count;
  uint32_t feed_forward_length;
  uint32_t head_count;
  uint32_t head_count_kv;
  uint32_t tensor_count;
  uint64_t parameter_count;
  uint64_t weight_bytes; /* of all tensors, in the file */
  int32_t bos_token;     /* -1 where the file names none, as below */
  int32_t eos_token;
  uint32_t add_bos;    /* 1: a prompt begins with bos_token */
  uint32_t vocab_only; /* 1: the file has a tokenizer and no weights */
  uint32_t add_eos;    /* 1: a text that is embedded ends with eos_token */
  uint32_t pooling;    /* chord_pooling, as the file names it */
  uint32_t encoder;    /* 1: it embeds texts, and cannot generate */
  uint32_t reserved;
} chord_model_info;

/* How the embedding of a text is made of those of its tokens. */
typedef enum chord_pooling {
  CHORD_POOLING_NONE = 0, /* the file names none, or: as the file names it */
  CHORD_POOLING_MEAN = 1, /* their mean */
  CHORD_POOLING_CLS = 2,  /* the first token's */
  CHORD_POOLING_LAST = 3  /* the last token's */
} chord_pooling;

CHORD_API chord_code chord_model_get_info(const chord_model* model, chord_model_info* info);

/* general.architecture */
CHORD_API const char* chord_model_architecture(const chord_model* model);

/* The kernel variant that runs the model, once it is placed; otherwise "". A C string. */
CHORD_API const char* chord_model_kernels(const chord_model* model);

/* What tells the model from others: a hash of the header, and of every 16384th byte of the weights, once
 * these are placed. */
CHORD_API uint64_t chord_model_fingerprint(const chord_model* model);

/* How many threads compute, once it is placed; otherwise 0. */
CHORD_API uint32_t chord_model_threads(const chord_model* model);

/* Something about the file that the user should know (an unknown pre-tokenizer …), or "". A C string. */
CHORD_API const char* chord_model_note(const chord_model* model);

/* The metadata, in the file's order. */
CHORD_API size_t chord_model_metadata_count(const chord_model* model);
/* The key's name (a C string), or NULL past the end. */
CHORD_API const char* chord_model_metadata_key(const chord_model* model, size_t index);
/* The value as text: strings as they are, numbers in decimal, arrays as their type and length
 * ("string[32000]"). NULL if there is no such key (a C string). */
CHORD_API const char* chord_model_metadata(chord_model* model, const char* key, size_t* length);

typedef struct chord_tensor {
  const char* name;      /* C string */
  const char* type_name; /* C string, "Q4_K" */
  uint64_t dims[4];      /* dims[0] is the contiguous one; unused ones are 1 */
  uint64_t offset;       /* from the start of the file */
  uint64_t bytes;
  uint32_t dimension_count;
  uint32_t reserved;
} chord_tensor;

CHORD_API chord_code chord_model_get_tensor(const chord_model* model, size_t index, chord_tensor* tensor);

/* ---- Text --------------------------------------------------------------------------------------------- */

typedef enum chord_text_flags {
  CHORD_TEXT_SPECIAL =
      1,              /* tokenize: the text of special tokens means those tokens; detokenize: write them */
  CHORD_TEXT_BOS = 2, /* tokenize: begin with bos_token */
  CHORD_TEXT_EOS = 4  /* tokenize: end with eos_token */
} chord_text_flags;

/* Writes the first `capacity` ids, and to *count how many there are in all. */
CHORD_API chord_code chord_tokenize(const chord_model* model, const char* text, size_t length, uint32_t flags,
                                    int32_t* tokens, size_t capacity, size_t* count);

/* Writes the first `capacity` bytes of the text, and to *length how many there are in all. */
CHORD_API chord_code chord_detokenize(const chord_model* model, const int32_t* tokens, size_t count,
                                      uint32_t flags, char* text, size_t capacity, size_t* length);

typedef enum chord_token_flags {
  CHORD_TOKEN_ENDS = 1 /* the token ends a generation */
} chord_token_flags;

/* The bytes of the first token_count tokens (those of chord_model_info), one after the other: whole
 * characters or parts of them, nothing for control tokens. Writes the first `capacity` bytes, and to *length
 * how many there are in all; to ends[i] where those of token i end, and to flags[i] its chord_token_flags. */
CHORD_API chord_code chord_model_token_texts(const chord_model* model, uint32_t token_count, char* texts,
                                             size_t capacity, uint32_t* ends, uint8_t* flags, size_t* length);

/* A prompt for one question in a named template (C string): chatml, llama2, llama3, alpaca, mistral, gemma,
 * phi3, zephyr. system may be NULL. Writes as chord_detokenize does. */
CHORD_API chord_code chord_format_chat(const char* template_name, const char* system, size_t system_length,
                                       const char* user, size_t user_length, char* text, size_t capacity,
                                       size_t* length);

/* ---- Sessions ----------------------------------------------------------------------------------------- */

typedef struct chord_session chord_session;

typedef enum chord_kv_type { CHORD_KV_F16 = 0, CHORD_KV_F32 = 1, CHORD_KV_Q8_0 = 2 } chord_kv_type;

/* What happens at the end of the context. */
typedef enum chord_overflow {
  CHORD_OVERFLOW_STOP = 0,   /* generation stops with CHORD_FINISH_CONTEXT */
  CHORD_OVERFLOW_REFUSE = 1, /* a prompt that leaves no room for max_tokens is CHORD_CONTEXT_OVERFLOW */
  CHORD_OVERFLOW_SHIFT = 2   /* the oldest half after the first `keep` tokens is forgotten */
} chord_overflow;

typedef struct chord_session_options {
  uint32_t context_length; /* tokens; 0: the model's, at most 4096 */
  uint32_t batch_length;   /* tokens of a prompt computed together, 1 to 2048; 0: 128 */
  uint32_t kv_type;        /* chord_kv_type */
  uint32_t overflow;       /* chord_overflow */
  uint32_t keep;           /* tokens that a shift keeps at the start */
} chord_session_options;

/* Bytes that a model and a session of it take. */
typedef struct chord_memory {
  uint64_t weights;
  uint64_t kv_cache;
  uint64_t scratch;
} chord_memory;

/* Before anything is placed: needs only the header. place is what chord_model_place would get: on the GPU,
 * the host need not have one, only the limits of one. Both options may be NULL. */
CHORD_API chord_code chord_model_estimate(const chord_model* model, const chord_place_options* place,
                                          const chord_session_options* options, chord_memory* memory);

/* Takes the memory for the KV cache and the activations; the model must be placed. options may be NULL. */
CHORD_API chord_code chord_session_new(chord_model* model, const chord_session_options* options,
                                       chord_session** session);
CHORD_API void chord_session_free(chord_session* session);

typedef struct chord_logit_bias {
  int32_t token;
  float bias; /* added to the logit; -INFINITY forbids the token */
} chord_logit_bias;

typedef struct chord_generation_options {
  uint64_t seed;
  uint32_t max_tokens;      /* 0: until the end of the context */
  uint32_t top_k;           /* 0: all */
  float temperature;        /* 0: greedy */
  float top_p;              /* 0 to 1; 1: all */
  float min_p;              /* 0 to 1; 0: all */
  float repetition_penalty; /* 1: none. Positive logits are divided by it, negative ones multiplied */
  float frequency_penalty;  /* subtracted once per occurrence */
  float presence_penalty;   /* subtracted once if the token occurs */
  uint32_t penalty_window;  /* how many of the last tokens the penalties look at */
  uint32_t ignore_eos;      /* 1: end-of-generation tokens do not end it */
  uint32_t special_text;    /* 1: special tokens appear in the text */
  uint32_t stop_count;
  const char* const* stops; /* C strings; the text ends before the first that appears */
  const int32_t* stop_tokens;
  uint32_t stop_token_count;
  uint32_t logit_bias_count;
  const chord_logit_bias* logit_biases;
  uint32_t candidates;   /* how many of each token's likeliest rivals chord_get_candidates has; at most 256 */
  uint32_t draft_tokens; /* prompt lookup: of what followed the last tokens before, so many at most are
                            computed beside the next token; at most 15, 0: none. The tokens are the same, and
                            where the text repeats itself they come faster. Without effect on the GPU */
  uint32_t filter_logits; /* 1: before each token there is a CHORD_FILTER */
} chord_generation_options;

/* Greedy, 100 tokens at most, no penalties (window 64), nothing to stop at but the model's own tokens. */
CHORD_API void chord_generation_defaults(chord_generation_options* options);

/* Begins a generation. `tokens` is the whole prompt: what the session's cache already holds of its beginning
 * is reused. options may be NULL for the defaults. */
CHORD_API chord_code chord_generate(chord_session* session, const int32_t* tokens, size_t count,
                                    const chord_generation_options* options);

/* Begins an evaluation of `tokens` at the start of an emptied context; every position's logits become
 * readable, chunk by chunk (CHORD_EVENT_LOGITS). */
CHORD_API chord_code chord_evaluate(chord_session* session, const int32_t* tokens, size_t count);

typedef struct chord_embedding_options {
  uint32_t pooling; /* chord_pooling; CHORD_POOLING_NONE: as the file names it */
  uint32_t raw; /* 1: the vector as the model gives it; 0: divided by its length, so that it has length 1 */
} chord_embedding_options;

/* Begins the embedding of `count` texts. `tokens` are all of theirs, one text behind the other, with
 * bos_token and eos_token where chord_model_info says so; `lengths` [count] says how many each has. An
 * encoder takes at most as many of a text as the session's context holds, and computes them together,
 * whatever batch_length says; its keys and values are F32, whatever kv_type says. On the GPU short texts
 * share steps. CHORD_DONE follows; options may be NULL. */
CHORD_API chord_code chord_embed(chord_session* session, const int32_t* tokens, const uint32_t* lengths,
                                 size_t count, const chord_embedding_options* options);

/* After the CHORD_DONE of embeddings, until other work begins: the vector [embedding_length] of a text. */
CHORD_API chord_code chord_get_embedding(const chord_session* session, size_t text, float* embedding);

typedef enum chord_event {
  CHORD_WORKING = 0,      /* the budget is used up: call again */
  CHORD_TOKEN = 1,        /* a token was generated: chord_get_piece */
  CHORD_WAITING = 2,      /* something outside must happen first: let the event loop run, then call again */
  CHORD_EVENT_LOGITS = 3, /* rows of an evaluation are ready: chord_get_logits */
  CHORD_DONE = 4,         /* finished: chord_get_piece has the text that was still held back */
  CHORD_FILTER = 5,       /* the next token's logits can be edited: chord_get_filter */
  CHORD_BYTES = 6         /* bytes of a saved session: chord_get_bytes */
} chord_event;

/* Works for about budget_ms milliseconds, or until there is an event. It ends between two ops, or parts of a
 * long one, which take some milliseconds at most. */
CHORD_API chord_code chord_step(chord_session* session, double budget_ms, uint32_t* event);

typedef struct chord_piece {
  const char* text; /* whole code points; may be empty: bytes of half a character, or of what may become a
                       stop string, are held back */
  uint32_t length;
  int32_t token; /* -1 at CHORD_DONE */
  float logprob; /* natural logarithm of the token's probability before temperature and truncation */
  uint32_t reserved;
} chord_piece;

/* After CHORD_TOKEN or CHORD_DONE. */
CHORD_API chord_code chord_get_piece(chord_session* session, chord_piece* piece);

typedef struct chord_candidate {
  int32_t token;
  float logprob; /* as of chord_piece */
} chord_candidate;

/* After CHORD_TOKEN: writes the likeliest tokens at its place, in descending order, at most `capacity` and at
 * least as many of them as the generation's `candidates`; and to *count how many. */
CHORD_API chord_code chord_get_candidates(chord_session* session, chord_candidate* candidates,
                                          size_t capacity, size_t* count);

typedef struct chord_filter {
  float* logits;             /* [vocab_size], in the control plane */
  uint32_t vocab_size;       /* columns of the logits; may be more than the tokenizer has tokens */
  uint32_t generated_tokens; /* before this one */
} chord_filter;

/* After CHORD_FILTER: the logits that the next token is sampled from, after penalties and biases. Until the
 * next chord_step they can be edited in place; -INFINITY forbids a token. A generation that is to end has
 * only end-of-generation tokens left. Probabilities of the token, and its candidates, are those of the edited
 * row. */
CHORD_API chord_code chord_get_filter(chord_session* session, chord_filter* filter);

typedef struct chord_rows {
  uint64_t first; /* position of the first row that can be read */
  uint64_t count;
} chord_rows;

/* After CHORD_EVENT_LOGITS: which positions can be read until the next step. */
CHORD_API chord_code chord_get_rows(const chord_session* session, chord_rows* rows);

/* The logits [vocab_size] of one position among them. */
CHORD_API chord_code chord_get_logits(chord_session* session, uint64_t position, float* logits);

/* Ends the running work at the next chord_step, which answers CHORD_DONE. What was computed stays cached. */
CHORD_API void chord_cancel(chord_session* session);

/* Begins to save the session: its tokens with their keys and values, in a form that does not depend on where
 * and how they were computed. *size: the bytes in all. CHORD_BUSY while work runs, as below. chord_step then
 * answers CHORD_BYTES until CHORD_DONE. */
CHORD_API chord_code chord_session_save(chord_session* session, uint64_t* size);

/* Begins to put a saved session of `size` bytes in the place of this one's. CHORD_INVALID_SESSION (here or of
 * a later chord_step): the bytes are none, are damaged or cut off, or of another model, kv_type or version;
 * CHORD_CONTEXT_OVERFLOW: the context is too short for them. Once keys and values were written, an error
 * leaves an empty context. A prompt that goes on where the saved session ended computes only what is new. */
CHORD_API chord_code chord_session_load(chord_session* session, uint64_t size);

/* After CHORD_BYTES, until the next chord_step: bytes [offset, offset + length) of the saved session are at
 * the address; or, while loading, are to be put there, all of them. They ascend, each comes once, and they
 * are in the control plane. */
CHORD_API chord_code chord_get_bytes(chord_session* session, chord_request* request);

/* Forgets the cached context. CHORD_BUSY while a generation runs. */
CHORD_API chord_code chord_session_clear(chord_session* session);

typedef enum chord_finish {
  CHORD_FINISH_NONE = 0,      /* still running, or nothing was started */
  CHORD_FINISH_STOP = 1,      /* an end-of-generation token, a stop token or a stop string */
  CHORD_FINISH_LENGTH = 2,    /* max_tokens */
  CHORD_FINISH_CONTEXT = 3,   /* the context is full */
  CHORD_FINISH_CANCELLED = 4, /* chord_cancel */
  CHORD_FINISH_ERROR = 5      /* a step failed */
} chord_finish;

typedef struct chord_session_info {
  uint32_t context_length;
  uint32_t context_used; /* tokens in the cache */
  uint32_t prompt_tokens;
  uint32_t reused_tokens; /* of the prompt, found in the cache */
  uint32_t generated_tokens;
  uint32_t drafted_tokens;  /* by prompt lookup */
  uint32_t accepted_tokens; /* of those, the ones that were generated */
  uint32_t finish;          /* chord_finish */
  double prefill_ms;        /* time inside chord_step until the first token was sampled */
  double decode_ms;         /* time inside chord_step after it */
  uint64_t kv_bytes;
  uint64_t scratch_bytes;
} chord_session_info;

CHORD_API chord_code chord_session_get_info(const chord_session* session, chord_session_info* info);

#ifdef __cplusplus
}
#endif

#endif /* CHORD_H_ */
