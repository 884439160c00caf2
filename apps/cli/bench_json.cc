#include "bench_json.h"

#include <cmath>
#include <cstdio>

#include "text/utf8.h"

namespace chord::cli {
void JsonWriter::key(std::string_view name) {
  value(name);
  text_ += ": ";
  after_key_ = true;
}

void JsonWriter::value(std::string_view string) {
  std::string valid;
  text::Utf8Stream stream;
  stream.push(string, valid);
  stream.finish(valid);

  next_element();
  text_ += '"';
  for (const char c : valid) {
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[7];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      text_ += escape;
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

void JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.6g", number);
  plain(digits);
}

void JsonWriter::begin(char bracket) {
  plain({&bracket, 1});
  ++depth_;
  is_first_ = true;
}

void JsonWriter::end(char bracket) {
  --depth_;
  if (!is_first_) indent();
  text_ += bracket;
  is_first_ = false;
}

void JsonWriter::plain(std::string_view element) {
  next_element();
  text_ += element;
}

void JsonWriter::next_element() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!is_first_) text_ += ',';
  if (depth_ > 0) indent();
  is_first_ = false;
}

void JsonWriter::indent() {
  text_ += '\n';
  text_.append(size_t{2} * depth_, ' ');
}

}  // namespace chord::cli
