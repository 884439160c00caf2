#include "abi/gpu.h"

namespace chord::abi {

Result<std::unique_ptr<plan::Device>> make_gpu_device(const plan::Plan& /*plan*/) {
  return fail(ErrorCode::invalid_argument, "this build of chord runs on the CPU only");
}

}  // namespace chord::abi
