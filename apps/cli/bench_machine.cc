#include "bench_machine.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

#ifndef __wasi__
#include <sys/resource.h>

#include <thread>
#include <vector>
#endif

namespace chord::cli {
namespace {

// 64 bytes, a line of the cache: in as many registers as the target needs.
using Line = uint64_t __attribute__((ext_vector_type(8)));

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// Four sums, so that additions do not wait for each other.
[[maybe_unused]] uint64_t sum(const Line* lines, size_t count) {
  Line sums[4] = {};
  for (size_t i = 0; i + 4 <= count; i += 4) {
    for (size_t lane = 0; lane < 4; ++lane) sums[lane] += lines[i + lane];
  }
  return __builtin_reduce_add(sums[0] + sums[1] + sums[2] + sums[3]);
}

}  // namespace

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

std::optional<uint64_t> peak_memory() {
#ifdef __wasi__
  return std::nullopt;
#else
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
#ifdef __APPLE__
  constexpr uint64_t kUnit = 1;
#else
  constexpr uint64_t kUnit = 1024;
#endif
  return static_cast<uint64_t>(usage.ru_maxrss) * kUnit;
#endif
}

#ifdef __wasi__
std::optional<double> measure_bandwidth(uint32_t) {
  return std::nullopt;
}
#else
std::optional<double> measure_bandwidth(uint32_t threads) {
  constexpr size_t kBytes = size_t{256} << 20;
  constexpr int kPasses = 8;
  const std::unique_ptr<void, Free> memory(std::aligned_alloc(alignof(Line), kBytes));
  if (!memory) return std::nullopt;
  auto* lines = static_cast<Line*>(memory.get());
  // Written, because pages that never were are all one page of zeros.
  for (size_t i = 0; i < kBytes / sizeof(Line); ++i) lines[i] = Line(i);

  const size_t part = kBytes / sizeof(Line) / threads;
  const auto read_part = [lines, part](uint32_t thread) {
    // Volatile, or the sum would be left out.
    [[maybe_unused]] const volatile uint64_t read = sum(lines + thread * part, part);
  };
  double best_ms = 1e300;
  for (int pass = 0; pass < kPasses; ++pass) {
    const double started = now_ms();
    std::vector<std::thread> others;
    for (uint32_t thread = 1; thread < threads; ++thread) others.emplace_back(read_part, thread);
    read_part(0);
    for (std::thread& other : others) other.join();
    best_ms = std::min(best_ms, now_ms() - started);
  }
  return static_cast<double>(part * threads * sizeof(Line)) * 1000 / best_ms;
}
#endif

}  // namespace chord::cli
