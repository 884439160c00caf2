#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

// The list stays sorted. Indices are those of columns whatever x holds, NaN too.
void find_largest(const float* x, uint32_t columns, uint32_t count, int32_t* list) {
  for (uint32_t i = 0; i < columns; ++i) {
    uint32_t place = i < count ? i : count;
    for (; place != 0 && x[i] > x[list[place - 1]]; --place) {
      if (place != count) list[place] = list[place - 1];
    }
    if (place != count) list[place] = static_cast<int32_t>(i);
  }
}

}  // namespace

void Ops::top_k(const Step& step, const TopK& op, const Share& share) {
  share.each(row_count(step, op.rows), parts_of(op.columns), [&](uint32_t begin, uint32_t end) {
    for (uint64_t r = begin; r < end; ++r) {
      find_largest(at<const float>(op.x) + r * op.columns, op.columns, op.count,
                   at<int32_t>(op.out) + r * op.count);
    }
  });
}

}  // namespace chord::cpu::kernels::scalar
