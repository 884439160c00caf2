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

Key decode_key(const Format& format) {
  Key key(format.shaders);
  return format.dot8.empty() ? key : key.file("planes bytes decode");
}

Key embed_key(const StepLayout& layout, const Format& format, const Part& part, uint32_t columns,
              plan::EmbedBy by, float factor) {
  Key key = step_key(layout, decode_key(format));
  key.file("embed").with("COLUMNS", columns).with("ROWS", part.row_count).with("FIRST_ROW", part.first_row);
  return key.with_bool("BY_POSITION", by == plan::EmbedBy::position).with_float("FACTOR", factor);
}

void add_planes(const Weights& weights, const Format& format, const Part& part, Bindings& bindings) {
  bindings.add(weights.main(0, part));
  if (format.dot8.empty()) return;
  bindings.add(part.rest_bytes != 0 ? weights.rest(1, part) : weights.main(1, part));
}

Key step_key(const StepLayout& layout, std::string_view files) {
  return step_key(layout, Key(files));
}

Key step_key(const StepLayout& layout, Key key) {
  key.file("step").with("TOKENS_AT", layout.tokens).with("TEXTS_AT", layout.texts);
  key.with("OUTPUTS_AT", layout.outputs).with("SAMPLING_AT", layout.sampling);
  return key.with("DRAW_AT", layout.draw);
}

std::string_view activation_file(plan::ActivationKind kind) {
  constexpr std::string_view kFiles[] = {"silu", "gelu", "sigmoid"};
  return kFiles[static_cast<size_t>(kind)];
}

void add_turn(const plan::RopeSettings& settings, Key& key) {
  key.file("multiply_high")
      .file("turn")
      .with("PAIRS", settings.frequencies.size())
      .with_float("MAGNITUDE", settings.magnitude);
  key.with_bool("HALVES", settings.order == plan::RopeOrder::halves);
}

}  // namespace chord::webgpu
