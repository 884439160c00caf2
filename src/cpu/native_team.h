#pragma once

#include <cstdint>
#include <memory>

#include "cpu/kernels/team.h"

namespace chord::cpu {

// One thread for each physical core that this process may use.
uint32_t default_thread_count();

// A team whose workers are threads of this program. Under WASI there are none.
class NativeTeam {
 public:
  // Takes fewer threads than asked for where the system refuses them.
  NativeTeam(kernels::Work work, uint32_t thread_count);
  NativeTeam(const NativeTeam&) = delete;
  NativeTeam& operator=(const NativeTeam&) = delete;
  // Waits for the workers to return. No job may be running.
  ~NativeTeam();

  kernels::Team& team() { return team_; }
  const kernels::Team& team() const { return team_; }

 private:
  struct Workers;

  kernels::Team team_;
  std::unique_ptr<Workers> workers_;
};

}  // namespace chord::cpu
