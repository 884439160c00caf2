#include "cpu/native_team.h"

#if defined(__wasm__)

namespace chord::cpu {

struct NativeTeam::Workers {};

uint32_t default_thread_count() {
  return 1;
}

NativeTeam::NativeTeam(kernels::Work /*work*/, uint32_t /*thread_count*/) {}
NativeTeam::~NativeTeam() = default;

}  // namespace chord::cpu

#else

#include <pthread.h>
#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "cpu/kernels/waiting.h"

namespace chord::cpu {
namespace {

// Where the threads of all teams sleep. Never destroyed: a program may end while some of them do.
struct Beds {
  std::mutex mutex;
  std::condition_variable woken;
};

Beds& beds() {
  static Beds& only = *new Beds;
  return only;
}

bool park(uint32_t* word, uint32_t value, uint64_t nanoseconds) {
  std::unique_lock lock(beds().mutex);
  if (kernels::load(*word) != value) return false;
  return beds().woken.wait_for(lock, std::chrono::nanoseconds(nanoseconds)) == std::cv_status::timeout;
}

void wake(uint32_t* /*word*/) {
  // The lock is for those who have looked at the word and do not sleep yet.
  const std::lock_guard lock(beds().mutex);
  beds().woken.notify_all();
}

constexpr kernels::Parking kParking = {.park = park, .wake = wake};

#if defined(__linux__)
// Processors that share a core have the same text here.
std::string core_of(int processor) {
  std::ifstream file(concat("/sys/devices/system/cpu/cpu", processor, "/topology/thread_siblings_list"));
  std::string siblings;
  std::getline(file, siblings);
  return siblings.empty() ? concat("processor ", processor) : siblings;
}
#endif

uint32_t physical_cores() {
#if defined(__linux__)
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    std::set<std::string> cores;
    for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
      if (CPU_ISSET(processor, &allowed)) cores.insert(core_of(processor));
    }
    return static_cast<uint32_t>(cores.size());
  }
#endif
  return std::thread::hardware_concurrency();
}

}  // namespace

// pthread_create and not std::thread, which ends the program where the system refuses a thread.
struct NativeTeam::Workers {
  kernels::Work work;
  kernels::Team& team;
  std::vector<pthread_t> threads;

  static void* run(void* self) {
    const auto* workers = static_cast<const Workers*>(self);
    workers->work(reinterpret_cast<uintptr_t>(&workers->team));
    return nullptr;
  }
};

uint32_t default_thread_count() {
  return std::clamp(physical_cores(), 1U, kernels::kMaxThreads);
}

NativeTeam::NativeTeam(kernels::Work work, uint32_t thread_count)
    : workers_(new Workers{.work = work, .team = team_, .threads = {}}) {
  team_.parking = &kParking;
  if (work == nullptr) return;
  while (team_.thread_count < std::min(thread_count, kernels::kMaxThreads)) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, Workers::run, workers_.get()) != 0) return;
    workers_->threads.push_back(thread);
    ++team_.thread_count;
  }
}

NativeTeam::~NativeTeam() {
  kernels::end_team(team_);
  for (const pthread_t thread : workers_->threads) pthread_join(thread, nullptr);
}

}  // namespace chord::cpu

#endif
