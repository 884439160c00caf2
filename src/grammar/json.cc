#include "grammar/json.h"

#include <algorithm>

#include "grammar/code_points.h"
#include "grammar/contains.h"
#include "grammar/decimal.h"
#include "grammar/expression.h"

namespace chord::grammar {

class JsonParser {
 public:
  JsonParser(std::string_view text, std::vector<JsonValue>& values) : text_(text), values_(values) {}

  Result<void> parse() {
    CHORD_CHECK(parse_value(kNone));
    skip_space();
    if (at_ < text_.size()) return malformed("there is something behind the value");
    return {};
  }

 private:
  using Kind = JsonValue::Kind;

  [[gnu::noinline]] std::unexpected<Error> malformed(std::string_view what) const {
    return fail(ErrorCode::invalid_argument, "the JSON text is not well-formed: ", what, ", at byte ", at_);
  }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  Result<uint32_t> parse_value(uint32_t parent) {
    if (++nesting_ > kMaxNesting) return malformed("it is nested more than 200 times");
    skip_space();
    const auto number = static_cast<uint32_t>(values_.size());
    values_.push_back({.parent = parent});
    if (take("null")) {
      values_[number].kind = Kind::null;
    } else if (take("true") || take("false")) {
      values_[number].kind = Kind::boolean;
      values_[number].truth = text_[at_ - 2] == 'u';
    } else if (take("\"")) {
      values_[number].kind = Kind::string;
      CHORD_ASSIGN(values_[number].text, parse_string());
    } else if (take("[")) {
      CHORD_CHECK(parse_array(number));
    } else if (take("{")) {
      CHORD_CHECK(parse_object(number));
    } else {
      values_[number].kind = Kind::number;
      CHORD_ASSIGN(values_[number].text, parse_number());
    }
    --nesting_;
    return number;
  }

  Result<void> parse_array(uint32_t number) {
    values_[number].kind = Kind::array;
    skip_space();
    if (take("]")) return {};
    do {
      CHORD_ASSIGN(const uint32_t element, parse_value(number));
      values_[number].elements.push_back(element);
      skip_space();
    } while (take(","));
    if (!take("]")) return malformed("\",\" or \"]\" is missing");
    return {};
  }

  Result<void> parse_object(uint32_t number) {
    values_[number].kind = Kind::object;
    skip_space();
    if (take("}")) return {};
    do {
      skip_space();
      if (!take("\"")) return malformed("a member's name is missing");
      CHORD_ASSIGN(std::string key, parse_string());
      if (contains(values_[number].members, key, &JsonValue::Member::key)) {
        return malformed("a name is used twice in an object");
      }
      skip_space();
      if (!take(":")) return malformed("\":\" is missing");
      CHORD_ASSIGN(const uint32_t value, parse_value(number));
      values_[number].members.push_back({std::move(key), value});
      skip_space();
    } while (take(","));
    if (!take("}")) return malformed("\",\" or \"}\" is missing");
    return {};
  }

  bool take_digits() {
    const size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin;
  }

  Result<std::string> parse_number() {
    const size_t begin = at_;
    (void)take("-");
    if (!take("0") && !take_digits()) return malformed("a value is missing");
    if (take(".") && !take_digits()) return malformed("digits are missing");
    if (take("e") || take("E")) {
      if (!take("+")) (void)take("-");
      if (!take_digits()) return malformed("digits are missing");
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<std::string> parse_string() {
    std::string out;
    while (!take("\"")) {
      if (at_ == text_.size()) return malformed("a string does not end");
      if (take("\\")) {
        CHORD_CHECK(parse_escape(out));
        continue;
      }
      if (static_cast<uint8_t>(peek()) < 0x20) return malformed("a string has a control character");
      std::string_view rest = text_.substr(at_);
      const uint32_t character = take_character(rest);
      if (character == kNone) return malformed("a string is not UTF-8");
      append_character(character, out);
      at_ = text_.size() - rest.size();
    }
    return out;
  }

  Result<void> parse_escape(std::string& out) {
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (const size_t found = kEscapes.find(peek()); found != std::string_view::npos && at_ < text_.size()) {
      out += kMeanings[found];
      ++at_;
      return {};
    }
    if (!take("u")) return malformed("an escape is not known");
    uint32_t value = take_hex(text_, at_, 4);
    if (value >= 0xD800 && value <= 0xDBFF && take("\\u")) {
      const uint32_t low = take_hex(text_, at_, 4);
      value = low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00) : kNone;
    }
    if (value > kLastCodePoint || (value >= 0xD800 && value <= 0xDFFF)) {
      return malformed("an escape is no character");
    }
    append_character(value, out);
    return {};
  }

  std::string_view text_;
  std::vector<JsonValue>& values_;
  size_t at_ = 0;
  uint32_t nesting_ = 0;
};

Result<Json> Json::parse(std::string_view text) {
  Json json;
  CHORD_CHECK(JsonParser(text, json.values_).parse());
  return json;
}

uint32_t Json::find(uint32_t object, std::string_view key) const {
  const auto& members = values_[object].members;
  const auto found = std::ranges::find(members, key, &JsonValue::Member::key);
  return found == members.end() ? kNone : found->value;
}

std::string Json::pointer(uint32_t value) const {
  std::string out;
  while (values_[value].parent != kNone) {
    const JsonValue& parent = values_[values_[value].parent];
    std::string token;
    if (parent.kind == JsonValue::Kind::array) {
      const auto index = std::ranges::find(parent.elements, value) - parent.elements.begin();
      token = concat(index);
    } else {
      for (const char c : std::ranges::find(parent.members, value, &JsonValue::Member::value)->key) {
        if (c == '~' || c == '/') {
          token += c == '~' ? "~0" : "~1";
        } else {
          token += c;
        }
      }
    }
    out.insert(0, "/" + token);
    value = values_[value].parent;
  }
  return out;
}

uint32_t Json::at(std::string_view pointer) const {
  uint32_t value = root();
  while (!pointer.empty()) {
    if (pointer[0] != '/') return kNone;
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    std::string key;
    for (size_t i = 0; i < token.size(); ++i) {
      const bool escaped = token[i] == '~' && i + 1 < token.size();
      key += escaped ? (token[++i] == '0' ? '~' : '/') : token[i];
    }
    const JsonValue& here = values_[value];
    if (here.kind == JsonValue::Kind::array) {
      uint32_t index = 0;
      const bool number = !key.empty() && key.size() < 8 &&
                          std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
      for (const char c : key) index = index * 10 + static_cast<uint32_t>(c - '0');
      if (!number || index >= here.elements.size()) return kNone;
      value = here.elements[index];
    } else {
      value = find(value, key);
      if (value == kNone) return kNone;
    }
  }
  return value;
}

bool Json::equal(uint32_t a, uint32_t b) const {
  const JsonValue& left = values_[a];
  const JsonValue& right = values_[b];
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case JsonValue::Kind::null:
      return true;
    case JsonValue::Kind::boolean:
      return left.truth == right.truth;
    case JsonValue::Kind::number:
      return plain_number(left.text) == plain_number(right.text);
    case JsonValue::Kind::string:
      return left.text == right.text;
    case JsonValue::Kind::array:
      return std::ranges::equal(left.elements, right.elements,
                                [this](uint32_t x, uint32_t y) { return equal(x, y); });
    case JsonValue::Kind::object:
      break;
  }
  return left.members.size() == right.members.size() &&
         std::ranges::all_of(left.members, [&](const JsonValue::Member& member) {
           const uint32_t other = find(b, member.key);
           return other != kNone && equal(member.value, other);
         });
}

}  // namespace chord::grammar
