// Result<T> across the C ABI: a code, and a message that chord_error_message() returns.
#pragma once

#include <utility>

#include "base/error.h"
#include "chord.h"

namespace chord::abi {

// Keeps the message for chord_error_message(), per thread.
chord_code report(const Error& error);

chord_code report(const Result<void>& result);
template <class T>
chord_code report(const std::expected<T, Error>& result) {
  return result ? CHORD_OK : report(result.error());
}

// Stores the value in *out, or reports the error.
template <class T, class Out>
chord_code deliver(std::expected<T, Error>&& result, Out* out) {
  if (!result) return report(result.error());
  *out = std::move(*result);
  return CHORD_OK;
}

}  // namespace chord::abi
