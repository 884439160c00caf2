#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "cpu/data_plane.h"

namespace chord::cpu {

// This program's own memory and the kernel variants linked into it: natively and under WASI.
// `kernels` forces a variant by name; empty: the best that the processor supports. invalid_argument lists the
// names there are. `threads`: at most so many, where the variant uses several; 0: one for each physical core.
Result<std::unique_ptr<DataPlane>> open_native_data_plane(std::string_view kernels = {},
                                                          uint32_t threads = 1);

}  // namespace chord::cpu
