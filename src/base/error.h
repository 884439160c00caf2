// Errors as values. Nothing in chord throws: a function that can fail returns Result<T>.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace chord {

// What kind of thing went wrong. The numbers are part of the C ABI (include/chord.h repeats them, and
// src/abi checks that they agree); a new code goes to the end.
enum class ErrorCode : int32_t {
  invalid_argument = 1,    // an argument or option is outside what its documentation allows
  invalid_gguf = 2,        // the bytes are not a well-formed GGUF file
  unsupported_format = 3,  // well-formed, but a version, byte order, tensor type or tokenizer not known here
  unsupported_architecture = 4,  // general.architecture names a model that chord cannot run
  invalid_model = 5,             // metadata or tensors that the architecture needs are missing or misshapen
  out_of_memory = 6,             // an allocation was refused; the message has the bytes wanted and available
  context_overflow = 7,          // the prompt does not fit the context; the message has both lengths
  io = 8,                        // the source of the file failed, or ended early
  source_consumed = 9,           // bytes are needed a second time from a source that can be read only once
  cancelled = 10,                // the caller stopped the work
  busy = 11,                     // a generation is running and the call cannot be made beside it
  closed = 12,                   // the model or session was freed
  worker_lost = 13,              // a thread of the CPU pool stopped making progress
  internal = 14,                 // a bug in chord
  invalid_session = 15,  // the bytes are no saved session, damaged, or of another model or type of cache
};

// The code's name as written above, e.g. "invalid_gguf"; "unknown" for a number that is no code.
std::string_view name(ErrorCode code);

// One pointer: an error is handed on at hundreds of places, and each of them pays for its size in code.
class [[clang::trivial_abi]] Error {
 public:
  // The message is empty, and what is appended to text() makes it.
  explicit Error(ErrorCode code);
  Error(ErrorCode code, std::string_view message);
  Error(const Error& other);
  Error(Error&& other) noexcept : report_(std::exchange(other.report_, nullptr)) {}
  Error& operator=(Error other) noexcept {
    std::swap(report_, other.report_);
    return *this;
  }
  // Inlined, because nearly all of them are known to be moved from: then there is no code.
  [[gnu::always_inline]] ~Error() {
    if (report_ != nullptr) drop(report_);
  }

  ErrorCode code() const { return report_->code; }
  // The value seen, the limit broken, and what to do; no trailing full stop or newline.
  const std::string& message() const { return report_->message; }
  std::string& text() { return report_->message; }

 private:
  friend class VoidResult;
  struct Report {
    std::string message;
    ErrorCode code;
  };
  static void drop(Report* report);
  Error() = default;

  Report* report_ = nullptr;  // nullptr: moved from, or the error of a VoidResult that has none
};

// Result<void>: what std::expected<void, Error> is, but one pointer, which is returned in a register.
class [[nodiscard, clang::trivial_abi]] VoidResult {
 public:
  VoidResult() = default;
  VoidResult(std::unexpected<Error>&& failure) : error_(std::move(failure).error()) {}

  bool has_value() const { return error_.report_ == nullptr; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  Error error_;
};

namespace detail {
template <class T>
struct ResultOf {
  using Type = std::expected<T, Error>;
};
template <>
struct ResultOf<void> {
  using Type = VoidResult;
};
}  // namespace detail

template <class T>
using Result = detail::ResultOf<T>::Type;

namespace detail {
// Pointer and length, not a view: wasm passes a view through memory, at twice the code for each literal.
void append_text(std::string& out, const char* text, size_t length);
inline void append(std::string& out, std::string_view text) {
  append_text(out, text.data(), text.size());
}
void append_string(std::string& out, const std::string& text);
inline void append(std::string& out, const std::same_as<std::string> auto& text) {
  append_string(out, text);
}
void append(std::string& out, char c);
void append(std::string& out, std::same_as<bool> auto value) {
  out += value ? "true" : "false";
}
void append(std::string& out, double value);
void append_signed(std::string& out, int64_t value);
void append_unsigned(std::string& out, uint64_t value);
template <std::integral T>
  requires(!std::same_as<T, bool>)
void append(std::string& out, T value) {
  if constexpr (std::is_signed_v<T>) {
    append_signed(out, value);
  } else {
    append_unsigned(out, value);
  }
}
}  // namespace detail

// Concatenates strings and numbers: concat("tensor ", name, " has ", n, " dimensions"). Inlined, because
// otherwise each length of literal makes a function of its own, and calling it costs as much as its body.
template <class... Parts>
[[gnu::always_inline]] inline std::string concat(const Parts&... parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

// An error whose message goes on with `parts` behind what it says.
template <class... Parts>
[[gnu::always_inline]] inline std::unexpected<Error> fail(Error error, const Parts&... parts) {
  (detail::append(error.text(), parts), ...);
  return std::unexpected(std::move(error));
}

// return fail(ErrorCode::invalid_gguf, "version ", version, " is not 2 or 3");
template <class... Parts>
[[gnu::always_inline]] inline std::unexpected<Error> fail(ErrorCode code, const Parts&... parts) {
  return fail(Error(code), parts...);
}

}  // namespace chord

// Returns the error of `expression` (a Result) from the enclosing function, if it has one.
#define CHORD_CHECK(expression)                                                             \
  do {                                                                                      \
    auto chord_check_result = (expression);                                                 \
    if (!chord_check_result) return std::unexpected(std::move(chord_check_result).error()); \
  } while (false)

// CHORD_ASSIGN(auto file, open(path)): declares or assigns the value, or returns the error. The Result ends
// within the expression, so that no later return has to end it.
#define CHORD_ASSIGN(target, expression)                                        \
  target = __extension__({                                                      \
    auto chord_result = (expression);                                           \
    if (!chord_result) return std::unexpected(std::move(chord_result).error()); \
    std::move(*chord_result);                                                   \
  })
