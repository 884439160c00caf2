#include "abi/gpu.h"

namespace chord::abi {
namespace {

std::unexpected<Error> refused() {
  return fail(ErrorCode::invalid_argument, "this build of chord runs on the CPU only");
}

}  // namespace

Result<std::unique_ptr<plan::Device>> make_gpu_device(const plan::Plan& /*plan*/) {
  return refused();
}

Result<chord_memory> estimate_gpu(const plan::Plan& /*plan*/, const plan::ExecutorOptions& /*options*/) {
  return refused();
}

}  // namespace chord::abi
