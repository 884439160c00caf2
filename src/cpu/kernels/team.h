// The threads of one data plane, as far as its memory knows them. The first thread, which the control plane
// calls, opens a job for every run of a list; workers that are awake join it, and those that are not are not
// waited for, since all work is handed out while it is done (share.h).
#pragma once

#include <stdint.h>

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels {

// How a native thread sleeps; wasm has instructions for it.
struct Parking {
  // Sleeps if the word still has the value, until wake() or for the time. Whether the time was up.
  bool (*park)(uint32_t* word, uint32_t value, uint64_t nanoseconds);
  void (*wake)(uint32_t* word);
};

enum class TeamState : uint32_t {
  working,
  ended,  // workers return
  lost,   // a worker stopped making progress, or is no more
};

struct Team {
  // Bits 9 to 31: a job's number. Bit 8: it may be joined. Bits 0 to 7: the workers in it.
  alignas(64) uint32_t gate = 0;
  uint32_t gate_sleepers = 0;
  TeamState state = TeamState::working;
  uint32_t thread_count = 1;  // at most kMaxThreads
  // 0: the first thread must not sleep, being a page's main thread.
  uint32_t first_may_sleep = 1;
  // How many tenths of a second nothing may happen before a worker counts as lost; about, where the first
  // thread must not sleep, since there is no clock here.
  uint32_t patience = 100;
  const Parking* parking = nullptr;

  // The job.
  Address step = 0;
  Address commands = 0;
  uint32_t begin = 0;
  uint32_t end = 0;

  // How many pieces of the job were taken, and how many are done, counted through all its commands.
  alignas(64) uint32_t taken = 0;
  alignas(64) uint32_t done = 0;
  uint32_t done_sleepers = 0;
};

inline constexpr uint32_t kMaxThreads = 128;

}  // namespace chord::cpu::kernels
