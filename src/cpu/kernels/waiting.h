// How a thread of a team waits: it spins for some microseconds, about as long as a wake-up takes, then
// sleeps.
#pragma once

#include <stdint.h>

#include "cpu/kernels/team.h"

namespace chord::cpu::kernels {

// A module without atomics has no other thread.
#if defined(__wasm__) && !defined(__wasm_atomics__)
inline constexpr bool kHasThreads = false;
#else
inline constexpr bool kHasThreads = true;
#endif

template <class T>
static inline T load(const T& word) {
  T value;
  __atomic_load(&word, &value, __ATOMIC_SEQ_CST);
  return value;
}

template <class T>
static inline void store(T& word, T value) {
  __atomic_store(&word, &value, __ATOMIC_SEQ_CST);
}

static inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __builtin_arm_yield();
#endif
}

// Whether the time was up.
static inline bool park([[maybe_unused]] const Team& team, [[maybe_unused]] uint32_t& word,
                        [[maybe_unused]] uint32_t value, [[maybe_unused]] uint64_t nanoseconds) {
#if defined(__wasm_atomics__)
  return __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(&word), static_cast<int>(value),
                                             static_cast<int64_t>(nanoseconds)) == 2;
#elif defined(__wasm__)
  return true;
#else
  return team.parking->park(&word, value, nanoseconds);
#endif
}

static inline void wake([[maybe_unused]] const Team& team, [[maybe_unused]] uint32_t& word,
                        const uint32_t& sleepers) {
  if (load(sleepers) == 0) return;
#if defined(__wasm_atomics__)
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(&word), UINT32_MAX);
#elif !defined(__wasm__)
  team.parking->wake(&word);
#endif
}

// In rounds of some 10 µs.
#if defined(__wasm__)
inline constexpr uint32_t kSpinsOfRound = 8000;
#else
inline constexpr uint32_t kSpinsOfRound = 400;
#endif

// What a thread's patience is counted in.
inline constexpr uint64_t kSleepNanoseconds = 100'000'000;
inline constexpr uint64_t kRoundsOfSleep = 5000;

struct Waiter {
  bool first;           // the first thread, which decides that a worker is lost
  uint32_t rounds = 1;  // of spinning before it sleeps
};

template <class Ready>
static inline bool spin(uint32_t rounds, Ready&& ready) {
  for (uint32_t i = 0; i < rounds * kSpinsOfRound; ++i) {
    if (ready()) return true;
    pause();
  }
  return false;
}

// Waits until ready(), which follows from a change of `word`. False if the team stops working before.
template <class Ready>
static inline bool wait(Team& team, uint32_t& word, uint32_t& sleepers, Waiter waiter, Ready&& ready) {
  const bool first = waiter.first;
  const bool may_sleep = !first || team.first_may_sleep != 0;
  const uint64_t patience = team.patience * (may_sleep ? 1 : kRoundsOfSleep);
  uint64_t idle = 0;
  uint32_t progress = 0;
  while (!spin(waiter.rounds, ready)) {
    if (load(team.state) != TeamState::working) return false;
    bool nothing = true;
    if (may_sleep) {
      __atomic_fetch_add(&sleepers, 1, __ATOMIC_SEQ_CST);
      const uint32_t value = load(word);
      if (!ready()) nothing = park(team, word, value, kSleepNanoseconds);
      __atomic_fetch_sub(&sleepers, 1, __ATOMIC_SEQ_CST);
    }
    const uint32_t progress_now = load(team.taken) + load(team.done);
    idle = nothing && progress_now == progress ? idle + 1 : 0;
    progress = progress_now;
    if (first && idle >= patience) {
      store(team.state, TeamState::lost);
      return false;
    }
  }
  return true;
}

// The gate of a team: see team.h.

inline constexpr uint32_t kGateOpen = 1U << 8;
inline constexpr uint32_t kGateWorkers = kGateOpen - 1;
inline constexpr uint32_t kGateNumberShift = 9;

// Begins a job, whose parameters are in place.
static inline void open_gate(Team& team) {
  store(team.taken, 0U);
  store(team.done, 0U);
  const uint32_t number = (load(team.gate) >> kGateNumberShift) + 1;
  store(team.gate, number << kGateNumberShift | kGateOpen);
  wake(team, team.gate, team.gate_sleepers);
}

// Ends it when the workers have left. False if the team was lost.
static inline bool close_gate(Team& team) {
  __atomic_fetch_and(&team.gate, ~kGateOpen, __ATOMIC_SEQ_CST);
  return wait(team, team.gate, team.gate_sleepers, {.first = true},
              [&] { return (load(team.gate) & kGateWorkers) == 0; });
}

// Waits for a job other than the last one, and joins it. False if the team stops working.
static inline bool pass_gate(Team& team, uint32_t& last_job) {
  constexpr uint32_t kRoundsBetweenTokens = 16;
  uint32_t gate = 0;
  const auto open = [&] {
    gate = load(team.gate);
    return (gate & kGateOpen) != 0 && gate >> kGateNumberShift != last_job;
  };
  do {
    if (!wait(team, team.gate, team.gate_sleepers, {.first = false, .rounds = kRoundsBetweenTokens}, open)) {
      return false;
    }
  } while (
      !__atomic_compare_exchange_n(&team.gate, &gate, gate + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  last_job = gate >> kGateNumberShift;
  return true;
}

// Makes the workers return, between two jobs.
static inline void end_team(Team& team) {
  store(team.state, TeamState::ended);
  // Another value, for those who are about to sleep.
  __atomic_fetch_add(&team.gate, 1U << kGateNumberShift, __ATOMIC_SEQ_CST);
  wake(team, team.gate, team.gate_sleepers);
}

static inline void leave(Team& team) {
  const uint32_t gate = __atomic_sub_fetch(&team.gate, 1, __ATOMIC_SEQ_CST);
  if ((gate & (kGateOpen | kGateWorkers)) == 0) wake(team, team.gate, team.gate_sleepers);
}

}  // namespace chord::cpu::kernels
