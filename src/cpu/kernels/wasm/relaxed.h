#pragma once

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels::relaxed {

// kernels::Run
void run(Address step, Address commands, uint32_t begin, uint32_t end);

}  // namespace chord::cpu::kernels::relaxed
