// The texts of a model's tokens as a tree, in which those with a common beginning lie together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chord::grammar {

// Kinds of characters. A tree's node knows which kinds are below it, so that where a grammar treats all
// characters of these kinds alike the whole branch is decided at once.
inline constexpr uint32_t kCharacterKinds = 15;
inline constexpr uint16_t kNotAscii = 1 << (kCharacterKinds - 1);  // any character that is not ASCII
// Bytes that are no whole characters: such a branch is always walked through.
inline constexpr uint16_t kBroken = 1 << kCharacterKinds;
// Of an ASCII character.
uint32_t kind_of(uint8_t character);

struct TreeNode {
  uint32_t end;         // the node behind this branch; children follow their parent
  uint32_t first_text;  // number of the first text in this branch, in the tree's order
  uint16_t kinds;       // bits, of the characters below this node
  uint8_t depth;        // how many there are at most; 255: that many or more
  uint8_t byte;
};

class Vocabulary {
 public:
  // bytes: the texts of all tokens, one behind the other; ends[i]: where that of token i ends. A token
  // without text (a control token) is never part of a constrained text. end_tokens: those that end one. The
  // arguments are checked: ends ascend up to bytes.size(), and end_tokens are ids.
  Vocabulary(std::string bytes, std::vector<uint32_t> ends, std::vector<int32_t> end_tokens);

  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }
  std::string_view text(uint32_t token) const {
    const uint32_t begin = token == 0 ? 0 : ends_[token - 1];
    return std::string_view(bytes_).substr(begin, ends_[token] - begin);
  }
  const std::vector<int32_t>& end_tokens() const { return end_tokens_; }

  // In the order of the texts: the nodes, and the tokens that have texts. A text's number is its index here.
  std::span<const TreeNode> nodes() const { return nodes_; }
  std::span<const uint32_t> tokens() const { return tokens_; }
  // Of the texts that end at this very node.
  uint32_t first_text(size_t node) const { return nodes_[node].first_text; }
  uint32_t end_text(size_t node) const {
    return node + 1 < nodes_.size() ? nodes_[node + 1].first_text : static_cast<uint32_t>(tokens_.size());
  }
  // Behind the texts of the whole branch.
  uint32_t end_of_branch(size_t node) const {
    const uint32_t end = nodes_[node].end;
    return end < nodes_.size() ? nodes_[end].first_text : static_cast<uint32_t>(tokens_.size());
  }
  // Tokens without text.
  const std::vector<uint32_t>& textless() const { return textless_; }

 private:
  void build_tree();
  void describe_branches();

  std::string bytes_;
  std::vector<uint32_t> ends_;
  std::vector<int32_t> end_tokens_;
  std::vector<TreeNode> nodes_;
  std::vector<uint32_t> tokens_;
  std::vector<uint32_t> textless_;
};

}  // namespace chord::grammar
