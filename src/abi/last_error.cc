#include "abi/last_error.h"

#include <string>

namespace chord::abi {
namespace {

thread_local std::string last_message;

#define CHORD_SAME_CODE(upper, lower) \
  static_assert(static_cast<int>(CHORD_##upper) == static_cast<int>(ErrorCode::lower))
CHORD_SAME_CODE(INVALID_ARGUMENT, invalid_argument);
CHORD_SAME_CODE(INVALID_GGUF, invalid_gguf);
CHORD_SAME_CODE(UNSUPPORTED_FORMAT, unsupported_format);
CHORD_SAME_CODE(UNSUPPORTED_ARCHITECTURE, unsupported_architecture);
CHORD_SAME_CODE(INVALID_MODEL, invalid_model);
CHORD_SAME_CODE(OUT_OF_MEMORY, out_of_memory);
CHORD_SAME_CODE(CONTEXT_OVERFLOW, context_overflow);
CHORD_SAME_CODE(IO, io);
CHORD_SAME_CODE(SOURCE_CONSUMED, source_consumed);
CHORD_SAME_CODE(CANCELLED, cancelled);
CHORD_SAME_CODE(BUSY, busy);
CHORD_SAME_CODE(CLOSED, closed);
CHORD_SAME_CODE(WORKER_LOST, worker_lost);
CHORD_SAME_CODE(INTERNAL, internal);
CHORD_SAME_CODE(INVALID_SESSION, invalid_session);
#undef CHORD_SAME_CODE

}  // namespace

chord_code report(const Error& error) {
  last_message = error.message();
  return static_cast<chord_code>(error.code());
}

chord_code report(const Result<void>& result) {
  return result ? CHORD_OK : report(result.error());
}

}  // namespace chord::abi

extern "C" {

const char* chord_error_message(void) {
  return chord::abi::last_message.c_str();
}

const char* chord_code_name(chord_code code) {
  if (code == CHORD_OK) return "ok";
  return chord::name(static_cast<chord::ErrorCode>(code)).data();  // literals: terminated
}

const char* chord_version(void) {
  return CHORD_VERSION;
}

}  // extern "C"
