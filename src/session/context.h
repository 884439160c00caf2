// Which tokens an executor's stores hold, and which of the text are still to be evaluated.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace chord::session {

// The text is a list of tokens at positions 0, 1, …, of which the first used() are evaluated: their keys and
// values are in the stores. Cutting the text back needs no word to the executor, since a query never sees
// positions behind its own; whether the executor still holds what it sees is for the session to ask.
class Context {
 public:
  explicit Context(uint32_t length) : length_(length) {}

  uint32_t length() const { return length_; }
  uint32_t used() const { return used_; }
  uint32_t pending() const { return static_cast<uint32_t>(text_.size()) - used_; }
  // Whether there is a position for every token of the text.
  bool fits() const { return text_.size() <= length_; }

  // Makes `tokens` (at least one) the text. The beginning that it shares with what was evaluated is not
  // evaluated again, except for the last token, because its logits are wanted.
  void assign(std::span<const int32_t> tokens);
  void append(int32_t token) { text_.push_back(token); }
  void append(std::span<const int32_t> tokens) { text_.insert(text_.end(), tokens.begin(), tokens.end()); }
  std::span<const int32_t> text() const { return text_; }

  // The next tokens to evaluate, at most `limit`, from position used() on.
  std::span<const int32_t> next(uint32_t limit) const;
  // The first `count` of them are evaluated.
  void complete(uint32_t count) { used_ += count; }

  // Nothing of the text counts as evaluated any more.
  void restart() { used_ = 0; }

  // Keeps the first `keep` tokens of a text that does not fit, forgets the oldest half of the rest, and lets
  // what remains move up, to be evaluated again at its new positions. Rotating the cached keys instead would
  // be faster, but values of the layers above would still have seen the forgotten tokens, and quantized keys
  // would lose precision each time; this way every type of store holds what the model computes for the
  // remaining text.
  void shift(uint32_t keep);

  // Forgets the tokens that were not evaluated, or all.
  void drop_pending() { text_.resize(used_); }
  void clear();

  // What is evaluated, in the stores.
  std::span<const int32_t> evaluated() const { return std::span(text_).first(used_); }
  // The stores hold these tokens.
  void restore(std::span<const int32_t> tokens);

 private:
  uint32_t length_;
  uint32_t used_ = 0;
  std::vector<int32_t> text_;
};

}  // namespace chord::session
