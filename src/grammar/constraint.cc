#include "grammar/constraint.h"

#include <algorithm>
#include <limits>

#include "grammar/contains.h"

namespace chord::grammar {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();
// Not a position: characters of a kind lead to several.
constexpr Matcher::Position kMixed = UINT32_MAX;

// Kept masks have so many ranges together at most: 16 MB.
constexpr size_t kMaxRanges = 1 << 21;
// Branches with fewer nodes are walked through: asking about them takes longer.
constexpr uint32_t kSmallBranch = 16;
// Characters for which it is worked out where they lead, one after the other.
constexpr uint32_t kMaxRun = 32;

}  // namespace

Constraint::Constraint(std::shared_ptr<const Program> program, std::shared_ptr<const Vocabulary> vocabulary)
    : program_(std::move(program)),
      vocabulary_(std::move(vocabulary)),
      matcher_(*program_),
      position_(matcher_.start()) {}

void Constraint::reset() {
  position_ = matcher_.start();
  ended_ = false;
}

Result<void> Constraint::accept(int32_t token) {
  if (contains(vocabulary_->end_tokens(), token) && is_complete()) {
    ended_ = true;
    return {};
  }
  const bool known = token >= 0 && static_cast<uint32_t>(token) < vocabulary_->size();
  const std::string_view text = known ? vocabulary_->text(static_cast<uint32_t>(token)) : std::string_view();
  const Matcher::Position next = text.empty() || ended_ ? Matcher::kDead : matcher_.step(position_, text);
  if (next == Matcher::kDead) {
    return fail(ErrorCode::invalid_argument, "token ", token, " cannot come next in the constrained text");
  }
  position_ = next;
  return {};
}

Result<void> Constraint::filter(std::span<float> logits, uint32_t remaining) {
  const auto [position, changed] = matcher_.trim(position_);
  position_ = position;
  if (changed || mask_ranges_ > kMaxRanges) forget_masks();
  static const Mask nothing;
  const Mask* mask = ended_ ? &nothing : &mask_of(position_);
  Mask short_of_tokens;
  // This token, and one that ends the text, are no bytes to come.
  const uint32_t limit = remaining > 2 ? remaining - 2 : 0;
  if (remaining > 0 && mask->longest > limit) {
    short_of_tokens = walk(position_, limit);
    if (short_of_tokens.count > 0 || is_complete()) mask = &short_of_tokens;
  }
  if (matcher_.overflowed()) {
    return fail(
        ErrorCode::invalid_argument,
        "the grammar is too ambiguous: a text can be read in thousands of ways at once; let each have one");
  }
  apply(*mask, logits);
  return {};
}

void Constraint::forget_masks() {
  masks_.clear();
  mask_index_.clear();
  mask_ranges_ = 0;
  targets_.clear();
  target_index_.clear();
}

const Constraint::Mask& Constraint::mask_of(Matcher::Position position) {
  if (position < mask_index_.size() && mask_index_[position] != 0) return masks_[mask_index_[position] - 1];
  masks_.push_back(walk(position, kNever));
  mask_ranges_ += masks_.back().ranges.size();
  if (position >= mask_index_.size()) mask_index_.resize(matcher_.position_count());
  mask_index_[position] = static_cast<uint32_t>(masks_.size());
  return masks_.back();
}

// The texts after which at most `limit` bytes are needed.
Constraint::Mask Constraint::walk(Matcher::Position from, uint32_t limit) {
  struct Open {
    uint32_t end;
    Matcher::Position position;
  };
  Mask mask;
  const auto allow = [&mask](uint32_t begin, uint32_t end) {
    if (begin == end) return;
    mask.count += end - begin;
    if (!mask.ranges.empty() && mask.ranges.back().end == begin) {
      mask.ranges.back().end = end;
    } else {
      mask.ranges.push_back({begin, end});
    }
  };
  const auto nodes = vocabulary_->nodes();
  std::vector<Open> path = {{static_cast<uint32_t>(nodes.size()), from}};
  for (uint32_t at = 0; at < nodes.size();) {
    while (at >= path.back().end) path.pop_back();
    const TreeNode& node = nodes[at];
    const Matcher::Position position = matcher_.step(path.back().position, node.byte);
    if (position == Matcher::kDead) {
      at = node.end;
      continue;
    }
    if (node.end - at > kSmallBranch && takes_branch(position, node, limit, mask)) {
      allow(node.first_text, vocabulary_->end_of_branch(at));
      at = node.end;
      continue;
    }
    if (matcher_.shortest(position) <= limit && vocabulary_->end_text(at) > node.first_text) {
      allow(node.first_text, vocabulary_->end_text(at));
      mask.longest = std::max(mask.longest, matcher_.shortest(position));
    }
    if (node.end > at + 1) path.push_back({node.end, position});
    ++at;
  }
  return mask;
}

