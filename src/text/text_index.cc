#include "text/text_index.h"

#include <bit>
#include <cstring>

namespace chord::text {
namespace {

constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio, as in multiplicative hashing

uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * kOdd;
  return hash ^ hash >> 32;
}

uint32_t tag_of_text(uint64_t hash) {
  return static_cast<uint32_t>(hash >> 56) << 24;
}

}  // namespace

uint64_t hash_text(std::string_view text) {
  uint64_t hash = text.size() * kOdd;
  for (; text.size() >= 8; text.remove_prefix(8)) {
    uint64_t word;
    std::memcpy(&word, text.data(), 8);
    hash = mix(hash, word);
  }
  uint64_t rest = 0;
  for (const char c : text) rest = rest << 8 | static_cast<uint8_t>(c);
  return mix(mix(hash, rest), kOdd);
}

void TextIndex::reset(size_t count) {
  slots_.assign(std::bit_ceil(2 * count + 2), 0);
}

int64_t TextIndex::slot_of(const gguf::StringArray& texts, std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (uint32_t probe = 0; probe < kMaxProbe; ++probe) {
    const size_t at = (hash + probe) & mask;
    const uint32_t slot = slots_[at];
    if (slot == 0) return static_cast<int64_t>(at);
    if ((slot & 0xFF000000) == tag_of_text(hash) && texts[(slot & 0xFFFFFF) - 1] == text) {
      return static_cast<int64_t>(at);
    }
  }
  return -1;
}

bool TextIndex::insert(const gguf::StringArray& texts, uint32_t id) {
  const uint64_t hash = hash_text(texts[id]);
  const int64_t at = slot_of(texts, texts[id], hash);
  if (at < 0) return false;
  slots_[static_cast<size_t>(at)] = tag_of_text(hash) | (id + 1);
  return true;
}

int32_t TextIndex::find(const gguf::StringArray& texts, std::string_view text) const {
  if (slots_.empty()) return -1;
  const int64_t at = slot_of(texts, text, hash_text(text));
  return at < 0 ? -1 : static_cast<int32_t>(slots_[static_cast<size_t>(at)] & 0xFFFFFF) - 1;
}

}  // namespace chord::text
