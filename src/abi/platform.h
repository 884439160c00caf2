// What the planes stand on: this program's own memory and clock (native/), or the wasm host (wasm/).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "cpu/data_plane.h"

namespace chord::abi {

// kernels: a variant's name, or "" for the best. threads: 0 for the number that suits the machine; the wasm
// host has decided on it before.
Result<std::unique_ptr<cpu::DataPlane>> open_data_plane(std::string_view kernels, uint32_t threads);

// Milliseconds from any origin.
double now();

}  // namespace chord::abi
