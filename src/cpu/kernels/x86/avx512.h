#pragma once

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels::avx512 {

// kernels::Run
void run(Address step, Address commands, uint32_t begin, uint32_t end);

bool supported();

}  // namespace chord::cpu::kernels::avx512
