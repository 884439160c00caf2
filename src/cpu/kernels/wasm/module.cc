// A module kernels-<variant>[-threads].wasm: it imports its memory, and exports __heap_base and these
// functions. With threads, each has an instance over the one memory, and a stack of its own there, which the
// host gives it.
#include "cpu/kernels/waiting.h"
#include "cpu/kernels/wasm/relaxed.h"
#include "cpu/kernels/wasm/simd128.h"

namespace variant = chord::cpu::kernels::CHORD_VARIANT;
using chord::cpu::kernels::Address;
using chord::cpu::kernels::Team;

#if defined(__wasm_atomics__)
namespace {

// In the memory that the instances share.
constinit Team team;

Address team_address() {
  return reinterpret_cast<uintptr_t>(&team);
}

}  // namespace

extern "C" {

// How many threads may take part, this one included; whether this one may sleep. Not while a list runs.
[[clang::export_name("set_team")]] void chord_kernels_set_team(uint32_t thread_count,
                                                               uint32_t first_may_sleep) {
  team.thread_count = thread_count;
  team.first_may_sleep = first_may_sleep;
}

// What a worker's thread does until the team ends.
[[clang::export_name("work")]] void chord_kernels_work() {
  variant::work(team_address());
}

// A worker is no more: what runs, and all that follows, is lost.
[[clang::export_name("lose")]] void chord_kernels_lose() {
  store(team.state, chord::cpu::kernels::TeamState::lost);
}

}  // extern "C"
#else
namespace {

Address team_address() {
  return 0;
}

}  // namespace
#endif

extern "C" [[clang::export_name("run")]] uint32_t chord_kernels_run(uint64_t step, uint64_t commands,
                                                                    uint32_t begin, uint32_t end) {
  return static_cast<uint32_t>(variant::run(team_address(), step, commands, begin, end));
}
