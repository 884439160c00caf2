#include "base/error.h"

#include <cmath>
#include <iterator>

namespace chord {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::invalid_gguf:
      return "invalid_gguf";
    case ErrorCode::unsupported_format:
      return "unsupported_format";
    case ErrorCode::unsupported_architecture:
      return "unsupported_architecture";
    case ErrorCode::invalid_model:
      return "invalid_model";
    case ErrorCode::out_of_memory:
      return "out_of_memory";
    case ErrorCode::context_overflow:
      return "context_overflow";
    case ErrorCode::io:
      return "io";
    case ErrorCode::source_consumed:
      return "source_consumed";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::closed:
      return "closed";
    case ErrorCode::worker_lost:
      return "worker_lost";
    case ErrorCode::internal:
      return "internal";
    case ErrorCode::invalid_session:
      return "invalid_session";
  }
  return "unknown";
}

Error::Error(ErrorCode code) : report_(new Report{{}, code}) {}
Error::Error(ErrorCode code, std::string_view message) : report_(new Report{std::string(message), code}) {}
Error::Error(const Error& other) : report_(new Report(*other.report_)) {}
void Error::drop(Report* report) {
  delete report;
}

namespace detail {

void append_text(std::string& out, const char* text, size_t length) {
  out.append(text, length);
}

void append_string(std::string& out, const std::string& text) {
  out += text;
}

void append(std::string& out, char c) {
  out += c;
}

void append_unsigned(std::string& out, uint64_t value) {
  char digits[20];  // of 2^64 - 1
  char* begin = std::end(digits);
  do {
    *--begin = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  out.append(begin, std::end(digits));
}

void append_signed(std::string& out, int64_t value) {
  if (value < 0) out += '-';
  append_unsigned(out, value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
}

// Six decimals at most, without trailing zeros. Not std::to_chars or printf: their tables for doubles would
// be 120 KB of the control module, and a message needs no more digits than this.
void append(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  if (std::signbit(value)) out += '-';
  const double magnitude = std::abs(value);
  if (std::isinf(magnitude)) {
    out += "inf";
    return;
  }
  if (magnitude >= 1e15) {
    out += "1e15 or more";
    return;
  }
  const auto millionths = static_cast<uint64_t>(std::round(magnitude * 1e6));
  append_unsigned(out, millionths / 1'000'000);
  uint64_t fraction = millionths % 1'000'000;
  if (fraction == 0) return;
  out += '.';
  for (uint64_t digit = 100'000; fraction > 0; digit /= 10) {
    out += static_cast<char>('0' + fraction / digit);
    fraction %= digit;
  }
}

}  // namespace detail
}  // namespace chord
