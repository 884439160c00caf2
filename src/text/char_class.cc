#include "text/char_class.h"

#include <algorithm>
#include <array>
#include <vector>

#include "text/utf8.h"

namespace chord::text {
namespace {

#include "text/unicode/char_class.inc"

// The runs spread out into two levels, since a pre-tokenizer asks once for every character: pages of 128 code
// points, equal pages kept once. About 45 KB, made at the first question.
class Pages {
 public:
  Pages() {
    // Page 0 is wholly `other`: it serves all that comes after the last run.
    pages_.resize(kPageSize);
    uint32_t code_point = 0;
    std::array<CharClass, kPageSize> page{};
    for (const uint8_t* at = kCharClassRuns; at != std::end(kCharClassRuns);) {
      const auto value = static_cast<CharClass>(*at & 7);
      uint32_t length = 1 + (*at >> 4);
      if ((*at++ & 8) != 0) {
        for (uint32_t shift = 4;; shift += 7) {
          length += static_cast<uint32_t>(*at & 127) << shift;
          if ((*at++ & 128) == 0) break;
        }
      }
      for (; length != 0; --length) {
        page[code_point % kPageSize] = value;
        if (++code_point % kPageSize == 0) {
          index_[code_point / kPageSize - 1] = intern(page);
          page.fill(CharClass::other);
        }
      }
    }
    if (code_point % kPageSize != 0) index_[code_point / kPageSize] = intern(page);
  }

  CharClass operator[](uint32_t code_point) const {
    if (code_point > kMaxCodePoint) return CharClass::other;
    return pages_[index_[code_point / kPageSize] * kPageSize + code_point % kPageSize];
  }

 private:
  static constexpr uint32_t kPageSize = 128;

  uint16_t intern(const std::array<CharClass, kPageSize>& page) {
    const size_t count = pages_.size() / kPageSize;
    // Long runs fill neighbouring pages, so the newest are the likeliest.
    for (size_t i = count; i-- != 0;) {
      if (std::equal(page.begin(), page.end(), &pages_[i * kPageSize])) {
        return static_cast<uint16_t>(i);
      }
    }
    pages_.insert(pages_.end(), page.begin(), page.end());
    return static_cast<uint16_t>(count);
  }

  std::array<uint16_t, (kMaxCodePoint + 1) / kPageSize> index_{};
  std::vector<CharClass> pages_;
};

}  // namespace

CharClass char_class(uint32_t code_point) {
  static const Pages pages;
  return pages[code_point];
}

std::string_view unicode_version() {
  return kUnicodeVersion;
}

}  // namespace chord::text
