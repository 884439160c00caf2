#include "grammar/vocabulary.h"

#include <algorithm>
#include <array>

#include "base/heap_sort.h"
#include "grammar/contains.h"

namespace chord::grammar {
namespace {

// Where a byte can come in a character's UTF-8 (RFC 3629): what may follow.
struct Utf8State {
  uint8_t more = 0;  // continuation bytes to come; 255: this is no UTF-8
  uint8_t low = 0x80;
  uint8_t high = 0xBF;  // bounds of the next one
};
constexpr uint8_t kInvalid = 255;

Utf8State follow(const Utf8State& state, uint8_t byte) {
  if (state.more == kInvalid) return state;
  if (state.more > 0) {
    const bool fits = state.low <= byte && byte <= state.high;
    return {.more = fits ? static_cast<uint8_t>(state.more - 1) : kInvalid};
  }
  if (byte < 0x80) return {};
  if (byte < 0xC2 || byte > 0xF4) return {.more = kInvalid};
  if (byte < 0xE0) return {.more = 1};
  if (byte < 0xF0) {
    return {.more = 2,
            .low = static_cast<uint8_t>(byte == 0xE0 ? 0xA0 : 0x80),
            .high = static_cast<uint8_t>(byte == 0xED ? 0x9F : 0xBF)};
  }
  return {.more = 3,
          .low = static_cast<uint8_t>(byte == 0xF0 ? 0x90 : 0x80),
          .high = static_cast<uint8_t>(byte == 0xF4 ? 0x8F : 0xBF)};
}

}  // namespace

uint32_t kind_of(uint8_t character) {
  constexpr std::string_view kAlone = "\"\\,:";
  if (character >= '0' && character <= '9') return 0;
  if (character >= 'a' && character <= 'f') return 1;
  if (character >= 'g' && character <= 'z') return 2;
  if (character >= 'A' && character <= 'F') return 3;
  if (character >= 'G' && character <= 'Z') return 4;
  if (character == ' ') return 5;
  if (character == '\n' || character == '\t' || character == '\r') return 6;
  if (character == '-' || character == '_') return 7;
  if (const size_t at = kAlone.find(static_cast<char>(character)); at != std::string_view::npos) {
    return 8 + static_cast<uint32_t>(at);
  }
  return character < ' ' || character == 0x7F ? 12 : 13;
}

Vocabulary::Vocabulary(std::string bytes, std::vector<uint32_t> ends, std::vector<int32_t> end_tokens)
    : bytes_(std::move(bytes)), ends_(std::move(ends)), end_tokens_(std::move(end_tokens)) {
  build_tree();
  describe_branches();
}

void Vocabulary::build_tree() {
  tokens_.reserve(size());
  for (uint32_t token = 0; token < size(); ++token) {
    const bool ends = contains(end_tokens_, static_cast<int32_t>(token));
    (text(token).empty() || ends ? textless_ : tokens_).push_back(token);
  }
  heap_sort(tokens_, [this](uint32_t token) { return text(token); });
  std::vector<uint32_t> path;  // of the last text
  for (uint32_t number = 0; number < tokens_.size(); ++number) {
    const std::string_view next = text(tokens_[number]);
    const std::string_view last = number == 0 ? "" : text(tokens_[number - 1]);
    const auto common = static_cast<size_t>(std::ranges::mismatch(last, next).in1 - last.begin());
    for (; path.size() > common; path.pop_back())
      nodes_[path.back()].end = static_cast<uint32_t>(nodes_.size());
    for (const char c : next.substr(common)) {
      path.push_back(static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back(
          {.end = 0, .first_text = number, .kinds = 0, .depth = 0, .byte = static_cast<uint8_t>(c)});
    }
  }
  for (const uint32_t node : path) nodes_[node].end = static_cast<uint32_t>(nodes_.size());
}

void Vocabulary::describe_branches() {
  std::vector<Utf8State> states(nodes_.size());
  std::vector<uint32_t> path;
  for (uint32_t node = 0; node < nodes_.size(); ++node) {
    while (!path.empty() && node >= nodes_[path.back()].end) path.pop_back();
    states[node] = follow(path.empty() ? Utf8State() : states[path.back()], nodes_[node].byte);
    path.push_back(node);
  }
  // Children before their parents. A character that began above a node counts where it began.
  for (size_t node = nodes_.size(); node-- > 0;) {
    TreeNode& here = nodes_[node];
    const bool within = states[node].more != 0;
    if (within && first_text(node) < end_text(node)) here.kinds |= kBroken;
    for (size_t child = node + 1; child < here.end; child = nodes_[child].end) {
      const TreeNode& below = nodes_[child];
      if (states[child].more == kInvalid) {
        here.kinds |= kBroken;
        continue;
      }
      here.kinds |= below.kinds;
      uint32_t depth = below.depth;
      if (!within) {
        here.kinds |= below.byte < 0x80 ? static_cast<uint16_t>(1 << kind_of(below.byte)) : kNotAscii;
        ++depth;
      }
      here.depth = static_cast<uint8_t>(std::max<uint32_t>(here.depth, std::min(depth, 255U)));
    }
  }
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (states[node].more != 0) nodes_[node].kinds |= kBroken;
  }
}

}  // namespace chord::grammar
