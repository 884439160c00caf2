// What the kernels' keys and bind groups (host.h) are made of. Out of line, because there are many of them.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "plan/device.h"
#include "plan/plan.h"
#include "webgpu/buffer.h"
#include "webgpu/format.h"
#include "webgpu/step_data.h"
#include "webgpu/weights.h"

namespace chord::webgpu {

class Key {
 public:
  explicit Key(std::string_view files) : text_(files) {}
  Key& file(std::string_view name);
  Key& with(std::string_view name, uint64_t value);
  Key& with_float(std::string_view name, float value);
  Key& with_bool(std::string_view name, bool value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// At most as many as a kernel may have.
class Bindings {
 public:
  Bindings() = default;
  Bindings(std::initializer_list<GpuBinding> list);
  void add(GpuBinding binding);
  operator std::span<const GpuBinding>() const { return std::span(list_).first(count_); }

 private:
  std::array<GpuBinding, 12> list_{};
  size_t count_ = 0;
};

// Of a kernel that calls decode().
Key decode_key(const Format& format);

// Of the kernel that takes rows of a part of a table, times a factor.
Key embed_key(const StepLayout& layout, const Format& format, const Part& part, uint32_t columns,
              plan::EmbedBy by, float factor = 1);

// The planes of a part of a matrix, as the files of its type declare them.
void add_planes(const Weights& weights, const Format& format, const Part& part, Bindings& bindings);

// The whole of a buffer.
GpuBinding bind(uint32_t binding, const Buffer& buffer);

// Of a kernel that reads the step's parameters.
Key step_key(const StepLayout& layout, std::string_view files);
Key step_key(const StepLayout& layout, Key key);

// The file with activation().
std::string_view activation_file(plan::ActivationKind kind);

// The rotation of a rope's heads.
void add_turn(const plan::RopeSettings& settings, Key& key);

// How keys and values are packed.
inline std::string_view kv_files(const plan::ExecutorOptions& options) {
  if (options.kv_type == plan::KvType::q8_0) return "bytes kv_q8";
  return options.kv_type == plan::KvType::f16 ? "kv_f16 kv_four" : "kv_f32 kv_four";
}

}  // namespace chord::webgpu
