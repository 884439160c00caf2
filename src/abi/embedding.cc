// chord_embed, chord_get_embedding.
#include <algorithm>
#include <numeric>
#include <span>

#include "abi/handles.h"
#include "abi/last_error.h"

using namespace chord;
using namespace chord::abi;

static_assert(static_cast<int>(model::Pooling::last) == CHORD_POOLING_LAST);

extern "C" {

chord_code chord_embed(chord_session* session, const int32_t* tokens, const uint32_t* lengths, size_t count,
                       const chord_embedding_options* options) {
  if (const auto valid = check(session); !valid) return report(valid);
  const chord_embedding_options from = options != nullptr ? *options : chord_embedding_options{};
  if (from.pooling > CHORD_POOLING_LAST) {
    return report({ErrorCode::invalid_argument,
                   concat("pooling is ", from.pooling, "; it must be one of chord_pooling, 0 to 3")});
  }
  const std::span all(lengths, count);
  const size_t total = std::reduce(all.begin(), all.end(), size_t{0});
  return report(session->session.embed(
      {tokens, total}, all, {.pooling = static_cast<model::Pooling>(from.pooling), .raw = from.raw != 0}));
}

chord_code chord_get_embedding(const chord_session* session, size_t text, float* embedding) {
  if (const auto valid = check(session); !valid) return report(valid);
  const auto found = session->session.embedding(text);
  if (!found) return report(found);
  std::ranges::copy(*found, embedding);
  return CHORD_OK;
}

}  // extern "C"
