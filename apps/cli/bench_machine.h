// What the machine gives, to set speeds against.
#pragma once

#include <cstdint>
#include <optional>

namespace chord::cli {

// Milliseconds from some fixed moment.
double now_ms();

// The most memory that this process has had in use so far, in bytes; nothing under WASI, which does not tell.
std::optional<uint64_t> peak_memory();

// Bytes a second that so many threads together read from memory, the best of several passes over 256 MB: far
// more than caches hold. Nothing if there is no such memory, and under WASI: Node 20.20 crashes when the pass
// over it has run there.
std::optional<double> measure_bandwidth(uint32_t threads);

}  // namespace chord::cli
