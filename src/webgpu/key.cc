#include "webgpu/key.h"

#include <bit>

#include "base/error.h"

namespace chord::webgpu {

Key& Key::file(std::string_view name) {
  text_ += ' ';
  text_ += name;
  return *this;
}

Key& Key::with(std::string_view name, uint64_t value) {
  text_ += concat(" ", name, "=", value, "u");
  return *this;
}

Key& Key::with_float(std::string_view name, float value) {
  text_ += concat(" ", name, "=bitcast<f32>(", std::bit_cast<uint32_t>(value), "u)");
  return *this;
}

Key& Key::with_bool(std::string_view name, bool value) {
  text_ += concat(" ", name, value ? "=true" : "=false");
  return *this;
}

Bindings::Bindings(std::initializer_list<GpuBinding> list) {
  for (const GpuBinding& binding : list) add(binding);
}

void Bindings::add(GpuBinding binding) {
  list_[count_++] = binding;
}

GpuBinding bind(uint32_t binding, const Buffer& buffer) {
  return {binding, buffer.id(), 0, buffer.bytes()};
}

Key step_key(const StepLayout& layout, std::string_view files) {
  Key key(files);
  key.file("step").with("TOKENS_AT", layout.tokens).with("OUTPUTS_AT", layout.outputs);
  return key.with("SAMPLING_AT", layout.sampling).with("DRAW_AT", layout.draw);
}

void add_turn(const plan::RopeSettings& settings, Key& key) {
  key.file("multiply_high")
      .file("turn")
      .with("PAIRS", settings.frequencies.size())
      .with_float("MAGNITUDE", settings.magnitude);
  key.with_bool("HALVES", settings.order == plan::RopeOrder::halves);
}

}  // namespace chord::webgpu
