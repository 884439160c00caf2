// What the reader accepts at most, and what each limit stops. All are far above what published models need:
// the largest headers (vocabularies of 260 000 tokens with their merges) are about 20 MB.
#pragma once

#include <cstdint>

namespace chord::gguf {

// A source that never ends, or a declared size that would have the whole file held as metadata.
inline constexpr uint64_t kMaxHeaderBytes = 128 << 20;

// Sums of offsets and sizes that wrap around: two values below this cannot. It is also the largest integer
// up to which JavaScript's numbers, in which hosts address a file, are exact.
inline constexpr uint64_t kMaxFileBytes = uint64_t{1} << 53;

// Memory out of proportion to the file: an entry is 14 bytes there at least, and about 110 here.
inline constexpr uint64_t kMaxEntries = 1 << 16;

// The same for tensors; every later pass over them (names, ranges, placement) is bounded too.
inline constexpr uint64_t kMaxTensors = 1 << 17;

// Files that a host would have to open one after the other; the largest published models have about 200.
inline constexpr uint64_t kMaxSplitFiles = 1024;

// The specification's 2^16 - 1; keys are compared and quoted in messages.
inline constexpr uint64_t kMaxKeyBytes = 65535;

// The specification's 64; llama.cpp holds names in a buffer of that size.
inline constexpr uint64_t kMaxTensorNameBytes = 64;

// The specification's 4: an unchecked count would index past TensorInfo::dims.
inline constexpr uint32_t kMaxDimensions = 4;

// Stack overflow: arrays within arrays are copied, written and destroyed recursively.
inline constexpr uint32_t kMaxArrayDepth = 8;

// Memory out of proportion again: an empty array within an array is 12 bytes in the file, and 80 here.
inline constexpr uint64_t kMaxNestedArrays = 1 << 16;

// Padding without end in a file that is written again with the alignment that was read.
inline constexpr uint64_t kMaxAlignment = 16 << 20;
inline constexpr uint32_t kDefaultAlignment = 32;

}  // namespace chord::gguf
