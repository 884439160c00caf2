#pragma once

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels::neon {

// kernels::Run and kernels::Work
Outcome run(Address team, Address step, Address commands, uint32_t begin, uint32_t end);
void work(Address team);

bool supported();

}  // namespace chord::cpu::kernels::neon
