// Stop strings in a text that arrives in pieces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chord::text {

// Holds back text that may be the beginning of a stop string, and ends the text before the stop string that
// is complete first; of those that end at the same place the longest counts. The result does not depend on
// how the text was cut into pieces.
class StopMatcher {
 public:
  // Empty strings are ignored. With none left, push() gives everything back at once.
  explicit StopMatcher(std::vector<std::string> stops);

  struct Output {
    std::string text;  // can be shown now
    bool stopped;      // a stop string was found; nothing follows
  };
  Output push(std::string_view text);

  // The end of the text: what was held back. Empty after a stop.
  std::string finish();

  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;  // a proper beginning of some stop string, or empty
  bool stopped_ = false;
};

}  // namespace chord::text
