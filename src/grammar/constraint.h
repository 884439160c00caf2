// A grammar applied to the tokens of a vocabulary.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "grammar/matcher.h"
#include "grammar/vocabulary.h"

namespace chord::grammar {

//   Constraint constraint(program, vocabulary);
//   while (true) {
//     constraint.filter(logits, remaining);   // before a token is chosen
//     constraint.accept(token);               // the one that was
//   }
//
// What may follow at a position is worked out when the text first comes there and kept for when it comes
// there again, in other texts too: a constraint is meant to be used for many of them.
class Constraint {
 public:
  Constraint(std::shared_ptr<const Program> program, std::shared_ptr<const Vocabulary> vocabulary);

  // Sets the logits of tokens that cannot come next to -infinity; of what ends a text, unless it is complete.
  // remaining: how many tokens the text may still have; 0: any number. Tokens are kept to those after which
  // it can be completed and ended within that many, as far as there are such, and a token for each byte.
  // logits may be more than the vocabulary has tokens; the others are never allowed.
  // invalid_argument: the grammar is too ambiguous.
  Result<void> filter(std::span<float> logits, uint32_t remaining);

  // Goes on with a token. invalid_argument: it cannot come next.
  Result<void> accept(int32_t token);

  // Whether the text may end here.
  bool is_complete() const { return ended_ || matcher_.is_complete(position_); }

  // Back to an empty text.
  void reset();

 private:
  struct Range {
    uint32_t begin;  // numbers of texts
    uint32_t end;
  };
  struct Mask {
    std::vector<Range> ranges;
    uint32_t count = 0;    // of texts
    uint32_t longest = 0;  // bytes that a text needs after one of them, at most
  };
  // Where characters of each kind lead to; unknown ones, and kinds of which not all lead to the same, are
  // kMixed.
  using Targets = std::array<Matcher::Position, kCharacterKinds>;

  const Mask& mask_of(Matcher::Position position);
  Mask walk(Matcher::Position from, uint32_t limit);
  bool takes_branch(Matcher::Position position, const TreeNode& node, uint32_t limit, Mask& mask);
  const Targets& targets_of(Matcher::Position position);
  Matcher::Position common_target(Matcher::Position position, uint8_t first, uint8_t last);
  Matcher::Position target_beyond_ascii(Matcher::Position position);
  void apply(const Mask& mask, std::span<float> logits);
  void forget_masks();

  std::shared_ptr<const Program> program_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  Matcher matcher_;
  Matcher::Position position_;
  bool ended_ = false;  // one of the vocabulary's end tokens was accepted

  std::vector<Mask> masks_;
  size_t mask_ranges_ = 0;            // of all masks
  std::vector<uint32_t> mask_index_;  // by position: in masks_ + 1, or 0
  std::vector<Targets> targets_;
  std::vector<uint32_t> target_index_;
  std::vector<float> kept_;  // reused by apply
};

}  // namespace chord::grammar
