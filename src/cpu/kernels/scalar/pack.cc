#include <stddef.h>

#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::pack(const Step& /*step*/, const Pack& op, const Share& share) {
  const auto type = static_cast<Type>(op.type);
  const uint64_t row = row_bytes(type, op.columns);
  share.each(op.rows, panel_rows(type), [&](uint32_t begin, uint32_t end) {
    const auto bytes = static_cast<size_t>((end - begin) * row);
    const auto filled = static_cast<size_t>(packed_bytes(type, op.columns, end - begin));
    auto* out = at<uint8_t>(op.out + begin * row);
    __builtin_memcpy(out, at<const uint8_t>(op.source + begin * row), bytes);
    __builtin_memset(out + bytes, 0, filled - bytes);
  });
}

}  // namespace chord::cpu::kernels::scalar