// Whether all texts of a branch may follow, and need at most `limit` bytes then.
bool Constraint::takes_branch(Matcher::Position position, const TreeNode& node, uint32_t limit, Mask& mask) {
  if ((node.kinds & kBroken) != 0 || node.depth > kMaxRun) return false;
  uint32_t longest = matcher_.shortest(position);
  for (uint32_t run = 0; run < node.depth; ++run) {
    const Targets& targets = targets_of(position);
    Matcher::Position next = kMixed;
    for (uint32_t kind = 0; kind < kCharacterKinds; ++kind) {
      if ((node.kinds >> kind & 1) == 0) continue;
      if (targets[kind] == kMixed || targets[kind] == Matcher::kDead) return false;
      if (next != kMixed && next != targets[kind]) return false;
      next = targets[kind];
    }
    if (next == position) break;
    position = next;
    longest = std::max(longest, matcher_.shortest(position));
  }
  if (longest > limit) return false;
  mask.longest = std::max(mask.longest, longest);
  return true;
}

const Constraint::Targets& Constraint::targets_of(Matcher::Position position) {
  if (position < target_index_.size() && target_index_[position] != 0) {
    return targets_[target_index_[position] - 1];
  }
  Targets targets;
  targets.fill(kNever);
  std::array<bool, kCharacterKinds> seen{};
  for (uint32_t byte = 0; byte < 0x80; ++byte) {
    const uint32_t kind = kind_of(static_cast<uint8_t>(byte));
    const Matcher::Position next = matcher_.step(position, static_cast<uint8_t>(byte));
    targets[kind] = !seen[kind] || targets[kind] == next ? next : kMixed;
    seen[kind] = true;
  }
  targets[kCharacterKinds - 1] = target_beyond_ascii(position);
  targets_.push_back(targets);
  if (position >= target_index_.size()) target_index_.resize(matcher_.position_count());
  target_index_[position] = static_cast<uint32_t>(targets_.size());
  return targets_.back();
}

// Where all bytes of a range lead to, or kMixed.
Matcher::Position Constraint::common_target(Matcher::Position position, uint8_t first, uint8_t last) {
  const Matcher::Position target = position == kMixed ? kMixed : matcher_.step(position, first);
  for (uint32_t byte = first; byte <= last && target != kMixed; ++byte) {
    if (program_->class_of(static_cast<uint8_t>(byte)) == program_->class_of(first)) continue;
    if (matcher_.step(position, static_cast<uint8_t>(byte)) != target) return kMixed;
  }
  return target;
}

// Where all characters above U+007F lead to, or kMixed.
Matcher::Position Constraint::target_beyond_ascii(Matcher::Position position) {
  struct Form {
    uint8_t first;
    uint8_t last;
    uint8_t low;
    uint8_t high;  // of the second byte
    uint8_t more;  // continuation bytes behind it
  };
  constexpr Form kForms[] = {{0xC2, 0xDF, 0x80, 0xBF, 0}, {0xE0, 0xE0, 0xA0, 0xBF, 1},
                             {0xE1, 0xEC, 0x80, 0xBF, 1}, {0xED, 0xED, 0x80, 0x9F, 1},
                             {0xEE, 0xEF, 0x80, 0xBF, 1}, {0xF0, 0xF0, 0x90, 0xBF, 2},
                             {0xF1, 0xF3, 0x80, 0xBF, 2}, {0xF4, 0xF4, 0x80, 0x8F, 2}};
  Matcher::Position all = kMixed;
  for (const Form& form : kForms) {
    Matcher::Position target = common_target(position, form.first, form.last);
    target = common_target(target, form.low, form.high);
    for (uint32_t i = 0; i < form.more; ++i) target = common_target(target, 0x80, 0xBF);
    if (target == kMixed || (all != kMixed && target != all)) return kMixed;
    all = target;
  }
  return all;
}

void Constraint::apply(const Mask& mask, std::span<float> logits) {
  const auto tokens = vocabulary_->tokens();
  const bool may_end = is_complete();
  kept_.clear();
  for (const int32_t token : vocabulary_->end_tokens()) {
    const auto index = static_cast<size_t>(token);
    kept_.push_back(may_end && index < logits.size() ? logits[index] : kForbidden);
  }
  const size_t ends = kept_.size();
  const auto forbid = [&](uint32_t token) {
    if (token < logits.size()) logits[token] = kForbidden;
  };
  if (mask.count > tokens.size() / 2) {
    uint32_t next = 0;
    for (const Range& range : mask.ranges) {
      for (; next < range.begin; ++next) forbid(tokens[next]);
      next = range.end;
    }
    for (; next < tokens.size(); ++next) forbid(tokens[next]);
    for (const uint32_t token : vocabulary_->textless()) forbid(token);
    for (size_t token = vocabulary_->size(); token < logits.size(); ++token) logits[token] = kForbidden;
  } else {
    const auto each = [&](auto&& use) {
      for (const Range& range : mask.ranges) {
        for (uint32_t number = range.begin; number < range.end; ++number) {
          if (tokens[number] < logits.size()) use(logits[tokens[number]]);
        }
      }
    };
    each([this](float logit) { kept_.push_back(logit); });
    std::ranges::fill(logits, kForbidden);
    size_t next = ends;
    each([&](float& logit) { logit = kept_[next++]; });
  }
  for (size_t i = 0; i < ends; ++i) {
    const auto token = static_cast<size_t>(vocabulary_->end_tokens()[i]);
    if (token < logits.size()) logits[token] = kept_[i];
  }
}

}  // namespace chord::grammar
