// JSON texts as values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace chord::grammar {

// The number of no value.
inline constexpr uint32_t kNone = UINT32_MAX;

struct JsonValue {
  enum class Kind : uint8_t { null, boolean, number, string, array, object };
  struct Member {
    std::string key;
    uint32_t value;
  };
  Kind kind = Kind::null;
  bool truth = false;
  uint32_t parent = kNone;  // that has this as an element or a member
  std::string text = {};    // of a string, UTF-8; of a number, as it is written
  std::vector<uint32_t> elements = {};
  std::vector<Member> members = {};  // in the text's order
};

// A JSON text (RFC 8259) whose values refer to each other by number.
class Json {
 public:
  // invalid_argument: it is not well-formed, nested more than 200 times, or has an object with two members of
  // a name. The message has the place in bytes from 0.
  static Result<Json> parse(std::string_view text);

  const JsonValue& operator[](uint32_t number) const { return values_[number]; }
  uint32_t root() const { return 0; }
  uint32_t size() const { return static_cast<uint32_t>(values_.size()); }

  // The member's value, or kNone.
  uint32_t find(uint32_t object, std::string_view key) const;
  // Where a value is, as a JSON pointer (RFC 6901); "" is the whole text.
  std::string pointer(uint32_t value) const;
  // What is at a JSON pointer, or kNone.
  uint32_t at(std::string_view pointer) const;
  // Whether two values are equal as JSON Schema has it: numbers by value, objects whatever their order.
  bool equal(uint32_t a, uint32_t b) const;

 private:
  friend class JsonParser;
  std::vector<JsonValue> values_;
};

}  // namespace chord::grammar
