// What the control module of the WebGPU build imports beside src/abi/wasm/host.h: buffers, pipelines and bind
// groups by number, tables of dispatches to submit, and read-back. The host (web/src/gpu/) decides nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace chord::webgpu {

#ifdef __wasm__
#define CHORD_IMPORT(name) __attribute__((import_module("chord"), import_name(name)))
#else
#define CHORD_IMPORT(name)  // a test supplies them
#endif

// What the device grants.
struct GpuLimits {
  uint64_t max_binding_bytes;
  uint64_t max_buffer_bytes;
  uint32_t shared_bytes;  // of a workgroup
  uint32_t software;      // 1: an adapter that computes on the CPU
  uint32_t dot8;          // 1: there are subgroups, and dot products of packed bytes
  uint32_t matrices;      // 1: subgroups of 32 multiply matrices of f16, 16 × 16 × 16, and sum in f32
};

// One entry of a bind group; size 0: none.
struct GpuBinding {
  uint32_t binding;
  uint32_t buffer;
  uint64_t offset;
  uint64_t size;
};

struct GpuDispatch {
  uint32_t pipeline;
  uint32_t group;
  uint32_t x;
  uint32_t y;
  uint32_t z;
};

// Bytes [offset, offset + length) of a buffer, to be read back after a submit.
struct GpuRead {
  uint32_t buffer;
  uint32_t reserved;
  uint64_t offset;
  uint64_t length;  // of 4 bytes
};

extern "C" {

CHORD_IMPORT("gpu_limits") void host_gpu_limits(GpuLimits* limits);

// A buffer for storage and uniforms, cleared. Memory that is refused shows at the next gpu_poll.
CHORD_IMPORT("gpu_buffer") uint32_t host_gpu_buffer(uint64_t size);
CHORD_IMPORT("gpu_release") void host_gpu_release(uint32_t buffer);
// Offset and length are multiples of 4.
CHORD_IMPORT("gpu_write")
void host_gpu_write(uint32_t buffer, uint64_t offset, const void* source, size_t length);

// The pipeline of a key: names of shader files, whose texts are joined, and constants NAME=VALUE. Compiled
// once for each key, while everything else goes on.
CHORD_IMPORT("gpu_pipeline") uint32_t host_gpu_pipeline(const char* key, size_t length);

CHORD_IMPORT("gpu_group")
uint32_t host_gpu_group(uint32_t pipeline, const GpuBinding* bindings, size_t count);
CHORD_IMPORT("gpu_release_group") void host_gpu_release_group(uint32_t group);

// Runs the dispatches in order, `repeats` times, then reads back, at once or, while pipelines are compiled,
// later. Submits run in their order. Returns the number of this one.
CHORD_IMPORT("gpu_submit")
uint32_t host_gpu_submit(const GpuDispatch* dispatches, size_t count, uint32_t repeats, const GpuRead* reads,
                         size_t read_count);
// 0: the submit is not done yet; otherwise what was asked for is at `destination`, one part behind the other,
// the number is forgotten, and the GPU worked so many milliseconds less one on it. A device that is lost, out
// of memory or out of order ends the instance with an error of the host's.
CHORD_IMPORT("gpu_poll") int32_t host_gpu_poll(uint32_t submit, void* destination);
// Forgets a submit: its results go nowhere.
CHORD_IMPORT("gpu_drop") void host_gpu_drop(uint32_t submit);
}

}  // namespace chord::webgpu
