// Writes JSON (RFC 8259).
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chord::cli {

//   JsonWriter json;
//   json.begin_object();
//   json.key("runs");
//   json.value(5u);
//   json.end_object();
//   std::puts(json.text().c_str());  // {"runs": 5}, over three lines
//
// Whoever calls it pairs begin and end, and gives each key of an object one value.
class JsonWriter {
 public:
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }

  void key(std::string_view name);

  // Bytes that are not UTF-8, which a file's name may have, become U+FFFD.
  void value(std::string_view string);
  void value(const char* string) { value(std::string_view(string)); }
  // Six significant digits; null for what JSON has no number for.
  void value(double number);
  void value(std::unsigned_integral auto number) { plain(std::to_string(number)); }
  void null() { plain("null"); }
  template <class T>
  void value(const std::optional<T>& maybe) {
    if (maybe) {
      value(*maybe);
    } else {
      null();
    }
  }

  const std::string& text() const { return text_; }

 private:
  void begin(char bracket);
  void end(char bracket);
  void plain(std::string_view element);
  void next_element();
  void indent();

  std::string text_;
  uint32_t depth_ = 0;
  bool is_first_ = true;    // nothing was written since the last opening bracket
  bool after_key_ = false;  // the value belongs to the key before it
};

}  // namespace chord::cli
