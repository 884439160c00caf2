#include "abi/platform.h"

#include <chrono>

#include "cpu/native_data_plane.h"

namespace chord::abi {

Result<std::unique_ptr<cpu::DataPlane>> open_data_plane(std::string_view kernels, uint32_t threads) {
  return cpu::open_native_data_plane(kernels, threads);
}

double now() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace chord::abi
