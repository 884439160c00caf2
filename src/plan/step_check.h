// Whether a step's parameters are within what the plan and the session allow.
#pragma once

#include "base/error.h"
#include "plan/device.h"
#include "plan/plan.h"

namespace chord::plan {

// invalid_argument, or context_overflow for positions past the context.
Result<void> check_step(const Plan& plan, const ExecutorOptions& options, const Step& step);

}  // namespace chord::plan
