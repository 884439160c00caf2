#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "cpu/data_plane.h"

namespace chord::cpu {

// This program's own memory and the kernel variants linked into it: natively and under WASI.
// `kernels` forces a variant by name; empty: the best that the processor supports. invalid_argument lists the
// names there are.
Result<std::unique_ptr<DataPlane>> open_native_data_plane(std::string_view kernels = {});

}  // namespace chord::cpu
